import type { Stats } from 'node:fs';
import { stat, utimes } from 'node:fs/promises';

/**
 * When something was last used is its modification time: access times are off on many systems. It is renewed at most
 * once an hour, so that reading stays reading.
 */
const granularity = 60 * 60 * 1000;

/** Stat of a path that is about to be used, or undefined where it is missing. Marks it as used. */
export async function use(path: string): Promise<Stats | undefined> {
  const stats = await stat(path).catch(() => undefined);
  const now = new Date();
  if (stats !== undefined && now.getTime() - stats.mtimeMs > granularity) {
    // A store that this user can only read keeps its times.
    await utimes(path, now, now).catch(() => undefined);
  }
  return stats;
}
