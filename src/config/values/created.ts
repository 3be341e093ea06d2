import { SlimimageError } from '../../errors.ts';

const pattern =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:[0-9]{2}))?$/;

/**
 * Seconds since the epoch of an ISO 8601 date (midnight UTC), or of a date with time and zone; also plain digits.
 * A time without a zone would mean another moment on another machine, so it is refused.
 * @throws SlimimageError CONFIG_INVALID
 */
export function parseCreated(text: string): number {
  if (/^[0-9]{1,12}$/.test(text)) return Number(text);
  const match = pattern.exec(text);
  // `Date.parse` rolls the 31st of February over to March.
  const day = match === null ? undefined : new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])));
  const isDay =
    day !== undefined && day.getUTCDate() === Number(match?.[3]) && day.getUTCMonth() + 1 === Number(match?.[2]);
  const milliseconds = isDay ? Date.parse(text.replace(' ', 'T').toUpperCase()) : Number.NaN;
  if (!Number.isNaN(milliseconds) && milliseconds >= 0) return Math.floor(milliseconds / 1000);
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `"${text.slice(0, 40)}" is not a date: expected one since 1970 such as 2026-01-31, or with time and zone 2026-01-31T12:00:00Z`,
  });
}
