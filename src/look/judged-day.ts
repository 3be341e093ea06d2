import { SlimimageError } from '../errors.ts';
import { isDate } from './allow-list.ts';

export interface JudgedDayOptions {
  readonly date?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The day for which support and allowances are judged, `2026-11-21`: the given one, that of SOURCE_DATE_EPOCH, else today.
 * @throws SlimimageError USAGE, CONFIG_INVALID for what is no date and no count of seconds
 */
export function judgedDay({ date, env }: JudgedDayOptions): string {
  if (date !== undefined) {
    if (isDate(date)) return date;
    throw new SlimimageError({
      code: 'USAGE',
      message: `"${date.slice(0, 40)}" is no date`,
      hint: 'Write it as 2027-06-30.',
    });
  }
  const epoch = env['SOURCE_DATE_EPOCH'];
  if (epoch === undefined || epoch === '') return new Date().toISOString().slice(0, 10);
  if (/^[0-9]{1,11}$/.test(epoch)) return new Date(Number(epoch) * 1000).toISOString().slice(0, 10);
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `SOURCE_DATE_EPOCH is "${epoch.slice(0, 40)}", expected whole seconds since 1970`,
  });
}
