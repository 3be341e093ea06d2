import { SlimimageError } from '../../errors.ts';
import { decodeUtf8 } from '../../util/text.ts';
import type { CompressionFormat } from '../compression/detect.ts';

/** What a member of a .deb is for. `ignored`: what deb(5) tells readers to skip. */
export type DebMember =
  | { readonly type: 'version' }
  | { readonly type: 'control'; readonly compression: CompressionFormat }
  | { readonly type: 'data'; readonly compression: CompressionFormat }
  | { readonly type: 'ignored' };

/** Bytes of a `debian-binary` that are believed. */
export const debVersionBytes = 1024;

/**
 * From the names of ar members to their meaning: deb(5). `debian-binary` comes first, then `control.tar`, then
 * `data.tar`; a name that begins with `_` is skipped anywhere behind the first, and so is whatever follows `data.tar`,
 * except a second control or data tar, which readers would disagree about.
 * @throws SlimimageError DEB_INVALID with a message that names what was wrong.
 */
export class DebMembers {
  readonly #what: string;
  #state: 'start' | 'version' | 'control' | 'data' = 'start';

  /** `what` names the package in messages. */
  constructor(what = '.deb') {
    this.#what = what;
  }

  /** The meaning of the next member. */
  next(name: string): DebMember {
    if (this.#state === 'start') return this.#first(name);
    if (name.startsWith('_')) return { type: 'ignored' };
    const tar = tarOf(name);
    if (tar === undefined) return this.#other(name);
    if (tar.type === 'control') this.#expectControl(name);
    else this.#expectData(name);
    const compression = tar.suffix === undefined ? undefined : suffixes[tar.type][tar.suffix];
    if (compression === undefined) throw this.#invalid(`${name} is compressed in a way that dpkg does not know`);
    this.#state = tar.type;
    return { type: tar.type, compression };
  }

  /** Checks the content of `debian-binary`: `2.` and a number; later lines are for later versions. */
  checkVersion(content: Uint8Array): void {
    const [line = ''] = decodeUtf8(content.subarray(0, debVersionBytes)).split('\n');
    if (/^2\.[0-9]+$/.test(line)) return;
    throw this.#invalid(`the format version is ${JSON.stringify(line.slice(0, 20))}, only 2.x is known`);
  }

  /** Says that no member follows. */
  end(): void {
    if (this.#state === 'start') throw this.#invalid('it is empty');
    if (this.#state === 'version') throw this.#invalid('control.tar is missing');
    if (this.#state === 'control') throw this.#invalid('data.tar is missing');
  }

  #first(name: string): DebMember {
    if (name !== 'debian-binary') throw this.#invalid(`its first member is ${JSON.stringify(name)}, not debian-binary`);
    this.#state = 'version';
    return { type: 'version' };
  }

  #other(name: string): DebMember {
    if (this.#state === 'data') return { type: 'ignored' };
    throw this.#invalid(`unknown member ${JSON.stringify(name)} before data.tar`);
  }

  #expectControl(name: string): void {
    if (this.#state !== 'version') throw this.#invalid(`${name} comes after another control.tar or data.tar`);
  }

  #expectData(name: string): void {
    if (this.#state === 'version') throw this.#invalid(`${name} comes before control.tar`);
    if (this.#state === 'data') throw this.#invalid(`${name} comes after another data.tar`);
  }

  #invalid(what: string): SlimimageError {
    return new SlimimageError({ code: 'DEB_INVALID', message: `${this.#what} is not a Debian package: ${what}` });
  }
}

type Suffixes = Readonly<Record<string, CompressionFormat>>;

const common: Suffixes = { '': 'none', '.gz': 'gzip', '.xz': 'xz', '.zst': 'zstd' };
const suffixes = { control: common, data: { ...common, '.bz2': 'bzip2', '.lzma': 'lzma' } as Suffixes } as const;

function tarOf(name: string): { readonly type: 'control' | 'data'; readonly suffix: string | undefined } | undefined {
  const match = /^(control|data)\.tar(\.[a-z0-9]+)?$/.exec(name);
  if (match === null) return undefined;
  return { type: match[1] === 'control' ? 'control' : 'data', suffix: match[2] ?? '' };
}
