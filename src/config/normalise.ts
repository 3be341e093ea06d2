import { resolve } from 'node:path';
import { formatPlatform, parsePlatform } from '../oci/platform.ts';
import type { SpecLayer } from './layer.ts';
import { normaliseFile, normalisePath } from './normalise-files.ts';
import type { RawConfig } from './schema.ts';
import type { ArchiveSetting, GroupSetting, Healthcheck, PathRule, UserSetting } from './spec.ts';
import { parseCompression } from './values/compression.ts';
import { parseCreated } from './values/created.ts';
import { parseDuration } from './values/duration.ts';
import { formatFrom, parseFrom } from './values/from.ts';
import { cleanImagePath } from './values/image-path.ts';
import { parseLayers } from './values/layers.ts';
import { resolveLocation } from './values/location.ts';
import { parsePackageName } from './values/package.ts';
import { makePin, parsePin } from './values/pin.ts';
import { parsePort } from './values/port.ts';
import { parseSignal } from './values/signal.ts';

/** Gives a valid configuration its meaning. Relative paths are those of `directory`. */
export function normalise(raw: RawConfig, directory: string): SpecLayer {
  return {
    from: raw.from === undefined ? undefined : formatFrom(parseFrom(raw.from)),
    components: raw.components && [...new Set(raw.components)],
    suites: raw.suites && [...new Set(raw.suites)],
    name: raw.name,
    archives: raw.archives?.map((archive) => normaliseArchive(archive, directory)),
    mirrors: raw.mirrors && mapValues(raw.mirrors, (urls) => listOf(urls).map(withoutSlash)),
    snapshot: raw.snapshot && withoutSlash(raw.snapshot),
    packages: raw.packages?.map((entry) =>
      parsePackageName(entry).type === 'path' ? resolve(directory, entry) : entry,
    ),
    omit: raw.omit,
    dependencies: raw.dependencies,
    keep: raw.keep && [...new Set(raw.keep)],
    recommends: raw.recommends,
    essential: raw.essential,
    pins: raw.pins?.map((pin) => (typeof pin === 'string' ? parsePin(pin) : makePin(pin))),
    base: raw.base,
    on: raw.on && resolveLocation(raw.on, directory),
    platforms: raw.platforms && [...new Set(raw.platforms.map((platform) => formatPlatform(parsePlatform(platform))))],
    include: raw.include && normaliseRules(raw.include),
    exclude: raw.exclude && normaliseRules(raw.exclude),
    specialPermissions: raw['special-permissions']?.map(relativeGlob),
    files: raw.files?.map((file) => normaliseFile(file, directory)),
    paths: raw.paths?.map(normalisePath),
    users: raw.accounts?.users?.map(normaliseUser),
    groups: raw.accounts?.groups?.map(normaliseGroup),
    certificates: raw.certificates?.map((path) => resolve(directory, path)),
    locales: raw.locales && [...new Set(raw.locales)],
    bytecode: raw.bytecode,
    accept: raw.accept,
    allow: raw.allow?.map((one) => ({ ...one, in: one.in === undefined ? undefined : relativeGlob(one.in) })),
    env: raw.env && mapValues(raw.env, String),
    entrypoint: raw.entrypoint?.map(String),
    cmd: raw.cmd?.map(String),
    workdir: raw.workdir && cleanImagePath(raw.workdir),
    user: raw.user === undefined ? undefined : String(raw.user),
    ports: raw.ports && [...new Set(raw.ports.map((port) => parsePort(String(port))))],
    volumes: raw.volumes && [...new Set(raw.volumes.map(cleanImagePath))],
    labels: raw.labels && mapValues(raw.labels, String),
    stopSignal: raw['stop-signal'] === undefined ? undefined : parseSignal(String(raw['stop-signal'])),
    healthcheck: raw.healthcheck && normaliseHealthcheck(raw.healthcheck),
    annotations: raw.annotations && mapValues(raw.annotations, String),
    compression: raw.compression === undefined ? undefined : parseCompression(compressionText(raw.compression)),
    layers: raw.layers === undefined ? undefined : parseLayers(layersText(raw.layers)),
    created: raw.created === undefined ? undefined : parseCreated(String(raw.created)),
  };
}

