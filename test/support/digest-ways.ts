import { spawnSync } from 'node:child_process';
import { accessSync, constants, cpSync, existsSync, globSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Way } from './digest-table.ts';
import { lacking } from './need.ts';
import type { NodeLine } from './nodes.ts';
import { projectRoot } from './source-code.ts';

export interface WayOptions {
  readonly nodes: readonly NodeLine[];
  /** A folder of the caller's own, open to everybody. */
  readonly work: string;
  /** Until when the archive's Release files are good; undefined: for ever. */
  readonly validUntil: number | undefined;
}

/** Everything that may differ between two builds of the same inputs on one machine. */
export function localWays(options: WayOptions): readonly Way[] {
  return [
    { name: 'again, cold store', skip: false },
    ...storeWays(),
    ...folderWays(options),
    ...surroundingWays(options),
    ...coreWays(),
    ...options.nodes.map(({ version, path }) => ({ name: `Node ${version}`, skip: false, node: path }) as const),
    ...userWays(),
    ...fileWays(),
  ];
}

function storeWays(): readonly Way[] {
  return [
    { name: 'warm store', skip: false, store: 'built' },
    { name: 'warm contents, images forgotten', skip: false, store: 'contents' },
    { name: 'locked, the archive forgotten', skip: false, locked: true },
    { name: 'images built in the opposite order', skip: false, reversed: true },
    { name: 'store and files on tmpfs', skip: lackingTmpfs(), place: tmpfs },
  ];
}

function folderWays({ work }: WayOptions): readonly Way[] {
  const dist = join(projectRoot, 'dist/bin/main.js');
  return [
    { name: 'another folder', skip: false, folder: `an other folder, ${'with a long name '.repeat(8)}— ünusual` },
    { name: 'slimimage in another folder', skip: false, program: join(copyProgram(work), 'src/cli/main.ts') },
    { name: 'slimimage as it is published (dist/)', skip: lackingDist(dist), program: dist },
  ];
}

const hour = 3_600_000;

function surroundingWays({ validUntil = Date.now() + 50_000 * hour }: WayOptions): readonly Way[] {
  const clock = join(projectRoot, 'test/support/preload/shifted-clock.ts');
  // Later, an expired Release would be refused, as it should.
  const shift = Math.max(0, Math.round((validUntil - Date.now()) * 0.75));
  return [
    { name: 'time zone Pacific/Apia', skip: false, env: { TZ: 'Pacific/Apia' } },
    { name: 'time zone America/St_Johns', skip: false, env: { TZ: 'America/St_Johns' } },
    { name: 'locale C', skip: false, env: { LC_ALL: 'C', LANG: 'C' } },
    { name: 'locale tr_TR.UTF-8', skip: false, env: { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', LANGUAGE: 'tr' } },
    { name: 'empty environment', skip: false, bare: true },
    { name: 'another HOME', skip: false, env: { HOME: '/nonexistent' } },
    {
      name: `clock ${Math.round(shift / hour)} hours ahead`,
      skip: false,
      nodeArgs: ['--import', clock],
      env: { SHIFT_MILLISECONDS: String(shift) },
    },
    {
      name: 'another host name',
      skip: lacking({ commands: ['unshare'], root: true }),
      under: () => ['unshare', '--uts', ...shell('echo another-host > /proc/sys/kernel/hostname')],
    },
  ];
}

function coreWays(): readonly Way[] {
  const all = availableParallelism();
  return [
    { name: '--jobs 1', skip: false, args: ['--jobs', '1'] },
    { name: '--jobs 4', skip: false, args: ['--jobs', '4'] },
    {
      name: `one core of ${all}`,
      skip: lacking({ commands: ['taskset'] }),
      under: () => ['taskset', '-c', firstCore()],
    },
    { name: 'one thread for files', skip: false, env: { UV_THREADPOOL_SIZE: '1' } },
  ];
}

/** `nobody`: an account that owns nothing. */
const stranger = 65534;

function userWays(): readonly Way[] {
  const change = ['setpriv', `--reuid=${stranger}`, `--regid=${stranger}`, '--clear-groups', '--'];
  return [
    { name: 'umask 077', skip: false, under: () => shell('umask 077') },
    { name: 'umask 000', skip: false, under: () => shell('umask 000') },
    { name: 'another user', skip: lackingUser(change), owner: stranger, under: () => change },
    { name: 'files of another user', skip: lacking({ root: true }), owner: 12345 },
  ];
}

function fileWays(): readonly Way[] {
  const reversed = join(projectRoot, 'test/support/preload/reversed-folders.ts');
  return [
    { name: 'files made in the opposite order', skip: false, inputs: { reversed: true } },
    { name: 'folders listed in the opposite order', skip: false, nodeArgs: ['--import', reversed] },
    { name: 'files of 1985', skip: false, inputs: { mtime: 500_000_000 } },
    { name: 'files of 2090', skip: false, inputs: { mtime: 3_800_000_000 } },
    { name: 'files only for their owner', skip: false, inputs: { modes: [0o700, 0o600, 0o700] } },
    { name: 'files with odd modes', skip: false, inputs: { modes: [0o6755, 0o666, 0o3777] } },
    { name: 'equal files hard-linked', skip: false, inputs: { linked: true } },
  ];
}

function shell(command: string): readonly string[] {
  return ['sh', '-c', `${command}; exec "$@"`, 'sh'];
}

const tmpfs = '/dev/shm';

function lackingTmpfs(): string | false {
  try {
    accessSync(tmpfs, constants.W_OK);
    return false;
  } catch {
    return `${tmpfs} can't be written to`;
  }
}

/** An older bundle would show what was, not what is. */
function lackingDist(program: string): string | false {
  if (!existsSync(program)) return 'dist/ is not there: npm run build makes it';
  const built = statSync(program).mtimeMs;
  const sources = globSync('src/**/*.ts', { cwd: projectRoot }).filter((path) => !path.endsWith('.test.ts'));
  const newer = sources.find((path) => statSync(join(projectRoot, path)).mtimeMs > built);
  return newer === undefined ? false : 'dist/ is older than src/: npm run build makes it';
}

function lackingUser(change: readonly string[]): string | false {
  const lack = lacking({ commands: ['setpriv'], root: true });
  if (lack !== false) return lack;
  const [command = '', ...args] = [...change, process.execPath, '--check', join(projectRoot, 'src/cli/main.ts')];
  return spawnSync(command, args).status === 0 ? false : 'another user may not read this folder';
}

/** In a container the first core may be one that this process may not use. */
function firstCore(): string {
  const answer = spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' });
  return /(\d+)[\d,-]*\s*$/.exec(answer.stdout)?.[1] ?? '0';
}

function copyProgram(work: string): string {
  const folder = join(work, 'another-slimimage');
  mkdirSync(folder);
  for (const name of ['src', 'keys', 'package.json']) {
    cpSync(join(projectRoot, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}
