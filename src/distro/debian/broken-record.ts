import { isSlimimageError } from '../../errors.ts';
import type { Stanza } from '../../formats/deb822/stanza.ts';
import type { PackageRecord, Relation } from '../types.ts';
import { parseRelations } from './dependencies.ts';
import { noRelations, packageName, type StanzaOrigin } from './record.ts';

export interface BrokenOptions {
  /** Architecture of the universe. */
  readonly architecture: string;
  /** Why the record cannot be had, as it was thrown. */
  readonly error: unknown;
  /** Name of the package, where it was looked up by one. */
  readonly name?: string | undefined;
}

/**
 * The record that stands for a stanza which `packageRecord` refuses: enough to tell which package of which archive it
 * is, and to keep its place among the versions. Archives of which one stanza is wrong stay usable for all else.
 * @param stanza undefined where its very fields cannot be told apart
 * @returns undefined where nothing says which package it is about, or only what nobody could ask for
 * @throws what `error` is, where that is not about the stanza
 */
export function brokenRecord(
  stanza: Stanza | undefined,
  origin: StanzaOrigin,
  { architecture, error, name = stanza?.get('Package') }: BrokenOptions,
): PackageRecord | undefined {
  if (!isSlimimageError(error) || !aboutStanza.has(error.code)) throw error;
  if (name === undefined || !packageName.test(name)) return undefined;
  const own = stanza?.get('Architecture');
  const version = printable(stanza?.get('Version') ?? '?');
  return {
    name,
    version,
    architecture: own !== undefined && /^[0-9a-z][0-9a-z-]*$/.test(own) ? own : architecture,
    source: { name, version },
    essential: stanza?.get('Essential')?.toLowerCase() === 'yes',
    priority: 'optional',
    section: '',
    multiArch: 'no',
    ...noRelations,
    provides: readableProvides(stanza, architecture),
    installedSize: 0,
    size: 0,
    sha256: '',
    origin: { ...origin, path: '' },
    broken: printable(error.message, 300),
  };
}

const aboutStanza: ReadonlySet<string> = new Set([
  'DEB822_INVALID',
  'DEPENDENCY_INVALID',
  'PATH_UNSAFE',
  'LIMIT_EXCEEDED',
]);

/** For messages. */
function printable(text: string, most = 60): string {
  return text.slice(0, most).replace(/[^ -~]/g, '?');
}

function readableProvides(stanza: Stanza | undefined, architecture: string): readonly Relation[] {
  try {
    return parseRelations(stanza?.get('Provides') ?? '', { architecture });
  } catch (error) {
    if (isSlimimageError(error, 'DEPENDENCY_INVALID')) return [];
    throw error;
  }
}
