import type { ImageSpec } from '../config/spec.ts';
import type { Content } from '../content/types.ts';
import type { LockedCut, LockedPlatform } from '../lock/types.ts';
import type { PruneInput, PrunePackage } from '../prune/facts.ts';
import { listedCandidates } from '../prune/listed.ts';
import { prunePackages, pruneVersion } from '../prune/prune.ts';
import { callsInScripts } from '../prune/script-candidates.ts';
import type { Cut, Pruning } from '../prune/types.ts';
import type { ResolvedPackage } from '../solver/types.ts';
import { sha256Hex } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import type { BaseImage } from './base-image.ts';
import { type PlatformContents, prepareDonors } from './contents.ts';
import { copyImageFiles, type ImageFiles } from './image-files.ts';
import { invalid } from './lock/locked-records.ts';
import { readOwnFacts } from './own-facts.ts';
import { listOwnFiles } from './own-files.ts';
import { donorNames, type ResolvedPlatform } from './resolve.ts';
import type { Session } from './session.ts';
import { uncut } from './uncut.ts';

export interface PrunePlatformOptions {
  readonly resolved: ResolvedPlatform;
  readonly contents: PlatformContents;
  readonly base: BaseImage | undefined;
  /** Its cuts are made, and no others. */
  readonly locked: LockedPlatform | undefined;
  /** What `files: { image: }` takes; undefined: it is read from the images. */
  readonly images?: (() => Promise<ReadonlyMap<number, ImageFiles>>) | undefined;
  readonly session: Session;
}

export interface PrunedPlatform {
  readonly resolved: ResolvedPlatform;
  readonly contents: PlatformContents;
  readonly pruning: Pruning;
}

const nothing: Pruning = { cuts: [], kept: [] };

/** `dependencies: runtime`: without the packages that only serve installation, and what was found out about each. */
export async function prunePlatform(spec: ImageSpec, options: PrunePlatformOptions): Promise<PrunedPlatform> {
  const { resolved, contents, locked, session } = options;
  if (spec.dependencies !== 'runtime') return { resolved, contents, pruning: nothing };
  const pruning = await session.phase('prune', async () =>
    locked === undefined ? remembered(spec, options) : lockedPruning(locked, spec, options),
  );
  warnOfStrangers(spec, options);
  return { ...(await without(pruning, spec, options)), pruning };
}

/** The same packages of the same image are not looked at again. */
async function remembered(spec: ImageSpec, options: PrunePlatformOptions): Promise<Pruning> {
  const { contents, base, session } = options;
  const { memo } = session.store;
  const packages = prunable(spec, options);
  const started = startedPrograms(spec);
  const own = await listOwnFiles(spec, { contents, base, images: await imagesOf(spec, options), session });
  const key = sha256Hex(
    canonicalJson({
      version: pruneVersion,
      listed: [...listedCandidates.keys()],
      packages: packages.map(({ name, isRoot, needs }) => [
        name,
        isRoot,
        needs,
        contents.packages.get(name)?.content.key ?? '',
      ]),
      started,
      own: own.map(({ path, type, mode, linkTarget, sha256 }) => [path, type, mode, linkTarget ?? '', sha256 ?? '']),
      base: base?.digest ?? null,
    }),
  );
  const known = (await memo.get('prune', key)) as Pruning | undefined;
  if (known !== undefined) return known;
  const below = new Set((base?.nodes ?? []).map(({ entry }) => entry.path));
  const facts = await readOwnFacts(own, memo);
  const pruning = prunePackages({
    packages: own.length === 0 ? packages : [...packages, facts.package],
    started,
    hasOthers: base !== undefined || !facts.isWhole,
    isBelow: (path) => below.has(path),
  });
  await memo.set('prune', key, pruning);
  return pruning;
}

async function imagesOf(
  spec: ImageSpec,
  { images, resolved, session }: PrunePlatformOptions,
): Promise<ReadonlyMap<number, ImageFiles>> {
  return images === undefined ? copyImageFiles(spec, resolved.platform, session) : images();
}

function prunable(spec: ImageSpec, { resolved, contents }: PrunePlatformOptions): readonly PrunePackage[] {
  const needs = needsOf(resolved.resolution.packages);
  return resolved.resolution.packages.map((one) => {
    const { name, version } = one.record;
    const { entries = [], scripts = {} } = contents.packages.get(name)?.content.index ?? {};
    return { name, version, isRoot: isRoot(one, spec), needs: needs.get(name) ?? [], files: entries, scripts };
  });
}

/** Whether nothing may cut it: it is asked for, kept by name, or of every image. */
export function isRoot({ record, reasons }: ResolvedPackage, { keep }: Pick<ImageSpec, 'keep'>): boolean {
  const { name } = record;
  return uncut.has(name) || keep.includes(name) || reasons.some(({ type }) => type === 'request' || type === 'base');
}

