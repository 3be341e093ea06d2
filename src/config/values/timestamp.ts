/* Times as snapshot archives write them: ISO 8601 without separators, in UTC: `20260901T000000Z`. */

/** Milliseconds since the epoch; NaN where it is none. */
export function momentOf(timestamp: string): number {
  return Date.parse(timestamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

/** @param moment milliseconds since the epoch. */
export function timestampOf(moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}
