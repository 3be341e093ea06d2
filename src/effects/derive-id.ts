import { sha256Hex } from '../util/digest.ts';

export interface IdRange {
  readonly first: number;
  readonly count: number;
}

/** System accounts without a number in the table; Debian's own automatic ids end below 1000. */
export const systemRange: IdRange = { first: 200, count: 700 };
/** Whether a number is one that slimimage gives to system accounts: of the table (system-ids.ts) or from the name. */
export function isSystemId(id: number): boolean {
  return Number.isInteger(id) && id >= systemRange.first && id < systemRange.first + systemRange.count;
}

/** Accounts of the configuration without a number: where Debian puts people. */
export const personRange: IdRange = { first: 1000, count: 9000 };

/**
 * An id that depends on the name alone, unless `taken` holds it already: then the next one that is free, from the
 * start again after the end. Undefined where every id of the range is taken.
 */
export function deriveId(name: string, options: { range: IdRange; taken: ReadonlySet<number> }): number | undefined {
  const { range, taken } = options;
  const start = Number.parseInt(sha256Hex(name).slice(0, 12), 16) % range.count;
  for (let step = 0; step < range.count; step++) {
    const id = range.first + ((start + step) % range.count);
    if (!taken.has(id)) return id;
  }
  return undefined;
}
