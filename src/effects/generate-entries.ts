import { compareStrings } from '../util/text.ts';
import { accountEntries } from './accounts.ts';
import { alternatives } from './alternatives.ts';
import { baseLayout } from './base-layout.ts';
import { certificates } from './certificates.ts';
import { collectAccounts } from './collect-accounts.ts';
import { loginFiles, nameServiceSwitch } from './copied-defaults.ts';
import { dpkgMetadata } from './dpkg-metadata.ts';
import { libraryCache } from './ld-so-cache.ts';
import { overlayTree } from './overlay-tree.ts';
import { resolveUser } from './resolve-user.ts';
import { scriptCalls } from './script-calls.ts';
import { terminfo } from './terminfo.ts';
import type { EffectInput, EffectResult } from './types.ts';

/**
 * Runs every effect over the tree. Pure: the same input gives the same entries, and effects do not see each other's;
 * only the cache of libraries sees what all others make.
 * @throws SlimimageError ACCOUNT_INVALID, SOURCE_INVALID for what the configuration or a package asks and can't have.
 */
export function generateEntries(input: EffectInput): EffectResult {
  const collected = collectAccounts(input);
  const { accounts, assignedIds, warnings } = collected;
  const calls = scriptCalls(input);
  const debian = input.settings.base === 'debian';
  const others = [
    ...baseLayout(input),
    ...accountEntries(input, collected),
    ...certificates(input),
    ...nameServiceSwitch(input),
    ...(debian ? loginFiles(input) : []),
    ...terminfo(input),
    ...alternatives(input, calls),
    ...dpkgMetadata(input),
  ];
  // Alternatives are names of libraries, too.
  const entries = [...others, ...libraryCache({ ...input, tree: overlayTree(input.tree, others) })];
  return {
    entries: entries.sort((a, b) => compareStrings(a.path, b.path)),
    accounts,
    assignedIds,
    user: resolveUser(input.settings.user, accounts),
    warnings,
  };
}
