import type { VersionOrder } from '../distro/types.ts';
import type { Digest } from '../util/digest.ts';
import { compareStrings } from '../util/text.ts';
import { compareInputs } from './compare-inputs.ts';
import { canonicalLock } from './encode.ts';
import type {
  LockDocument,
  LockedCut,
  LockedDonor,
  LockedImage,
  LockedPackage,
  LockedPlatform,
  LockInput,
} from './types.ts';

/** What changed from one lock to another; plain data. Lists are sorted by name. */
export interface LockDifference {
  /** True where nothing of all that is below has changed. */
  readonly same: boolean;
  /** As `compareInputs` tells them. */
  readonly inputs: readonly string[];
  readonly releases: readonly ReleaseChange[];
  /** Those of the first lock in its order, then those that only the second has. */
  readonly platforms: readonly PlatformDifference[];
}

/** A suite whose Release is another one; [] where one side has none. */
export interface ReleaseChange {
  readonly archive: string;
  readonly suite: string;
  /** Dates, ISO 8601 UTC. */
  readonly from: readonly string[];
  readonly to: readonly string[];
}

export interface PlatformDifference {
  readonly platform: string;
  readonly change: 'none' | 'added' | 'removed' | 'changed';
  /** The manifest of the image below; undefined where it is the same. */
  readonly on: { readonly from: string | null; readonly to: string | null } | undefined;
  readonly images: readonly ImageChange[];
  readonly packages: readonly PackageChange[];
  readonly donors: readonly PackageChange[];
  readonly requests: readonly RequestChange[];
  readonly accounts: readonly AccountChange[];
  readonly cuts: readonly CutChange[];
  /** Bytes of all packages together. */
  readonly size: SizeChange;
  readonly installedSize: SizeChange;
}

/** Another image of the same name that files are copied from. */
export interface ImageChange {
  readonly image: string;
  /** Undefined where one side does not copy from it. */
  readonly from: Digest | undefined;
  readonly to: Digest | undefined;
}

export interface SizeChange {
  readonly from: number;
  readonly to: number;
}

/** `rebuilt`: the same version, another .deb. `moved`: the same .deb, in another place of an archive. */
export interface PackageChange {
  readonly name: string;
  readonly change: 'added' | 'removed' | 'upgraded' | 'downgraded' | 'rebuilt' | 'moved';
  /** Undefined for `added`. */
  readonly from: LockedDonor | undefined;
  /** Undefined for `removed`. */
  readonly to: LockedDonor | undefined;
}

