import type { AssignedIds } from '../../effects/types.ts';
import { compareStrings } from '../../util/text.ts';
import type { Session } from '../session.ts';

/**
 * Warns of system accounts that packages want and the lock has no number for: what a configuration leaves out may have
 * changed, or somebody has taken them out of the lock. They get a number by the rules of a build without one
 * (docs/effects.md), none that the lock gives to another.
 */
export function warnOfAccounts(
  { users, groups }: AssignedIds,
  { lockedIds, session }: { readonly lockedIds: ReadonlyMap<string, number>; readonly session: Session },
): void {
  const ids = new Map([...Object.entries(groups), ...Object.entries(users)]);
  for (const [name, id] of [...ids].sort(([a], [b]) => compareStrings(a, b))) {
    if (lockedIds.has(name)) continue;
    session.onEvent({
      type: 'warning',
      message: `The lock has no number for the account ${name}: it gets ${id}`,
      hint: '`slimimage lock` writes it down.',
    });
  }
}
