import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { LockDocument } from '../../src/lock/types.ts';
import { archiveConfig } from './archive-config.ts';
import { type PublishedSuite, startArchive, type TestArchive } from './archive-server.ts';
import { startUser, type TestUser, type UserRunOptions } from './cli.ts';
import type { DebRecipe } from './deb-maker.ts';

/** A user with a lock of `tool`, and an archive that goes on: `tool` needs two packages of `libtool`, and `service`. */
export interface UpdateScene extends AsyncDisposable {
  readonly user: TestUser;
  readonly archive: TestArchive;
  publish(main: readonly DebRecipe[]): Promise<PublishedSuite>;
  /** Into trixie-security. */
  publishSecurity(main: readonly DebRecipe[]): Promise<PublishedSuite>;
  config(packages?: readonly string[]): string;
  /** Another machine: a store with nothing in it. */
  fresh(name?: string): UserRunOptions;
  /** The .debs that were asked for since the lock was made. */
  fetched(): readonly string[];
  /** `tool 1.0-1 trixie`. */
  lockedVersions(): Promise<readonly string[]>;
}

export interface Sketch {
  readonly fields?: Readonly<Record<string, string>>;
  /** Entries of the changelog, the newest first: version and change. */
  readonly changes?: readonly (readonly [version: string, change: string])[];
  /** Kilobytes on disk. */
  readonly installed?: number;
}

export function deb(name: string, version: string, { fields = {}, changes, installed = 10 }: Sketch = {}): DebRecipe {
  const source = /^\S+/.exec(fields['Source'] ?? name)?.[0] ?? name;
  const entries = (changes ?? []).map(
    ([of, change]) =>
      `${source} (${of}) trixie; urgency=medium\n\n  * ${change}\n\n -- A <a@example.org>  Fri, 03 Apr 2026 10:00:00 +0000\n`,
  );
  const changelog = { [`/usr/share/doc/${name}/changelog.Debian.gz`]: gzipSync(entries.join('\n')) };
  return {
    name,
    version,
    fields: { 'Installed-Size': String(installed), ...fields },
    files: { [`/usr/lib/${name}`]: `${name} ${version}`, ...(changes === undefined ? {} : changelog) },
  };
}

export const tool = (version: string) =>
  deb('tool', version, { fields: { Depends: 'libtool1, libtool-data, service' } });
const fixed = [
  ['1.0-1+deb13u2', 'Fix CVE-2026-10000 and CVE-2026-2000. Closes: #1'],
  ['1.0-1+deb13u1', 'CVE-2026-1003: overflow'],
  ['1.0-1', 'Fix CVE-2025-7000'],
] as const;
export const library = (version: string, sketch: Sketch = {}) => [
  deb('libtool1', version, {
    installed: 20,
    changes: fixed,
    ...sketch,
    fields: { Source: 'libtool', ...sketch.fields },
  }),
  deb('libtool-data', version, { fields: { Source: 'libtool' }, installed: 300, changes: fixed }),
];
export const service = (version: string) => deb('service', version);

const date = new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000);

export async function startUpdateScene(): Promise<UpdateScene> {
  const user = await startUser();
  const archive = await startArchive();
  const scene: UpdateScene = {
    user,
    archive,
    publish: (main) => archive.publish({ date, components: { main } }),
    publishSecurity: (main) => archive.publish({ suite: 'trixie-security', date, components: { main } }),
    config: (packages = ['tool']) =>
      archiveConfig(archive, packages, { archive: { suites: '[trixie, trixie-security]' } }),
    fresh: (name = 'fresh') => ({ env: { SLIMIMAGE_STORE: join(user.folder, name) } }),
    fetched: () => archive.server.requests.flatMap(({ path }) => /\/([^/]+)_[^/]*\.deb$/.exec(path)?.[1] ?? []).sort(),
    lockedVersions: async () => {
      const lock = JSON.parse(await readFile(join(user.folder, 'slimimage.lock.json'), 'utf8')) as LockDocument;
      return (lock.platforms[0]?.packages ?? []).map(({ name, version, suite }) => `${name} ${version} ${suite}`);
    },
    async [Symbol.asyncDispose]() {
      await archive[Symbol.asyncDispose]();
      await user[Symbol.asyncDispose]();
    },
  };
  await scene.publish([tool('1.0-1'), ...library('1.0-1'), service('1.0-1')]);
  await scene.publishSecurity([]);
  await user.write('slimimage.yaml', scene.config());
  await user.succeed(['lock']);
  archive.server.forget();
  return scene;
}
