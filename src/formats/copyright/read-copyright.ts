import type { CopyrightFacts } from './types.ts';

/** Raised whenever the same file would give another answer. */
export const copyrightReaderVersion = 1;

/** Reads a Debian copyright file. Nothing is ever refused: what can't be read is said. */
export function readCopyright(_bytes: Uint8Array): CopyrightFacts {
  return { expression: undefined, references: {}, problem: 'It is in no form that can be read.', copyrights: [] };
}
