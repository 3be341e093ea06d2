import { type ApkPackage, readApkDatabase } from '../distro/alpine/installed.ts';
import { readAutomatic } from '../distro/debian/automatic.ts';
import { type DpkgPackage, readDpkgDatabase } from '../distro/debian/database.ts';
import { parseDiversions } from '../distro/debian/file-lists.ts';
import { isSlimimageError } from '../errors.ts';
import { debianOfPlatform } from '../oci/debian-architecture.ts';
import type { Platform } from '../oci/platform.ts';
import { compareStrings } from '../util/text.ts';
import { type TextTree, textAt, textsIn } from './database-files.ts';
import { ownersIn } from './owners.ts';
import type { ImagePackage, ImagePackages } from './packages.ts';
import type { ImageView } from './types.ts';

/**
 * The packages that the databases of an image speak of: dpkg's `status` with its lists, `status.d` of distroless images,
 * apk's `installed`. What is damaged becomes a line of `problems`; nothing is thrown for it.
 */
export function readPackages(view: Pick<ImageView, 'rootfs' | 'textOf' | 'platform'>): ImagePackages {
  const { packages, problems } = readDatabases(view, view);
  const diversions = textAt('var/lib/dpkg/diversions', view)?.text;
  const owners = ownersIn(view.rootfs, {
    packages,
    diversions: diversions === undefined ? [] : parseDiversions(diversions),
  });
  const automatic = automaticOf(view);
  return {
    packages,
    automatic: automatic.names,
    problems: shortened([...problems, ...automatic.problems]),
    ownersOf: owners.of,
    placeOf: owners.placeOf,
  };
}

export interface DatabaseOptions {
  readonly platform: Platform | undefined;
  /** `false`: not the lists of dpkg's files, which are nearly all of a database. */
  readonly files?: boolean | undefined;
}

/** The packages alone, by name and architecture, whatever else is in the tree. */
export function readDatabases(
  tree: TextTree,
  { platform, files = true }: DatabaseOptions,
): Pick<ImagePackages, 'packages' | 'problems'> {
  const status = textAt('var/lib/dpkg/status', tree);
  const statusD = textsIn('var/lib/dpkg/status.d', tree);
  const dpkg = readDpkgDatabase({
    architecture: debianName(platform),
    status: status?.text,
    statusD: files ? statusD : new Map([...statusD].filter(([name]) => !name.endsWith('.md5sums'))),
    info: files ? textsIn('var/lib/dpkg/info', tree) : new Map(),
  });
  const apk = apkPaths.flatMap((path) => textAt(path, tree) ?? []);
  // One of the two may be a link to the other.
  const distinct = apk.filter(({ path }, index) => apk.findIndex((other) => other.path === path) === index);
  const read = distinct.map(({ path, text }) => ({ path, ...readApkDatabase(text, `/${path}`) }));
  const packages = [
    ...dpkg.packages.map(debianPackage),
    ...read.flatMap(({ path, packages: found }) => found.map((one) => alpinePackage(one, path))),
  ];
  return {
    packages: packages.sort(byName),
    problems: [
      ...[...apkPaths, 'var/lib/dpkg/status'].flatMap((path) => unread(path, tree)),
      ...dpkg.problems,
      ...read.flatMap(({ problems }) => problems),
    ],
  };
}

const apkPaths = ['lib/apk/db/installed', 'usr/lib/apk/db/installed'] as const;

function debianPackage({ record, database, ...rest }: DpkgPackage): ImagePackage {
  const { name, version, architecture, source } = record;
  const path = `var/lib/dpkg/${database}`;
  return { ecosystem: 'deb', name, version, architecture, source, record, ...rest, database: path };
}

function alpinePackage({ origin, depends, provides, ...one }: ApkPackage, database: string): ImagePackage {
  const source = { name: origin ?? one.name, version: one.version };
  const relations = { depends, provides };
  return {
    ecosystem: 'apk',
    ...one,
    source,
    record: undefined,
    relations,
    md5sums: new Map(),
    conffiles: [],
    database,
  };
}

function byName(a: ImagePackage, b: ImagePackage): number {
  return compareStrings(a.name, b.name) || compareStrings(a.architecture, b.architecture);
}

/** Images are also for platforms that Debian does not serve. */
function debianName(platform: Platform | undefined): string | undefined {
  if (platform === undefined) return undefined;
  try {
    return debianOfPlatform(platform);
  } catch (error) {
    if (isSlimimageError(error, 'PLATFORM_UNAVAILABLE')) return undefined;
    throw error;
  }
}

/** A database whose content is not kept: it is larger than any. */
function unread(path: string, { rootfs, textOf }: TextTree): readonly string[] {
  const node = rootfs.resolve(path);
  if (node === undefined || node.entry.type !== 'file' || textOf(node) !== undefined) return [];
  return [`/${path} has ${node.entry.size} bytes, which is more than is read of a package database`];
}

function automaticOf(tree: TextTree): { readonly names?: ReadonlySet<string>; readonly problems: readonly string[] } {
  const states = textAt('var/lib/apt/extended_states', tree);
  if (states === undefined) return { problems: [] };
  try {
    const names = readAutomatic(states.text);
    return names === undefined ? { problems: [] } : { names, problems: [] };
  } catch (error) {
    if (!isSlimimageError(error)) throw error;
    return { problems: [error.message] };
  }
}

const shownProblems = 100;

function shortened(problems: readonly string[]): readonly string[] {
  if (problems.length <= shownProblems) return problems;
  return [...problems.slice(0, shownProblems), `${problems.length - shownProblems} more like these`];
}
