import { strikeBytes } from '../secrets/strike-text.ts';
import { decodeByteText } from '../util/byte-text.ts';
import type { ProgramFacts } from '../view/types.ts';
import { comparePrograms } from './compare-programs.ts';
import { textPatch } from './text-patch.ts';
import type { ContentDifference } from './types.ts';

/** Bytes of a file that is compared as text. */
export const comparedTextBytes = 4 * 1024 * 1024;

/** One side's content; undefined where there is no file. */
export interface FileContent {
  /** Undefined where it is larger than `comparedTextBytes`. */
  readonly bytes: Uint8Array | undefined;
  readonly sha256: string | undefined;
  readonly program: ProgramFacts | undefined;
}

export interface ContentSides {
  readonly from: FileContent | undefined;
  readonly to: FileContent | undefined;
  readonly showSecrets?: boolean | undefined;
}

/**
 * What differs between the contents of a file, as unified text (`--- a/PATH`, `+++ b/PATH`) where both are text, else by what a
 * loader sees of it.
 * Secrets in the lines that it shows are struck out; that such a line changed is still told.
 * @param path relative to the root
 */
export function compareContents(path: string, { from, to, showSecrets = false }: ContentSides): ContentDifference {
  if (from === undefined && to === undefined) return { type: 'same' };
  if (from?.sha256 !== undefined && from.sha256 === to?.sha256) return { type: 'same' };
  const program = comparePrograms(from?.program, to?.program);
  const isLarge = (side: FileContent | undefined) => side !== undefined && side.bytes === undefined;
  if (isLarge(from) || isLarge(to)) return { type: 'large', program };
  const [before, after] = [textOf(from?.bytes), textOf(to?.bytes)];
  if (before === undefined || after === undefined) return { type: 'binary', program };
  const shown = showSecrets ? undefined : { from: struckText(from?.bytes, path), to: struckText(to?.bytes, path) };
  const isStruck = shown !== undefined && (shown.from !== before || shown.to !== after);
  const { hunks, shortest } = textPatch({ from: before, to: after }, isStruck ? shown : undefined);
  const names = [
    from === undefined ? '/dev/null' : quoted(`a/${path}`),
    to === undefined ? '/dev/null' : quoted(`b/${path}`),
  ];
  return { type: 'text', patch: `--- ${names[0]}\n+++ ${names[1]}\n${hunks}`, shortest, struckOut: isStruck };
}

/** As diff and git do: what has a zero byte is no text. */
function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return '';
  return bytes.includes(0) ? undefined : decodeByteText(bytes);
}

function struckText(bytes: Uint8Array | undefined, path: string): string {
  return bytes === undefined ? '' : decodeByteText(strikeBytes(bytes, { where: 'file', path }));
}

/** A name that could be taken for more than a name is quoted, as git does. */
function quoted(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point.
  return /[\u0000-\u001f\u007f"\\]/.test(name) ? JSON.stringify(name) : name;
}
