import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hostMirrors, readHostSources } from '../../src/archive/mirrors.ts';
import { sha256Hex } from '../../src/util/digest.ts';
import { ensureNode, runNpm, versions } from '../../tools/node-runtime.mjs';
import { findCommand } from '../../tools/system-packages.ts';
import { lacking } from './need.ts';
import { projectRoot } from './source-code.ts';

/** Why nothing of real Debian content can be made here; false where it can. */
export const lackingMaterials: string | false = lacking({
  commands: ['mmdebstrap', 'tar', 'dpkg-deb', 'busybox'],
  root: true,
});

/** What the images of real content are made of. A Docker build here has no network: all is brought along. */
export interface LookMaterials {
  /** Rootfs of a small Debian, as mmdebstrap makes it. */
  readonly base: string;
  /** Folder of the .debs that a small Debian lacks for one of `sets`. */
  readonly debs: (set: DebSet) => string;
  /** Folder with `package.json` and `node_modules`, of the npm registry. */
  readonly npm: string;
  /** A static program. */
  readonly busybox: string;
  /** Folder for what is made of these, kept as long as they are. */
  readonly made: string;
}

const sets = {
  tools: ['libcap2-bin', 'file', 'sensible-utils'],
  python: ['python3'],
  node: ['nodejs'],
  // An application in Java that is a jar with a main class.
  java: ['default-jre-headless', 'rhino'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type DebSet = keyof typeof sets;

const suite = 'bookworm';
const npmPackages = { express: '4.21.2', lodash: '4.17.21', semver: '7.6.3' };

/** Made once, which takes about a minute, and kept in `.cache/`, which git does not know. */
export async function lookMaterials(): Promise<LookMaterials> {
  const recipe = JSON.stringify([suite, sets, npmPackages, customise('FOLDER')]);
  const folder = join(projectRoot, '.cache', `look-${sha256Hex(new TextEncoder().encode(recipe)).slice(0, 12)}`);
  await whole(join(folder, 'debian'), makeDebian);
  await whole(join(folder, 'npm'), installNpmPackages);
  await whole(join(folder, 'programs'), async (target) => {
    await copyFile(findCommand('busybox') ?? '/bin/busybox', join(target, 'busybox'));
  });
  await mkdir(join(folder, 'made'), { recursive: true });
  return {
    base: join(folder, 'debian/base.tar'),
    debs: (set) => join(folder, 'debian', set),
    npm: join(folder, 'npm'),
    busybox: join(folder, 'programs/busybox'),
    made: join(folder, 'made'),
  };
}

/** A folder that is there as a whole or not at all. */
async function whole(folder: string, make: (folder: string) => Promise<void>): Promise<void> {
  if (existsSync(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  const partial = await mkdtemp(`${folder}.`);
  try {
    await make(partial);
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function makeDebian(target: string): Promise<void> {
  const hostMirror = hostMirrors('debian', await readHostSources())[0];
  const mirror = process.env['SLIMIMAGE_MIRROR_DEBIAN'] ?? hostMirror ?? 'http://deb.debian.org/debian';
  for (const set of Object.keys(sets)) await mkdir(join(target, set));
  execFileSync(
    findCommand('mmdebstrap') ?? 'mmdebstrap',
    [
      ...['--quiet', '--variant=minbase', '--include=ca-certificates'],
      ...customise(target).map((command) => `--customize-hook=${command}`),
      ...[suite, join(target, 'base.tar'), mirror],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' } },
  );
}

/** The packages of each set by apt of the new system itself; then it forgets the mirror. */
function customise(target: string): readonly string[] {
  const archives = '/var/cache/apt/archives';
  const fetch = Object.entries(sets).flatMap(([set, names]) => [
    `rm -f "$1"${archives}/*.deb`,
    `chroot "$1" apt-get -qq -y --no-install-recommends --download-only install ${names.join(' ')}`,
    `rm -rf "$1"/debs && mkdir "$1"/debs && mv "$1"${archives}/*.deb "$1"/debs/`,
    `sync-out /debs ${join(target, set)}`,
  ]);
  const source = `deb http://deb.debian.org/debian ${suite} main`;
  // What mmdebstrap took over of this machine; engines put their own there.
  const own = 'rm -f "$1"/etc/hostname "$1"/etc/resolv.conf';
  return [...fetch, 'rm -rf "$1"/debs', `echo "${source}" > "$1"/etc/apt/sources.list`, own];
}

async function installNpmPackages(target: string): Promise<void> {
  await writeFile(
    join(target, 'package.json'),
    JSON.stringify({ name: 'shop', version: '1.2.3', private: true, main: 'server.js', dependencies: npmPackages }),
  );
  const node = ensureNode(versions.development, { say: () => {} });
  runNpm(node, ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev'], {
    cwd: target,
    failure: 'The npm packages of the sample image could not be installed.',
  });
  await readFile(join(target, 'node_modules/express/package.json'));
}
