import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LockDocument, LockedPackage } from '../../src/lock/types.ts';
import { archiveConfig } from './archive-config.ts';
import { type PublishedSuite, startArchive, type TestArchive } from './archive-server.ts';
import { basePackages } from './base-packages.ts';
import { type Ended, startUser, type TestUser, type UserRunOptions } from './cli.ts';
import type { DebRecipe } from './deb-maker.ts';

/**
 * A user and an archive that goes on living: `tool` needs `libtool` and `service`, which wants system accounts.
 *
 *     await using scene = await startLockScene();
 *     await scene.configure(['tool']);
 *     const digest = await scene.lockAndBuild();
 *     await scene.publish(newer);
 *     assert.equal(await scene.build(['--locked'], scene.fresh()), digest);
 */
export interface LockScene extends AsyncDisposable {
  readonly user: TestUser;
  readonly archive: TestArchive;
  /** The mirror has these packages from now on; files of before stay, as on a real one. */
  publish(packages: readonly DebRecipe[], architectures?: readonly string[]): Promise<PublishedSuite>;
  config(packages?: readonly string[], more?: Readonly<Record<string, string>>): string;
  /** Writes slimimage.yaml. */
  configure(packages?: readonly string[], more?: Readonly<Record<string, string>>): Promise<void>;
  /** Builds and gives the digest that is printed. */
  build(argv: readonly string[], options?: UserRunOptions): Promise<string>;
  lockAndBuild(): Promise<string>;
  /** Another machine: a store with nothing in it. */
  fresh(name?: string): UserRunOptions;
  readLock(file?: string): Promise<LockDocument>;
  /** Changes slimimage.lock.json by hand. */
  edit(change: (platform: LockDocument['platforms'][number]) => object): Promise<void>;
  /** Changes its packages by hand. */
  tamper(change: (one: LockedPackage) => LockedPackage | readonly LockedPackage[]): Promise<void>;
  /** What was published first: where it is on the server, and its bytes. */
  pathOf(name: string): string;
  bytesOf(name: string): Uint8Array;
  fileOf(name: string): string;
}

/** A minute ago, in whole seconds, and as snapshot archives write it. */
export const releaseDate = new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000);
export const releaseStamp = releaseDate.toISOString().replace(/[-:]|\.\d+/g, '');

export const tool = (version = '1.0-1'): DebRecipe => ({
  name: 'tool',
  version,
  fields: { Depends: 'libtool (>= 1.0), service | other' },
  files: { '/usr/bin/tool': `tool ${version}` },
});

export const library = (version = '1.0-1'): DebRecipe => ({
  name: 'libtool',
  version,
  files: { '/usr/lib/libtool.so.1': `library ${version}`, '/usr/share/doc/libtool/copyright': 'free' },
});

const service = (version = '1.0-1'): DebRecipe => ({
  name: 'service',
  version,
  architecture: 'all',
  files: { '/usr/lib/sysusers.d/service.conf': 'u service -\nu redis -\n' },
});

export const old: readonly DebRecipe[] = [tool(), library(), service(), ...basePackages];
export const newer: readonly DebRecipe[] = [tool('1.1-1'), library('2.0-1'), service('1.0-2'), ...basePackages];

export async function startLockScene(): Promise<LockScene> {
  const user = await startUser();
  const archive = await startArchive();
  const lockFile = 'slimimage.lock.json';

  const publish: LockScene['publish'] = (main, architectures = ['amd64']) =>
    archive.publish({ date: releaseDate, components: { main }, architectures });
  const config: LockScene['config'] = (packages = ['tool'], more = {}) =>
    archiveConfig(archive, packages, { more: { base: 'debian', ...more } });
  const build: LockScene['build'] = async (argv, options) => digestOf(await user.succeed(['build', ...argv], options));
  const readLock: LockScene['readLock'] = async (file = lockFile) =>
    JSON.parse(await readFile(join(user.folder, file), 'utf8')) as LockDocument;
  const edit: LockScene['edit'] = async (change) => {
    const lock = await readLock();
    const platforms = lock.platforms.map((platform) => ({ ...platform, ...change(platform) }));
    await user.write(lockFile, JSON.stringify({ ...lock, platforms }));
  };

  const published = await publish(old);
  const fileOf = (name: string) => published.debs.get(name) ?? assert.fail(name);
  return {
    user,
    archive,
    publish,
    config,
    configure: async (packages, more) => void (await user.write('slimimage.yaml', config(packages, more))),
    build,
    async lockAndBuild() {
      await user.succeed(['lock']);
      return build([]);
    },
    fresh: (name = 'fresh') => ({ env: { SLIMIMAGE_STORE: join(user.folder, name) } }),
    readLock,
    edit,
    tamper: (change) => edit(({ packages }) => ({ packages: packages.flatMap(change) })),
    pathOf: (name) => archive.path(fileOf(name)),
    bytesOf: (name) => published.files.get(fileOf(name)) ?? assert.fail(name),
    fileOf,
    async [Symbol.asyncDispose]() {
      await archive[Symbol.asyncDispose]();
      await user[Symbol.asyncDispose]();
    },
  };
}

function digestOf({ stdout }: Ended): string {
  return /@(sha256:[0-9a-f]{64})\n$/.exec(stdout)?.[1] ?? assert.fail(stdout);
}
