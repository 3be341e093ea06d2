import { SlimimageError } from '../../errors.ts';
import { momentOf, timestampOf } from './timestamp.ts';

/** What `from:` names: a preset, and the past state of it that is meant. */
export interface From {
  /** `debian/trixie`. */
  readonly preset: string;
  /** `20260901T000000Z`; undefined: today's. */
  readonly timestamp: string | undefined;
}

const timePattern =
  /^([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})(?:[Tt]([0-9]{2})(?:([0-9]{2})([0-9]{2})|:([0-9]{2}):([0-9]{2}))[Zz])?$/;

/**
 * `debian/trixie`, or with the time of a snapshot behind an `@`: `20260901T000000Z`, `2026-09-01T00:00:00Z`, or a day,
 * `20260901` or `2026-09-01`, which means its first moment in UTC.
 * @throws SlimimageError CONFIG_INVALID
 */
export function parseFrom(text: string): From {
  const at = text.indexOf('@');
  if (at < 0) return { preset: text, timestamp: undefined };
  const time = text.slice(at + 1);
  const [matched, year, , month, day, hour = '00', minute, second, colonMinute, colonSecond] =
    timePattern.exec(time) ?? [];
  const timestamp = `${year}${month}${day}T${hour}${minute ?? colonMinute ?? '00'}${second ?? colonSecond ?? '00'}Z`;
  if (matched !== undefined && isMoment(timestamp)) return { preset: text.slice(0, at), timestamp };
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `"${time.slice(0, 40)}" is not the time of a snapshot: expected 20260901T000000Z, 20260901 or 2026-09-01 (UTC)`,
  });
}

/** One form of each: `debian/trixie@2026-09-01` -> `debian/trixie@20260901T000000Z`. */
export function formatFrom({ preset, timestamp }: From): string {
  return timestamp === undefined ? preset : `${preset}@${timestamp}`;
}

/** `Date` rolls the 31st of February over to March. */
function isMoment(timestamp: string): boolean {
  const moment = momentOf(timestamp);
  return !Number.isNaN(moment) && timestampOf(moment) === timestamp;
}
