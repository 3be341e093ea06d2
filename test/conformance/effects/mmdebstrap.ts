import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface DebootstrapOptions {
  /** Lines of sources.list(5). */
  readonly sources: readonly string[];
  /** Folder for the root while it is made; a tmpfs makes it several times faster. */
  readonly work: string;
  readonly tar: string;
  /** Seconds since the epoch. */
  readonly created: number;
}

export interface Debootstrapped {
  /** `name=version` of everything installed, sorted. */
  readonly packages: readonly string[];
}

/**
 * Installs packages with mmdebstrap, as root, maintainer scripts and all: Essential and what was asked for.
 *
 * @throws Error with the end of its log where it fails
 */
export async function debootstrap(
  names: readonly string[],
  { sources, work, tar, created }: DebootstrapOptions,
): Promise<Debootstrapped> {
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const list = join(work, 'packages');
  const sourcesList = join(work, 'sources.list');
  await writeFile(sourcesList, `${sources.join('\n')}\n`);
  const args = [
    '--mode=root',
    '--variant=essential',
    `--include=${names.join(',')}`,
    '--architectures=amd64',
    '--format=tar',
    // What dpkg flushes to the disk is thrown away in a minute.
    '--dpkgopt=force-unsafe-io',
    '--customize-hook=rm "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap',
    `--customize-hook=chroot "$1" dpkg-query -W -f '\${Package}=\${Version}\\n' > ${list}`,
    'trixie',
    tar,
    sourcesList,
  ];
  const env = {
    PATH: process.env['PATH'],
    LC_ALL: 'C.UTF-8',
    TMPDIR: work,
    SOURCE_DATE_EPOCH: String(created),
    DEBIAN_FRONTEND: 'noninteractive',
  };
  try {
    const { status, log } = await run('nice', ['-n', '10', 'mmdebstrap', ...args], env);
    if (status !== 0) throw new Error(`mmdebstrap of ${names.join(' ')} ended with ${status}:\n${log}`);
    const packages = (await readFile(list, 'utf8')).split('\n').filter((line) => line !== '');
    return { packages: packages.sort() };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4000);
  });
  const status = await new Promise<number>((settle, fail) => {
    child.on('error', fail);
    child.on('close', (code) => settle(code ?? 1));
  });
  return { status, log };
}
