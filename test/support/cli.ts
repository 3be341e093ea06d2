import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unpackTar } from 'modern-tar';
import { sha256Hex } from '../../src/util/digest.ts';
import { assertLayerRules } from './layer-rules.ts';
import { projectRoot } from './source-code.ts';

/**
 * A user of the command line: a home, a folder to work in and a store of their own, and nothing of this machine's
 * environment.
 *
 *     await using user = await startUser();
 *     await user.write('slimimage.yaml', config);
 *     const built = await user.run(['build', '-o', 'tar:root.tar']);
 *     assert.deepEqual(await user.files('root.tar'), { 'usr/bin/hello': '0755 0:0 hello' });
 */
export interface TestUser extends AsyncDisposable {
  /** HOME and working folder; the store is in `store/`. */
  readonly folder: string;
  /** Starts slimimage in a process of its own. */
  start(argv: readonly string[], options?: UserRunOptions): Started;
  /** Runs slimimage in a process of its own. */
  run(argv: readonly string[], options?: UserRunOptions): Promise<Ended>;
  /** As `run`, and it has to go well. */
  succeed(argv: readonly string[], options?: UserRunOptions): Promise<Ended>;
  /** As `run` with `--format json`, and it has to be refused: with this code and status, and nothing else on stdout. */
  refused(expected: Refusal, argv: readonly string[], options?: UserRunOptions): Promise<RefusalJson>;
  /** Writes a file below `folder` and returns its absolute path. */
  write(name: string, content: string | Uint8Array, mode?: number): Promise<string>;
  /** What a tar of a root filesystem holds beside folders and dpkg's records; held to the contract of layers. */
  files(tar: string): Promise<Readonly<Record<string, string>>>;
  /** What the store holds: `blobs/...`, `contents/...`, `memo/...`, `partial/...`, `tags/...`, `tmp/...`. */
  stored(): Promise<readonly string[]>;
  /** Every file below `folder`, store and outputs, whose name or content has `text` in it. */
  mentions(text: string): Promise<readonly string[]>;
}

export interface UserRunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Command that runs the program, such as `['unshare', '-n']`. */
  readonly under?: readonly string[];
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  /** Null where a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Refusal {
  readonly code: string;
  readonly status: 2 | 3;
}

export interface RefusalJson {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** What was written, all together. */
  readonly output: string;
}

const program = join(projectRoot, 'src/cli/main.ts');

export async function startUser(): Promise<TestUser> {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-user-'));
  const store = join(folder, 'store');

  function start(argv: readonly string[], options: UserRunOptions = {}): Started {
    const [command = '', ...args] = [...(options.under ?? []), process.execPath, program, ...argv];
    const child = spawn(command, args, {
      cwd: folder,
      env: { HOME: folder, SLIMIMAGE_STORE: store, PATH: process.env['PATH'], ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const ended = once(child, 'close').then(([status, signal]) => ({ status, signal, stdout, stderr }));
    return { child, ended };
  }

  const run: TestUser['run'] = (argv, options) => start(argv, options).ended;

  async function allFiles(root: string): Promise<readonly string[]> {
    const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .sort();
  }

  return {
    folder,
    start,
    run,
    async succeed(argv, options) {
      const ended = await run(argv, options);
      assert.equal(ended.status, 0, `${ended.stderr}${ended.stdout}`);
      return ended;
    },
    async refused({ code, status }, argv, options) {
      const ended = await run([...argv, '--format', 'json'], options);
      const output = `${ended.stdout}${ended.stderr}`;
      assert.equal(ended.status, status, output);
      const { error } = JSON.parse(ended.stdout) as { error: RefusalJson };
      assert.equal(error.code, code, output);
      assert.ok(error.message.length > 0 && !/\n$|undefined|\[object/.test(error.message), error.message);
      return { ...error, output };
    },
    async write(name, content, mode = 0o644) {
      const file = join(folder, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content, { mode });
      return file;
    },
    files: async (tar) => readTree(await readFile(join(folder, tar))),
    async stored() {
      return (await allFiles(store)).filter((path) => /^(?:blobs|contents|memo|partial|tags|tmp)\//.test(path));
    },
    async mentions(text) {
      const found = [];
      for (const path of await allFiles(folder)) {
        if (path.includes(text) || (await readFile(join(folder, path))).includes(text)) found.push(path);
      }
      return found;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function readTree(tar: Uint8Array): Promise<Readonly<Record<string, string>>> {
  await assertLayerRules(tar);
  const tree: Record<string, string> = {};
  for (const { header, data = new Uint8Array() } of await unpackTar(tar)) {
    const { name, type = 'file', mode = 0, uid = 0, gid = 0, linkname = '' } = header;
    if (type === 'directory' || name.startsWith('var/lib/dpkg/')) continue;
    if (type === 'symlink') tree[name] = `-> ${linkname}`;
    else if (type === 'link') tree[name] = `= ${linkname}`;
    else tree[name] = `${mode.toString(8).padStart(4, '0')} ${uid}:${gid} ${shown(data)}`;
  }
  return tree;
}

/** Short text as it is, else the beginning of the sha256. */
function shown(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  return /^[\x20-\x7e\n]{0,60}$/.test(text) ? text.trimEnd() : sha256Hex(bytes).slice(0, 12);
}
