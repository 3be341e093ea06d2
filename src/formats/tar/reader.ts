import { SlimimageError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { encodeByteText } from '../../util/byte-text.ts';
import { plainBytes } from '../../util/bytes.ts';
import { damaged, flag, isZeroBlock, parseRawHeader, type RawHeader, resolveHeader, untilNul } from './header.ts';
import { paddedSize, tarBlockSize } from './layout.ts';
import { type PaxRecords, parsePaxRecords } from './pax.ts';
import type { TarHeader } from './types.ts';

/** What a reader tells, in order: `entry`, any number of `data`, `entryEnd`. It never calls after it has thrown. */
export interface TarHandler {
  entry(header: TarHeader): void;
  /** A piece of the entry's content: a view of the chunk that was pushed, valid as long as the chunk. */
  data(bytes: Uint8Array): void;
  entryEnd(): void;
}

export interface TarReaderOptions {
  /** Names the tar in messages. */
  readonly what?: string | undefined;
  /** Bytes of a path or link target. */
  readonly pathBytes?: number | undefined;
  /** Bytes of the extended headers before one entry, and of all global headers. */
  readonly metadataBytes?: number | undefined;
  /** Header blocks, extended ones included. */
  readonly entries?: number | undefined;
  /** Accept a tar that ends after an entry, without end-of-archive blocks: a fragment, or what some writers make. */
  readonly endOptional?: boolean | undefined;
}

/**
 * Push parser for tar: v7, ustar (POSIX.1-2017 pax), star's and GNU's variants, long names, global and local pax headers.
 * It copies no content. What follows the end-of-archive blocks is ignored, as tar does; a header after one zero block
 * is refused. Sparse, multi-volume and unknown types are refused.
 * @throws SlimimageError TAR_INVALID (damaged or truncated), LIMIT_EXCEEDED.
 */
export class TarReader {
  readonly #handler: TarHandler;
  readonly #what: string;
  readonly #limit: { readonly pathBytes: number; readonly metadataBytes: number; readonly entries: number };
  readonly #endOptional: boolean;

  /** A block or extended header that the last chunk held only in part. */
  #partial: Uint8Array = new Uint8Array(tarBlockSize);
  #partialLength = 0;
  /** The extended header whose content comes next. */
  #extension: RawHeader | undefined;
  /** Bytes of the current entry's content, then of its padding, that are still to come. */
  #content = 0;
  #padding = 0;
  #inEntry = false;
  #zeroBlocks = 0;

  #headers = 0;
  #metadata = 0;
  #globalMetadata = 0;
  #global: PaxRecords = noRecords;
  #local: PaxRecords | undefined;
  #longName: Uint8Array | undefined;
  #longLink: Uint8Array | undefined;

  constructor(handler: TarHandler, options: TarReaderOptions = {}) {
    this.#handler = handler;
    this.#what = options.what ?? 'tar';
    this.#limit = {
      pathBytes: options.pathBytes ?? limits.pathBytes,
      metadataBytes: options.metadataBytes ?? limits.tarMetadataBytes,
      entries: options.entries ?? limits.tarEntries,
    };
    this.#endOptional = options.endOptional ?? false;
  }

  /** The end-of-archive blocks have been read: what still comes is ignored. */
  get ended(): boolean {
    return this.#zeroBlocks >= 2;
  }

  push(given: Uint8Array): void {
    const chunk = plainBytes(given);
    let at = 0;
    while (at < chunk.length && !this.ended) {
      if (this.#inEntry) at = this.#takeContent(chunk, at);
      else if (this.#padding > 0) at = this.#skipPadding(chunk, at);
      else at = this.#takeBlock(chunk, at);
    }
  }

  /** Says that no chunk follows. */
  end(): void {
    if (this.#inEntry || this.#padding > 0 || this.#partialLength > 0) throw this.#damaged('the tar is cut off');
    if (this.#extension !== undefined || this.#hasExtensions) {
      throw this.#damaged('the tar ends after an extended header');
    }
    if (this.#zeroBlocks === 0 && !this.#endOptional) throw this.#damaged('the tar is cut off before its end marker');
  }

  #takeContent(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#content);
    if (end > at) this.#handler.data(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
    this.#content -= end - at;
    if (this.#content === 0) this.#endEntry();
    return end;
  }

  #endEntry(): void {
    this.#inEntry = false;
    this.#handler.entryEnd();
  }

  #skipPadding(chunk: Uint8Array, at: number): number {
    const skipped = Math.min(this.#padding, chunk.length - at);
    this.#padding -= skipped;
    return at + skipped;
  }

  /** Reads a header block or the content of an extended header, over chunk borders where it must. */
  #takeBlock(chunk: Uint8Array, at: number): number {
    const size = this.#extension?.size ?? tarBlockSize;
    if (this.#partialLength === 0 && chunk.length - at >= size) {
      this.#useBlock(chunk.subarray(at, at + size));
      return at + size;
    }
    if (this.#partial.length < size) this.#partial = new Uint8Array(size);
    const taken = Math.min(size - this.#partialLength, chunk.length - at);
    this.#partial.set(chunk.subarray(at, at + taken), this.#partialLength);
    this.#partialLength += taken;
    if (this.#partialLength === size) {
      this.#partialLength = 0;
      this.#useBlock(this.#partial.subarray(0, size));
    }
    return at + taken;
  }

  #useBlock(block: Uint8Array): void {
    if (this.#extension === undefined) this.#useHeader(block);
    else this.#useExtension(this.#extension.typeflag, block.slice());
  }

  #useHeader(block: Uint8Array): void {
    if (block[0] === 0 && isZeroBlock(block)) {
      if (this.#hasExtensions) throw this.#damaged('the tar ends after an extended header');
      this.#zeroBlocks++;
      return;
    }
    if (this.#zeroBlocks > 0) throw this.#damaged('a header after a block of zeros');
    if (++this.#headers > this.#limit.entries) throw this.#tooMuch(`more than ${this.#limit.entries} entries`);
    const raw = parseRawHeader(block, this.#where);
    if (extensionFlags.has(raw.typeflag)) this.#startExtension(raw);
    else this.#startEntry(raw);
  }

  #startExtension(raw: RawHeader): void {
    const isGlobal = raw.typeflag === flag('g');
    const total = raw.size + (isGlobal ? this.#globalMetadata : this.#metadata);
    if (total > this.#limit.metadataBytes) {
      throw this.#tooMuch(`extended headers of more than ${this.#limit.metadataBytes} bytes`);
    }
    if (isGlobal) this.#globalMetadata = total;
    else this.#metadata = total;
    if (raw.size === 0) this.#useExtension(raw.typeflag, new Uint8Array(0));
    else this.#extension = raw;
  }

  #useExtension(typeflag: number, content: Uint8Array): void {
    this.#extension = undefined;
    this.#padding = paddedSize(content.length) - content.length;
    switch (String.fromCharCode(typeflag)) {
      case 'g':
        this.#global = new Map([...this.#global, ...this.#records(content)]);
        return;
      case 'x':
        if (this.#local !== undefined) throw this.#damaged('two pax headers for one entry');
        this.#local = this.#records(content);
        return;
      case 'L':
        if (this.#longName !== undefined) throw this.#damaged('two long names for one entry');
        this.#longName = untilNul(content);
        return;
      default:
        if (this.#longLink !== undefined) throw this.#damaged('two long link targets for one entry');
        this.#longLink = untilNul(content);
    }
  }

  #records(content: Uint8Array): PaxRecords {
    const records = parsePaxRecords(content);
    if (records === undefined) throw this.#damaged('a malformed pax header');
    return records;
  }

  #startEntry(raw: RawHeader): void {
    const header = resolveHeader(
      raw,
      { pax: this.#takeRecords(), longName: this.#longName, longLink: this.#longLink },
      this.#where,
    );
    this.#longName = undefined;
    this.#longLink = undefined;
    this.#metadata = 0;
    this.#checkPath(header.path);
    if (header.linkTarget !== undefined) this.#checkPath(header.linkTarget);
    this.#content = header.size;
    this.#padding = paddedSize(header.size) - header.size;
    this.#inEntry = true;
    this.#handler.entry(header);
    if (header.size === 0) this.#endEntry();
  }

  #takeRecords(): PaxRecords {
    const local = this.#local;
    this.#local = undefined;
    if (local === undefined) return this.#global;
    return this.#global.size === 0 ? local : new Map([...this.#global, ...local]);
  }

  #checkPath(path: string): void {
    const limit = this.#limit.pathBytes;
    if (path.length * 3 <= limit) return;
    if (path.length > limit || encodeByteText(path).length > limit) {
      throw this.#tooMuch(`a path of more than ${limit} bytes`);
    }
  }

  get #hasExtensions(): boolean {
    return this.#local !== undefined || this.#longName !== undefined || this.#longLink !== undefined;
  }

  get #where(): string {
    return `${this.#what}: header ${this.#headers}`;
  }

  #damaged(what: string): SlimimageError {
    return damaged(`${this.#what}: after header ${this.#headers}`, what);
  }

  #tooMuch(what: string): SlimimageError {
    return new SlimimageError({ code: 'LIMIT_EXCEEDED', message: `${this.#what}: ${what}` });
  }
}

const noRecords: PaxRecords = new Map();
const extensionFlags: ReadonlySet<number> = new Set(['g', 'x', 'L', 'K'].map(flag));
