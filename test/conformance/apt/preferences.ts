import type { Pin } from '../../../src/solver/types.ts';

/** The same pins as text of apt_preferences(5). */
export function preferencesOf(pins: readonly Pin[]): string {
  return pins
    .map((pin) => `Package: ${pin.packages.join(' ') || '*'}\nPin: ${matchOf(pin)}\nPin-Priority: ${pin.priority}\n`)
    .join('\n');
}

function matchOf({ match }: Pin): string {
  if (match.type === 'version') return `version ${match.glob}`;
  const fields = [
    ['a', match.suite],
    ['n', match.codename],
    ['v', match.version],
    ['o', match.origin],
    ['l', match.label],
    ['c', match.component],
  ].flatMap(([letter, value]) => (value === undefined ? [] : [`${letter}=${value}`]));
  return `release ${fields.join(', ')}`;
}