function needsOf(packages: readonly ResolvedPackage[]): ReadonlyMap<string, readonly string[]> {
  const needs = new Map<string, Set<string>>();
  for (const { record, reasons } of packages)
    for (const reason of reasons) {
      if (!('from' in reason)) continue;
      const known = needs.get(reason.from);
      if (known === undefined) needs.set(reason.from, new Set([record.name]));
      else known.add(record.name);
    }
  return new Map([...needs].map(([name, needed]) => [name, [...needed]]));
}

function startedPrograms({ config }: ImageSpec): PruneInput['started'] {
  const { entrypoint = [], cmd = [], healthcheck } = config;
  const texts = [...entrypoint, ...cmd, ...(healthcheck?.test ?? [])];
  return [...new Set(texts.flatMap((text) => text.split(/[\s;|&()]+/)))].filter((word) => word !== '');
}

/**
 * What the lock says was cut, whatever would be today: a locked build makes the same image.
 * @throws SlimimageError LOCK_INVALID where it says of scripts what they do not do
 */
function lockedPruning(locked: LockedPlatform, spec: ImageSpec, options: PrunePlatformOptions): Pruning {
  const { packages } = options.contents;
  checkCallers(locked, prunable(spec, options));
  return {
    cuts: locked.cuts.map((cut) => {
      const found = packages.get(cut.name);
      return { ...cutOf(cut, locked), bytes: found === undefined ? 0 : bytesOf(found.content) };
    }),
    kept: [],
  };
}

/** A lock is what somebody may have written: that scripts alone call a package can be seen. */
function checkCallers({ cuts }: LockedPlatform, packages: readonly PrunePackage[]): void {
  const gone = new Set(cuts.map(({ name }) => name));
  const staying = packages.filter(({ name }) => !gone.has(name));
  for (const { name, candidacy } of cuts) {
    const called = packages.find((one) => one.name === name);
    if (candidacy !== 'scripts' || called === undefined) continue;
    const user = staying.find((one) => one.needs.includes(name) && !callsInScripts(one, called));
    if (user === undefined) continue;
    throw invalid(`it cuts ${name}, and ${user.name}, which needs it, does not run it in its maintainer scripts`);
  }
}

/** As far as a lock tells: the bytes of its files are in the .deb alone. */
export function cutOf(cut: LockedCut, { packages }: Pick<LockedPlatform, 'packages'>): Cut {
  const { name, grade, candidacy, because, neededBy } = cut;
  const version = packages.find((one) => one.name === name)?.version ?? '';
  const why = candidacy === 'listed' ? { type: candidacy } : { type: candidacy, packages: neededBy };
  return { package: name, version, grade, candidacy: why, because, bytes: 0 };
}

function bytesOf({ index }: Content): number {
  return index.entries.reduce((sum, { size }) => sum + size, 0);
}

function warnOfStrangers({ keep }: ImageSpec, { resolved, base, session }: PrunePlatformOptions): void {
  const names = new Set([
    ...resolved.resolution.packages.map(({ record }) => record.name),
    ...(base?.installed ?? []).map(({ name }) => name),
  ]);
  for (const name of keep) {
    if (names.has(name)) continue;
    session.onEvent({
      type: 'warning',
      message: `keep: ${name} is no package that the image would have`,
      hint: `It keeps what something depends on. To add the package, name it in packages: ${name}`,
    });
  }
}

async function without(
  { cuts }: Pruning,
  spec: ImageSpec,
  { resolved, contents, session }: PrunePlatformOptions,
): Promise<Omit<PrunedPlatform, 'pruning'>> {
  if (cuts.length === 0) return { resolved, contents };
  const cut = new Set(cuts.map((one) => one.package));
  const packages = resolved.resolution.packages
    .filter(({ record }) => !cut.has(record.name))
    .map(({ record, reasons }) => {
      const left = reasons.filter((reason) => !('from' in reason) || !cut.has(reason.from));
      // What only a cut package depends on, and something else reaches, keeps its reason.
      return { record, reasons: left.length === 0 ? reasons : left };
    });
  const order = resolved.resolution.order.filter((name) => !cut.has(name));
  // What effects read is read all the same.
  const read = spec.base === 'debian' ? donorNames.filter((name) => cut.has(name)) : [];
  const records = read.flatMap((name) => contents.packages.get(name)?.record ?? []);
  const donors = new Map([...contents.donors, ...(await prepareDonors(records, { spec, resolved, session }))]);
  return {
    resolved: { ...resolved, resolution: { packages, order }, donors: [...resolved.donors, ...records] },
    contents: { donors, packages: new Map([...contents.packages].filter(([name]) => !cut.has(name))) },
  };
}
