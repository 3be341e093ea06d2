import { SlimimageError } from '../../errors.ts';
import type { Stanza } from '../../formats/deb822/stanza.ts';
import type { Dependency, PackageOrigin, PackageRecord, Relation } from '../types.ts';
import { parseDependencies, parseRelations } from './dependencies.ts';

/** Where a stanza was found; `path` only where the stanza has no Filename (a .deb file, an installed package). */
export type StanzaOrigin = Omit<PackageOrigin, 'path'> & { readonly path?: string | undefined };

export interface RecordOptions {
  /** Architecture that the image is for; lists in dependency fields are read for it. */
  readonly architecture: string;
  /** Shared by the records of one universe, so that what they have in common is kept once. */
  readonly known?: Map<string, Dependency> | undefined;
  /** Size in bytes and hexadecimal sha256 of a .deb file, which its own control file cannot know. */
  readonly file?: { readonly size: number; readonly sha256: string } | undefined;
}

/**
 * The record of one binary package from its stanza in Packages, its control file or dpkg's status
 * (Debian Policy, chapter 5.3). What is missing takes dpkg's default.
 * @throws SlimimageError DEB822_INVALID without Package, Version or Architecture or with one that cannot be;
 * DEPENDENCY_INVALID; PATH_UNSAFE for a Filename that leaves the archive.
 */
export function packageRecord(stanza: Stanza, origin: StanzaOrigin, options: RecordOptions): PackageRecord {
  const name = required(stanza, 'Package', packageName);
  const version = required(stanza, 'Version', versionText);
  const architecture = required(stanza, 'Architecture', architectureName);
  const { known } = options;
  const dependencies = (field: string): readonly Dependency[] => {
    const text = stanza.get(field);
    return text === undefined
      ? none
      : parseDependencies(text, { architecture: options.architecture, what: `${field} of ${name}`, known });
  };
  const relations = (field: string): readonly Relation[] => {
    const text = stanza.get(field);
    return text === undefined
      ? none
      : parseRelations(text, { architecture: options.architecture, what: `${field} of ${name}`, known });
  };
  return {
    name,
    version,
    architecture,
    source: parseSource(stanza.get('Source'), { name, version }),
    essential: stanza.get('Essential')?.toLowerCase() === 'yes',
    priority: stanza.get('Priority')?.toLowerCase() ?? 'optional',
    section: stanza.get('Section') ?? '',
    multiArch: multiArch(stanza.get('Multi-Arch')),
    preDepends: dependencies('Pre-Depends'),
    depends: dependencies('Depends'),
    recommends: dependencies('Recommends'),
    conflicts: relations('Conflicts'),
    breaks: relations('Breaks'),
    replaces: relations('Replaces'),
    provides: offered(relations('Provides'), options.architecture),
    installedSize: wholeNumber(stanza.get('Installed-Size')),
    size: options.file?.size ?? wholeNumber(stanza.get('Size')),
    sha256: options.file?.sha256 ?? hexadecimal(stanza.get('SHA256')),
    origin: {
      archive: origin.archive,
      suite: origin.suite,
      component: origin.component,
      path: origin.path ?? archivePath(stanza.get('Filename'), name),
      priority: origin.priority,
      release: origin.release,
    },
  };
}

const none: readonly never[] = [];

/** apt passes over what is provided in another way than `(= VERSION)`, or for another architecture than the image's. */
function offered(provides: readonly Relation[], architecture: string): readonly Relation[] {
  const all = provides.every((provided) => isOffered(provided, architecture));
  return all ? provides : provides.filter((provided) => isOffered(provided, architecture));
}

function isOffered({ operator, qualifier }: Relation, architecture: string): boolean {
  if (operator !== undefined && operator !== '=') return false;
  return qualifier === undefined || qualifier === 'any' || qualifier === 'all' || qualifier === architecture;
}

/** Wider than Policy 5.6.1: what dpkg takes. */
/** Of a package that declares none, or whose own word on them is not to be had. */
export const noRelations = {
  preDepends: [],
  depends: [],
  recommends: [],
  conflicts: [],
  breaks: [],
  replaces: [],
  provides: [],
} as const satisfies Partial<PackageRecord>;

export const packageName = /^[0-9A-Za-z][0-9A-Za-z+._-]*$/;
const versionText = /^[0-9A-Za-z][0-9A-Za-z.+~:-]*$/;
const architectureName = /^[0-9a-z][0-9a-z-]*$/;
const sourcePattern = /^([^\s()]+)(?:\s*\(\s*([^\s()]+)\s*\))?$/;

function required(stanza: Stanza, field: string, pattern: RegExp): string {
  const value = stanza.get(field);
  if (value !== undefined && value.length <= 255 && pattern.test(value)) return value;
  const owner = stanza.get('Package')?.slice(0, 100);
  const which = owner === undefined ? 'A package stanza' : `The stanza of ${owner}`;
  const problem = value === undefined ? `has no ${field}` : `has the ${field} "${value.slice(0, 60)}", which cannot be`;
  throw new SlimimageError({ code: 'DEB822_INVALID', message: `${which} ${problem}` });
}

/** `Source: name (version)`; without it the binary's own name and version. */
function parseSource(
  text: string | undefined,
  own: { readonly name: string; readonly version: string },
): { name: string; version: string } {
  const match = text === undefined ? null : sourcePattern.exec(text);
  // A rebuild (`+b1`) always comes with its source's version in parentheses: dpkg-gencontrol writes it.
  return { name: match?.[1] ?? own.name, version: match?.[2] ?? own.version };
}

function multiArch(text: string | undefined): PackageRecord['multiArch'] {
  const value = text?.toLowerCase();
  return value === 'same' || value === 'foreign' || value === 'allowed' ? value : 'no';
}

function wholeNumber(text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return 0;
  return Number(text);
}

function hexadecimal(text: string | undefined): string {
  const value = text?.toLowerCase() ?? '';
  return /^[0-9a-f]{64}$/.test(value) ? value : '';
}

/** Blanks, control characters, what is not ASCII, and what a URL gives a meaning of its own. */
const unsafeInUrl = /[^!-~]|[\\?#]/;

/** A path below the archive's base URL; flat archives write `./name.deb`. */
function archivePath(text: string | undefined, name: string): string {
  if (text === undefined) return '';
  const parts = text.split('/').filter((part) => part !== '.');
  const unsafe = parts.some((part) => part === '' || part === '..') || unsafeInUrl.test(text) || text.length > 4096;
  if (!unsafe) return parts.join('/');
  throw new SlimimageError({
    code: 'PATH_UNSAFE',
    message: `The stanza of ${name} has the Filename "${text.slice(0, 100)}", which is no path inside the archive`,
  });
}
