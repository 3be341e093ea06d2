/** One version of a source package, as its maintainer describes it. */
export interface ChangelogEntry {
  /** Name of the source package. */
  readonly package: string;
  readonly version: string;
  /** `trixie-security`; several in old entries. */
  readonly distributions: readonly string[];
  /** Lower case; '' where none is given. */
  readonly urgency: string;
  /** Seconds since the epoch; undefined where it is missing or unreadable. */
  readonly date: number | undefined;
  /** The changes as written, without empty lines at both ends. */
  readonly text: string;
}

/**
 * The entries of a Debian changelog in their order, the newest first: Policy 4.4, deb-changelog(5). Changelogs are
 * written by hand and have been for thirty years: what is no entry is passed over, and nothing is ever refused.
 */
export function parseChangelog(text: string): readonly ChangelogEntry[] {
  const entries: ChangelogEntry[] = [];
  let open: OpenEntry | undefined;
  const close = (date: number | undefined) => {
    if (open !== undefined) entries.push({ ...open.heading, date, text: trimLines(open.lines) });
    open = undefined;
  };
  for (const line of text.split('\n')) {
    const heading = parseHeading(line);
    if (heading !== undefined) {
      // Its trailer is missing.
      close(undefined);
      open = { heading, lines: [] };
    } else if (open === undefined) {
      if (historic.test(line)) break;
    } else if (trailer.test(line)) {
      close(parseDate(line));
    } else if (/^\s/.test(line) || line === '') {
      open.lines.push(line.trimEnd());
    }
  }
  close(undefined);
  return entries;
}

interface OpenEntry {
  readonly heading: Omit<ChangelogEntry, 'date' | 'text'>;
  readonly lines: string[];
}

/** Longer lines are no headings and no trailers. */
const maxLine = 2000;

const trailer = /^ --(?: |$)/;

/** From here on, entries of another form: dpkg's parser stops there too. */
const historic = /^Old Changelog:\s*$/i;

function parseHeading(line: string): OpenEntry['heading'] | undefined {
  if (line.length > maxLine) return undefined;
  const match = /^([a-z0-9][a-z0-9.+-]*) \(([^() \t]+)\)((?:\s+[a-z0-9.+-]+)+);(.*)$/i.exec(line);
  if (match === null) return undefined;
  const [, name = '', version = '', distributions = '', metadata = ''] = match;
  return {
    package: name,
    version,
    distributions: distributions.trim().split(/\s+/),
    urgency: /(?:^|[,\s])urgency=\s*([a-z]+)/i.exec(metadata)?.[1]?.toLowerCase() ?? '',
  };
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** RFC 5322 date at the end of a trailer: `Fri, 03 Apr 2026 10:00:00 +0200`. */
function parseDate(line: string): number | undefined {
  if (line.length > maxLine) return undefined;
  const [, day, month = '', year, hours, minutes, seconds, sign, zoneHours, zoneMinutes] =
    /> {1,2}(?:[a-z]+,\s*)?([0-9]{1,2})\s+([a-z]{3})[a-z]*\s+([0-9]{4})\s+([0-9]{1,2}):([0-9]{2}):([0-9]{2})\s+([+-])([0-9]{2})([0-9]{2})\b/i.exec(
      line,
    ) ?? [];
  const monthIndex = months.indexOf(month.toLowerCase());
  if (day === undefined || monthIndex < 0) return undefined;
  const local = Date.UTC(Number(year), monthIndex, Number(day), Number(hours), Number(minutes), Number(seconds)) / 1000;
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60;
  return sign === '-' ? local + zone : local - zone;
}

function trimLines(lines: readonly string[]): string {
  const isFull = (line: string) => line !== '';
  return lines.slice(Math.max(0, lines.findIndex(isFull)), lines.findLastIndex(isFull) + 1).join('\n');
}
