import { ancestorPaths } from '../rootfs/path.ts';
import { compareStrings } from '../util/text.ts';
import { accountEntries } from './accounts.ts';
import { alternatives } from './alternatives.ts';
import { baseLayout } from './base-layout.ts';
import { byteCode } from './bytecode.ts';
import { certificates } from './certificates.ts';
import { collectAccounts } from './collect-accounts.ts';
import { loginFiles, nameServiceSwitch, postgresqlFiles } from './copied-defaults.ts';
import { desktopFiles } from './desktop.ts';
import { dpkgMetadata } from './dpkg-metadata.ts';
import { javaTrustStore } from './java-trust-store.ts';
import { libraryCache } from './ld-so-cache.ts';
import { compiledLocales } from './locales.ts';
import { overlayTree } from './overlay-tree.ts';
import { pamCommonFiles } from './pam.ts';
import { resolveUser } from './resolve-user.ts';
import { scriptCalls } from './script-calls.ts';
import { scriptFiles } from './script-files.ts';
import { sgmlCatalogue } from './sgml-catalogue.ts';
import { loginShells } from './shells.ts';
import { terminfo } from './terminfo.ts';
import { timeZone } from './time-zone.ts';
import type { EffectInput, EffectResult, GeneratedEntry } from './types.ts';
import { xmlCatalogues } from './xml-catalogues.ts';

/**
 * Runs every effect over the tree. Pure: the same input gives the same entries, and effects do not see each other's;
 * only the cache of libraries sees what all others make.
 * @throws SlimimageError ACCOUNT_INVALID, SOURCE_INVALID for what the configuration or a package asks and can't have.
 */
export function generateEntries(input: EffectInput): EffectResult {
  const calls = scriptCalls(input);
  const collected = collectAccounts(input, calls);
  const { accounts, assignedIds, warnings } = collected;
  const scripted = scriptFiles(input, { calls, accounts });
  const desktop = desktopFiles(input);
  const debian = input.settings.base === 'debian';
  const others = [
    ...baseLayout(input),
    ...accountEntries(input, collected),
    ...certificates(input),
    ...javaTrustStore(input),
    ...nameServiceSwitch(input),
    ...(debian ? loginFiles(input) : []),
    ...postgresqlFiles(input),
    ...terminfo(input),
    ...alternatives(input, calls),
    ...loginShells(input, calls),
    ...pamCommonFiles(input, calls),
    ...timeZone(input, calls),
    ...compiledLocales(input),
    ...xmlCatalogues(input, calls),
    ...sgmlCatalogue(input),
    ...desktop.entries,
    ...scripted.entries,
    ...byteCode(input),
    ...dpkgMetadata(input),
  ];
  // Alternatives are names of libraries, too.
  const entries = [...others, ...libraryCache({ ...input, tree: overlayTree(input.tree, others) })];
  return {
    entries: firstOfEach(entries),
    changes: scripted.changes,
    accounts,
    assignedIds,
    user: resolveUser(input.settings.user, accounts),
    warnings: [...warnings, ...desktop.warnings],
  };
}

/**
 * What a script writes with plain commands is last: an effect that knows the file makes it better. A path in the place of
 * a folder, or below what is none, has none (a script may link where another has a folder).
 */
function firstOfEach(entries: readonly GeneratedEntry[]): readonly GeneratedEntry[] {
  const byPath = new Map<string, GeneratedEntry>();
  const folders = new Set<string>();
  for (const entry of entries) {
    const { path, type } = entry;
    if (byPath.has(path) || (type !== 'directory' && folders.has(path))) continue;
    const above = [...ancestorPaths(path)];
    if (above.some((folder) => (byPath.get(folder)?.type ?? 'directory') !== 'directory')) continue;
    byPath.set(path, entry);
    for (const folder of above) folders.add(folder);
  }
  return [...byPath.values()].sort((a, b) => compareStrings(a.path, b.path));
}