type Item<K extends keyof RawConfig> = NonNullable<RawConfig[K]> extends readonly (infer T)[] ? T : never;

function normaliseArchive(raw: Item<'archives'>, directory: string): ArchiveSetting {
  const urls = listOf(raw.url).map(withoutSlash);
  const isFlat = raw.suites.some((suite) => suite.endsWith('/'));
  return {
    name: raw.name ?? new URL(urls[0] ?? '').hostname,
    urls,
    suites: raw.suites,
    components: raw.components ?? (isFlat ? [] : ['main']),
    // A bare word names a preset key; a file beside the configuration is written ./key.
    signedBy: listOf(raw['signed-by']).map((key) => (/^[a-z][a-z0-9-]*$/.test(key) ? key : resolve(directory, key))),
    checkValidUntil: raw['check-valid-until'] ?? true,
    priority: raw.priority,
  };
}

function normaliseRules(raw: NonNullable<RawConfig['exclude']>): readonly PathRule[] {
  return listOf(raw).flatMap((rule): readonly PathRule[] => {
    if (typeof rule === 'string') return [{ package: undefined, glob: relativeGlob(rule) }];
    return Object.entries(rule).flatMap(([name, globs]) =>
      listOf(globs).map((glob) => ({ package: name, glob: relativeGlob(glob) })),
    );
  });
}

/** Paths inside an image have no leading slash (rootfs/entry.ts). A folder's trailing slash means all below it. */
function relativeGlob(glob: string): string {
  const relative = glob.replace(/^(\.?\/)+/, '');
  return relative.endsWith('/') ? `${relative}**` : relative;
}

function normaliseUser(raw: NonNullable<NonNullable<RawConfig['accounts']>['users']>[number]): UserSetting {
  const user = typeof raw === 'string' ? { name: raw } : raw;
  const { group } = user;
  return {
    name: user.name,
    uid: user.uid,
    group: typeof group === 'string' && /^[0-9]+$/.test(group) ? Number(group) : group,
    groups: user.groups ?? [],
    home: user.home && cleanImagePath(user.home),
    shell: user.shell && cleanImagePath(user.shell),
  };
}

function normaliseGroup(raw: NonNullable<NonNullable<RawConfig['accounts']>['groups']>[number]): GroupSetting {
  return typeof raw === 'string' ? { name: raw, gid: undefined } : { name: raw.name, gid: raw.gid };
}

function normaliseHealthcheck(raw: NonNullable<RawConfig['healthcheck']>): Healthcheck {
  if (typeof raw === 'string') {
    return { test: ['NONE'], interval: undefined, timeout: undefined, startPeriod: undefined, retries: undefined };
  }
  const [first = ''] = raw.test;
  const duration = (text: string | undefined) => (text === undefined ? undefined : parseDuration(text));
  return {
    test: ['CMD', 'CMD-SHELL', 'NONE'].includes(first) ? raw.test : ['CMD', ...raw.test],
    interval: duration(raw.interval),
    timeout: duration(raw.timeout),
    startPeriod: duration(raw['start-period']),
    retries: raw.retries,
  };
}

function compressionText(raw: NonNullable<RawConfig['compression']>): string {
  if (typeof raw === 'string') return raw;
  return raw.level === undefined ? raw.algorithm : `${raw.algorithm}-${raw.level}`;
}

function layersText(raw: NonNullable<RawConfig['layers']>): string {
  return String(typeof raw === 'object' ? raw.budget : raw);
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

function mapValues<T, R>(map: Readonly<Record<string, T>>, change: (value: T) => R): Readonly<Record<string, R>> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