/** A package that is asked for in other words than before. */
export interface RequestChange {
  readonly name: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** A package that is cut now and was not, or the other way round, or for another reason. */
export interface CutChange {
  readonly name: string;
  /** Undefined where it was not cut. */
  readonly from: LockedCut | undefined;
  /** Undefined where it is not cut any more. */
  readonly to: LockedCut | undefined;
}

export interface AccountChange {
  readonly type: 'user' | 'group';
  readonly name: string;
  /** Ids; undefined where there was none, or is none any more. */
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** @param options.versions the order that tells an upgrade from a downgrade */
export function compareLocks(
  before: LockDocument,
  after: LockDocument,
  options: { readonly versions: VersionOrder },
): LockDifference {
  const [a, b] = [canonicalLock(before), canonicalLock(after)];
  const inputs = [
    ...compareInputs(a.configuration.inputs, b.configuration.inputs),
    ...compareInputs({ compressor: compressorInput(a) }, { compressor: compressorInput(b) }),
  ];
  const releases = releaseChanges(a, b);
  const platforms = namesOf(a.platforms, b.platforms, ({ platform }) => platform).map((name) => {
    const find = (lock: LockDocument) => lock.platforms.find(({ platform }) => platform === name);
    return platformDifference(name, find(a), { after: find(b), ...options });
  });
  const same = inputs.length + releases.length === 0 && platforms.every(({ change }) => change === 'none');
  return { same, inputs, releases, platforms };
}

function compressorInput({ compressor: { bytecode, ...others } }: LockDocument): LockInput {
  return bytecode === undefined ? others : { ...others, bytecode };
}

function releaseChanges(a: LockDocument, b: LockDocument): readonly ReleaseChange[] {
  const keyOf = ({ archive, suite }: { archive: string; suite: string }) => `${archive} ${suite}`;
  return namesOf(a.releases, b.releases, keyOf)
    .sort(compareStrings)
    .flatMap((key) => {
      const [from, to] = [a, b].map(({ releases }) => releases.filter((release) => keyOf(release) === key));
      const first = from?.[0] ?? to?.[0];
      if (first === undefined || listOf(from, 'digest').join() === listOf(to, 'digest').join()) return [];
      return [{ archive: first.archive, suite: first.suite, from: listOf(from, 'date'), to: listOf(to, 'date') }];
    });
}

function platformDifference(
  platform: string,
  before: LockedPlatform | undefined,
  { after, versions }: { readonly after: LockedPlatform | undefined; readonly versions: VersionOrder },
): PlatformDifference {
  const [old, fresh] = [before?.packages ?? [], after?.packages ?? []];
  const packages = packageChanges(old, fresh, versions);
  const donors = packageChanges(before?.donors ?? [], after?.donors ?? [], versions);
  const requests = requestChanges(old, fresh);
  const accounts = [
    ...accountChanges('user', before?.accounts.users ?? {}, after?.accounts.users ?? {}),
    ...accountChanges('group', before?.accounts.groups ?? {}, after?.accounts.groups ?? {}),
  ];
  const on = { from: before?.on ?? null, to: after?.on ?? null };
  const images = imageChanges(before?.images ?? [], after?.images ?? []);
  const cuts = cutChanges(before?.cuts ?? [], after?.cuts ?? []);
  const lists = [images, packages, donors, requests, accounts, cuts];
  const differs = lists.some(({ length }) => length > 0) || on.from !== on.to;
  return {
    platform,
    change: before === undefined ? 'added' : after === undefined ? 'removed' : differs ? 'changed' : 'none',
    on: on.from === on.to ? undefined : on,
    images,
    packages,
    donors,
    requests,
    accounts,
    cuts,
    size: { from: sum(old, 'size'), to: sum(fresh, 'size') },
    installedSize: { from: sum(old, 'installedSize'), to: sum(fresh, 'installedSize') },
  };
}

/** Grade and reason count, their words don't: another file of the same package may be the first that could start it. */
function cutChanges(old: readonly LockedCut[], fresh: readonly LockedCut[]): readonly CutChange[] {
  const [before, after] = [byName(old), byName(fresh)];
  return namesOf(old, fresh, ({ name }) => name)
    .sort(compareStrings)
    .map((name) => ({ name, from: before.get(name), to: after.get(name) }))
    .filter(({ from, to }) => from?.grade !== to?.grade || from?.candidacy !== to?.candidacy);
}

function imageChanges(old: readonly LockedImage[], fresh: readonly LockedImage[]): readonly ImageChange[] {
  const digestIn = (images: readonly LockedImage[], name: string) => images.find(({ image }) => image === name)?.digest;
  return namesOf(old, fresh, ({ image }) => image)
    .sort(compareStrings)
    .map((image) => ({ image, from: digestIn(old, image), to: digestIn(fresh, image) }))
    .filter(({ from, to }) => from !== to);
}

function packageChanges(
  old: readonly LockedDonor[],
  fresh: readonly LockedDonor[],
  versions: VersionOrder,
): readonly PackageChange[] {
  const [before, after] = [byName(old), byName(fresh)];
  return namesOf(old, fresh, ({ name }) => name)
    .sort(compareStrings)
    .flatMap((name) => {
      const [from, to] = [before.get(name), after.get(name)];
      const change = changeOf(from, to, versions);
      return change === undefined ? [] : [{ name, change, from: placed(from), to: placed(to) }];
    });
}

function changeOf(
  from: LockedDonor | undefined,
  to: LockedDonor | undefined,
  versions: VersionOrder,
): PackageChange['change'] | undefined {
  if (from === undefined) return to === undefined ? undefined : 'added';
  if (to === undefined) return 'removed';
  const order = versions.compare(from.version, to.version);
  if (order !== 0) return order < 0 ? 'upgraded' : 'downgraded';
  if (from.sha256 !== to.sha256) return 'rebuilt';
  const isThere = from.archive === to.archive && from.suite === to.suite && from.path === to.path;
  return isThere && from.component === to.component ? undefined : 'moved';
}

/** Without what only packages have: who asks is told apart. */
function placed(one: LockedDonor | undefined): LockedDonor | undefined {
  if (one === undefined) return undefined;
  const { requests: _, requestedBy: __, ...rest } = one as LockedPackage;
  return rest;
}

function requestChanges(old: readonly LockedPackage[], fresh: readonly LockedPackage[]): readonly RequestChange[] {
  const [before, after] = [byName(old), byName(fresh)];
  return namesOf(old, fresh, ({ name }) => name)
    .sort(compareStrings)
    .map((name) => ({ name, from: before.get(name)?.requests ?? [], to: after.get(name)?.requests ?? [] }))
    .filter(({ from, to }) => from.join('\n') !== to.join('\n'));
}

type Ids = Readonly<Record<string, number>>;

function accountChanges(type: AccountChange['type'], before: Ids, after: Ids): readonly AccountChange[] {
  const idOf = (ids: Ids, name: string) => (Object.hasOwn(ids, name) ? ids[name] : undefined);
  return namesOf(Object.keys(before), Object.keys(after), (name) => name)
    .sort(compareStrings)
    .map((name) => ({ type, name, from: idOf(before, name), to: idOf(after, name) }))
    .filter(({ from, to }) => from !== to);
}

function namesOf<T>(a: readonly T[], b: readonly T[], nameOf: (item: T) => string): string[] {
  return [...new Set([...a, ...b].map(nameOf))];
}

function byName<T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}

function listOf<K extends string>(items: readonly Readonly<Record<K, string>>[] | undefined, key: K) {
  return (items ?? []).map((item) => item[key]);
}

function sum<K extends string>(items: readonly Readonly<Record<K, number>>[], key: K): number {
  return items.reduce((total, item) => total + item[key], 0);
}
