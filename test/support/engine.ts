import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandResult, runCommand } from '../../src/engine/command.ts';
import { findCommand } from '../../tools/system-packages.ts';
import { lacking } from './need.ts';

/** Why a test with a real Docker engine has to be skipped here; false where it can run. */
export const lackingDocker: string | false = lacking({
  commands: ['dockerd', 'docker', 'containerd', 'runc'],
  root: true,
});

export interface DockerRunOptions {
  readonly image: string;
  readonly args?: readonly string[];
  readonly entrypoint?: string;
  readonly readOnly?: boolean;
  readonly user?: string;
  /** Drop every capability and forbid new privileges. */
  readonly capDrop?: boolean;
  /** Undefined: none. `container:NAME`: that container's, so that a client reaches a server that has no network. */
  readonly network?: 'none' | 'host' | `container:${string}`;
  /** Mount options may follow a colon: `/run:uid=65532`. */
  readonly tmpfs?: readonly string[];
  /** `SOURCE:TARGET[:ro]` */
  readonly volumes?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** For an image that is not the machine's. */
  readonly platform?: string;
  /** Milliseconds; undefined: one minute. */
  readonly timeout?: number;
}

/** A Docker engine of this test's own: its own folders and socket, stopped by its own process id. */
export interface TestEngine {
  /** Absolute path of the client. */
  readonly client: string;
  /** Environment in which `docker` means this engine. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly docker: (args: readonly string[], options?: { readonly timeout?: number }) => Promise<CommandResult>;
  readonly dockerRun: (options: DockerRunOptions) => Promise<CommandResult>;
  /** Starts a container and leaves it running: a name for `docker exec`, `logs`, `rm -f`. */
  readonly dockerStart: (options: DockerRunOptions & { readonly name: string }) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const startMilliseconds = 60_000;
const minute = 60_000;

/** @param options.storageDriver `vfs` unpacks each layer on all that are below it; undefined: the engine's choice, which may be overlay2 */
export async function startEngine(options: { readonly storageDriver?: 'vfs' } = {}): Promise<TestEngine> {
  // A short path: a socket's has at most 107 bytes.
  const folder = await mkdtemp('/tmp/slim-dockerd-');
  const socket = `unix://${folder}/docker.sock`;
  const daemon = startDaemon(folder, socket, options.storageDriver);
  const client = need('docker');
  const env = { PATH: process.env['PATH'], HOME: folder, DOCKER_HOST: socket };
  const docker: TestEngine['docker'] = (args, options) =>
    runCommand(client, args, { env, timeout: options?.timeout ?? minute });
  const stop = async (): Promise<void> => {
    if (daemon.exitCode === null && daemon.signalCode === null) {
      const gone = once(daemon, 'exit');
      // It ends its containers and its containerd by itself.
      daemon.kill('SIGTERM');
      const timer = setTimeout(() => daemon.kill('SIGKILL'), 20_000);
      await gone;
      clearTimeout(timer);
    }
    // A container on the host's network leaves this mount, and nothing below it can be removed.
    await runCommand(need('umount'), [join(folder, 'exec-root/netns/default')], { env, timeout: minute });
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    await waitUntilItAnswers(daemon, docker, join(folder, 'log'));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    client,
    env,
    docker,
    dockerRun: (options) => docker(['run', '--rm', ...runArguments(options)], { timeout: options.timeout ?? minute }),
    dockerStart: async (options) => {
      const answer = await docker(['run', '--detach', '--name', options.name, ...runArguments(options)]);
      if (answer.status !== 0) throw new Error(`docker run ${options.image}: ${answer.stderr}`);
    },
    stop,
  };
}

/** No bridge and no firewall rules: both need what a machine without a service manager may not have. */
function startDaemon(folder: string, socket: string, storageDriver: string | undefined): ChildProcess {
  const places = ['data-root', 'exec-root'].map((name) => `--${name}=${join(folder, name)}`);
  const files = [`--pidfile=${join(folder, 'pid')}`, `--host=${socket}`];
  const storage = storageDriver === undefined ? [] : [`--storage-driver=${storageDriver}`];
  const network = ['--iptables=false', '--ip6tables=false', '--bridge=none'];
  const path = `${process.env['PATH']}:/usr/sbin:/sbin`;
  const daemon = spawn(need('dockerd'), [...network, ...storage, ...places, ...files], {
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(join(folder, 'log'));
  daemon.stdout.pipe(log, { end: false });
  daemon.stderr.pipe(log, { end: false });
  daemon.on('exit', () => log.end());
  // A test that dies must not leave its daemon behind.
  process.once('exit', () => daemon.kill('SIGTERM'));
  return daemon;
}

async function waitUntilItAnswers(daemon: ChildProcess, docker: TestEngine['docker'], log: string): Promise<void> {
  const deadline = Date.now() + startMilliseconds;
  while (Date.now() < deadline && daemon.exitCode === null) {
    const answer = await docker(['version', '--format', '{{.Server.Version}}']);
    if (answer.status === 0) return;
    await sleep(200);
  }
  const lines = (await readFile(log, 'utf8')).trim().split('\n').slice(-10);
  throw new Error(`dockerd did not start:\n${lines.join('\n')}`);
}

function runArguments(options: DockerRunOptions): readonly string[] {
  const { args = [], user, readOnly, capDrop, network = 'none', tmpfs = [], volumes = [], env = {} } = options;
  return [
    '--pull=never',
    `--network=${network}`,
    ...(readOnly ? ['--read-only'] : []),
    ...(capDrop ? ['--cap-drop=ALL', '--security-opt=no-new-privileges'] : []),
    ...(user === undefined ? [] : [`--user=${user}`]),
    ...(options.platform === undefined ? [] : [`--platform=${options.platform}`]),
    ...(options.entrypoint === undefined ? [] : [`--entrypoint=${options.entrypoint}`]),
    ...tmpfs.map((mount) => `--tmpfs=${mount}`),
    ...volumes.map((volume) => `--volume=${volume}`),
    ...Object.entries(env).map(([name, value]) => `--env=${name}=${value}`),
    options.image,
    ...args,
  ];
}

function need(command: string): string {
  const path = findCommand(command);
  if (path === undefined) throw new Error(`${command} is not installed`);
  return path;
}
