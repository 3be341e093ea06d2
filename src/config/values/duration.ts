import { SlimimageError } from '../../errors.ts';

const nanoseconds: Readonly<Record<string, number>> = { ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/**
 * Nanoseconds of `30s`, `1m30s`, `500ms`, `1h`, `1.5s`.
 * @throws SlimimageError CONFIG_INVALID
 */
export function parseDuration(text: string): number {
  if (!/^(?:[0-9]{1,6}(?:\.[0-9]{1,3})?(?:ms|s|m|h)){1,4}$/.test(text)) {
    throw new SlimimageError({
      code: 'CONFIG_INVALID',
      message: `"${text.slice(0, 40)}" is not a duration: expected one such as 30s, 1m30s or 500ms`,
    });
  }
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/([0-9.]+)(ms|s|m|h)/g)) {
    sum += Math.round(Number(number) * (nanoseconds[unit ?? ''] ?? 0));
  }
  return sum;
}
