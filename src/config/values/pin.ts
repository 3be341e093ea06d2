import { SlimimageError } from '../../errors.ts';
import { compileExpression } from '../../solver/expression.ts';
import { neverPriority } from '../../solver/pins.ts';
import type { Pin } from '../../solver/types.ts';

/** What stands for packages in a pin: names, globs, `src:NAME`, `NAME:ARCHITECTURE`, `/expressions/`. */
export const pinNameForm = /^(?:src:)?(?:\/[^\0\n]+\/|[a-z0-9*?[][a-z0-9+.*?[\]!^-]*)(?::[a-z0-9-]+)?$/;

/** apt's: above 1000 even a downgrade, which for an image that is made anew is no more than "before all others". */
const versionPriority = 1001;
/** apt's for a release that was asked for (`--target-release`). */
const suitePriority = 990;

/** A pin as a map says it. */
export interface PinSetting {
  readonly packages?: string | readonly string[] | undefined;
  readonly version?: string | undefined;
  readonly suite?: string | undefined;
  readonly release?: Readonly<Record<string, string | undefined>> | undefined;
  readonly archive?: string | undefined;
  readonly priority?: number | 'never' | undefined;
}

/**
 * Reads a pin in one word: `NAME=VERSION` or `NAME/SUITE`.
 * @throws SlimimageError CONFIG_INVALID
 */
export function parsePin(text: string): Pin {
  const [, name = '', sign, value = ''] = /^([^=/\s]+)([=/])([^=/\s,]+)$/.exec(text) ?? [];
  if (sign === undefined || !pinNameForm.test(name)) {
    const hint = 'forms: nginx=1.26*, nginx/trixie-backports, { packages: [nginx, "libnginx-*"], version: 1.26* }';
    throw new SlimimageError({ code: 'CONFIG_INVALID', message: `"${text.slice(0, 80)}" is not a pin`, hint });
  }
  for (const part of [name, value]) compileExpression(part);
  const pin = makePin(sign === '=' ? { packages: name, version: value } : { packages: name, suite: value });
  return { ...pin, text };
}

/** A valid pin in apt's terms. */
export function makePin({ packages = [], version, suite, release, archive, priority }: PinSetting): Pin {
  const names = typeof packages === 'string' ? [packages] : packages;
  const isGeneral = names.length === 1 && names[0] === '*';
  const usual = version === undefined ? suitePriority : versionPriority;
  const fields = Object.entries({ ...release, archive }).filter(([, value]) => value !== undefined);
  const match: Pin['match'] =
    version === undefined
      ? { type: 'release', ...(suite === undefined ? Object.fromEntries(fields) : { name: suite }) }
      : { type: 'version', glob: version };
  const shown = version ?? suite ?? fields.map(([key, value]) => `${key} ${value}`).join(', ');
  const kind = version !== undefined ? 'version ' : suite !== undefined ? 'suite ' : '';
  const number = priority === 'never' ? neverPriority : (priority ?? usual);
  return {
    text: `${isGeneral || names.length === 0 ? '*' : names.join(' ')}: ${kind}${shown}, priority ${priority ?? usual}`,
    packages: isGeneral ? [] : names,
    match,
    priority: number,
  };
}
