import type { Stanza } from '../../formats/deb822/stanza.ts';
import { limits } from '../../limits.ts';
import { decodeByteText } from '../../util/byte-text.ts';

/**
 * Paths of an `info/NAME.list`, as written but relative to the root, which itself is left out.
 * Names are bytes (util/byte-text.ts).
 */
export function parseFileList(bytes: Uint8Array): readonly string[] {
  return decodeByteText(bytes)
    .split('\n')
    .filter((line) => line.startsWith('/') && line !== '/.' && line !== '/')
    .map(relative);
}

/** Path -> hexadecimal MD5 of a `NAME.md5sums` (deb-md5sums(5)); other lines are passed over. */
export function parseMd5sums(bytes: Uint8Array): ReadonlyMap<string, string> {
  const sums = new Map<string, string>();
  for (const line of decodeByteText(bytes).split('\n')) {
    // Cut by hand: an image has a hundred thousand such lines.
    if (line.length <= 34 || line[32] !== ' ' || (line[33] !== ' ' && line[33] !== '*')) continue;
    const md5 = line.slice(0, 32);
    if (hexadecimal.test(md5)) sums.set(relative(line.slice(34)), md5);
  }
  return sums;
}

const hexadecimal = /^[0-9a-f]+$/;

/** Paths of an `info/NAME.conffiles` (deb-conffiles(5)). */
export function parseConffiles(bytes: Uint8Array): readonly string[] {
  return decodeByteText(bytes)
    .split('\n')
    .map((line) => line.replace(/^remove-on-upgrade /, '').trimEnd())
    .filter((line) => line.startsWith('/'))
    .map(relative);
}

/** The field `Conffiles` of dpkg's status: path -> MD5 of what the package shipped. */
export function conffilesOf(stanza: Stanza): ReadonlyMap<string, string> {
  const sums = new Map<string, string>();
  for (const line of stanza.lines('Conffiles')) {
    if (line.length > 2 * limits.pathBytes) continue;
    const [, path, md5] = /^(\/.*) ([0-9a-f]{32})(?: [a-z-]+)*$/.exec(line) ?? [];
    if (md5 !== undefined && path !== undefined) sums.set(relative(path), md5);
  }
  return sums;
}

/** One entry of `var/lib/dpkg/diversions`. Paths are relative to the root. */
export interface RecordedDiversion {
  readonly from: string;
  readonly to: string;
  /** Whose own file stays at `from`; undefined for a local one: every package's is moved. */
  readonly by: string | undefined;
}

/** Lines in threes: path, new path, package or `:` (dpkg-divert(1)). What is no such triple ends the reading. */
export function parseDiversions(bytes: Uint8Array): readonly RecordedDiversion[] {
  const lines = decodeByteText(bytes).split('\n');
  const found: RecordedDiversion[] = [];
  for (let at = 0; at + 2 < lines.length; at += 3) {
    const [from = '', to = '', by = ''] = lines.slice(at, at + 3);
    if (!from.startsWith('/') || !to.startsWith('/') || by === '') break;
    found.push({ from: relative(from), to: relative(to), by: by === ':' ? undefined : by });
  }
  return found;
}

function relative(path: string): string {
  // Nearly every path is of this form; a package database has a hundred thousand of them.
  if (!path.endsWith('/')) {
    const start = path.startsWith('/') ? 1 : 0;
    if (!path.startsWith('/', start) && !path.startsWith('./', start)) return start === 0 ? path : path.slice(1);
  }
  return path.replace(/^(?:\.?\/)+/, '').replace(/(?<!\/)\/+$/, '');
}
