import type { EffectEntry } from './types.ts';

/** Set-user-id and set-group-id: no image has them unless `special-permissions:` says so, which speaks of packaged files. */
const special = 0o6000;

/**
 * The permissions that chmod(1) gives with `text`: octal, or symbolic (`u=rwX,g+s,o-rwx`) on the permissions that are
 * there, umask 022. Without set-user-id and set-group-id bits. Undefined for what chmod refuses.
 */
export function changedMode(text: string, entry: Pick<EffectEntry, 'mode' | 'type'>): number | undefined {
  if (/^[0-7]{1,5}$/.test(text)) return Number.parseInt(text, 8) & 0o7777 & ~special;
  let { mode } = entry;
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)((?:[-+=][rwxXst]*|[-+=][ugo])+)$/.exec(clause);
    if (match === null) return undefined;
    const who = match[1] === '' ? 'a' : (match[1] ?? 'a');
    for (const [, operator = '', permissions = ''] of (match[2] ?? '').matchAll(/([-+=])([rwxXstugo]*)/g)) {
      mode = apply(mode, {
        who,
        implied: match[1] === '',
        operator,
        permissions,
        isFolder: entry.type === 'directory',
      });
    }
  }
  return mode & ~special;
}

interface Clause {
  readonly who: string;
  /** Nobody is named: the umask takes its part. */
  readonly implied: boolean;
  readonly operator: string;
  readonly permissions: string;
  readonly isFolder: boolean;
}

function apply(mode: number, { who, implied, operator, permissions, isFolder }: Clause): number {
  const shifts = [...(who.includes('a') ? 'ugo' : who)].map((letter) => ({ u: 6, g: 3, o: 0 })[letter] ?? 0);
  let bits = 0;
  for (const letter of permissions) {
    if (letter === 'r') bits |= 4;
    else if (letter === 'w') bits |= 2;
    else if (letter === 'x' || (letter === 'X' && (isFolder || (mode & 0o111) !== 0))) bits |= 1;
    else if (letter === 'u') bits |= (mode >> 6) & 7;
    else if (letter === 'g') bits |= (mode >> 3) & 7;
    else if (letter === 'o') bits |= mode & 7;
  }
  let mask = 0;
  for (const shift of shifts) mask |= bits << shift;
  if (implied) mask &= ~0o022;
  const sticky = permissions.includes('t') ? 0o1000 : 0;
  if (operator === '-') return mode & ~mask & ~sticky;
  const kept = operator === '=' ? mode & ~shifts.reduce((all, shift) => all | (7 << shift), 0) : mode;
  return kept | mask | sticky;
}
