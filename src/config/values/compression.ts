import { SlimimageError } from '../../errors.ts';
import type { Compression } from '../../oci/compression.ts';
import { nearest } from '../../util/nearest.ts';

const levels = {
  gzip: { usual: 6, min: 1, max: 9 },
  zstd: { usual: 3, min: 1, max: 19 },
  none: { usual: 0, min: 0, max: 0 },
} as const;

/**
 * Reads `gzip`, `zstd`, `none`, or with a level `gzip-9`.
 * @throws SlimimageError CONFIG_INVALID
 */
export function parseCompression(text: string): Compression {
  const [, algorithm = '', level] = /^([a-z]+)(?:-([0-9]{1,2}))?$/.exec(text) ?? [];
  if (!isAlgorithm(algorithm)) {
    const found = nearest(algorithm === '' ? text : algorithm, Object.keys(levels));
    throw new SlimimageError({
      code: 'CONFIG_INVALID',
      message: `"${text.slice(0, 40)}" is not a compression: expected gzip, zstd, none, or a level as in gzip-9`,
      hint: found === undefined ? undefined : `did you mean "${found}"?`,
    });
  }
  const range = levels[algorithm];
  const number = level === undefined ? range.usual : Number(level);
  if (number < range.min || number > range.max) {
    const message = `${algorithm} has levels from ${range.min} to ${range.max}, not ${number}`;
    throw new SlimimageError({ code: 'CONFIG_INVALID', message });
  }
  return { algorithm, level: number };
}

function isAlgorithm(text: string): text is Compression['algorithm'] {
  return Object.hasOwn(levels, text);
}
