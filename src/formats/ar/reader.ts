import { SlimimageError } from '../../errors.ts';
import { plainBytes } from '../../util/bytes.ts';
import { encodeUtf8 } from '../../util/text.ts';
import { type ArMember, arHeaderSize, arMagic, invalidAr, nextArHeader, parseArHeader } from './header.ts';

/** What a reader tells, in order: `entry`, any number of `data`, `entryEnd`. It never calls after it has thrown. */
export interface ArHandler {
  entry(member: ArMember): void;
  /** A piece of the member's content: a view of the chunk that was pushed. */
  data(bytes: Uint8Array): void;
  entryEnd(): void;
}

export interface ArReaderOptions {
  /** Names the ar file in messages. */
  readonly what?: string | undefined;
  /** Members of the file; a package has three. */
  readonly members?: number | undefined;
}

const defaultMembers = 1000;

/**
 * Push parser for ar files as deb(5) describes them. It copies no content.
 * @throws SlimimageError AR_INVALID (damaged or truncated), LIMIT_EXCEEDED.
 */
export class ArReader {
  readonly #handler: ArHandler;
  readonly #what: string;
  readonly #limit: number;

  /** Bytes of the magic number or of a header that chunks held in part. */
  readonly #partial = new Uint8Array(arHeaderSize);
  #partialLength = 0;
  #state: 'magic' | 'header' | 'content' | 'padding' = 'magic';
  #member: ArMember | undefined;
  #content = 0;
  #members = 0;
  #headerOffset = arMagic.length;

  constructor(handler: ArHandler, options: ArReaderOptions = {}) {
    this.#handler = handler;
    this.#what = options.what ?? 'ar file';
    this.#limit = options.members ?? defaultMembers;
  }

  push(given: Uint8Array): void {
    const chunk = plainBytes(given);
    let at = 0;
    while (at < chunk.length) {
      at += this.#take(chunk.subarray(at));
    }
  }

  /** Says that no chunk follows. The last member may lack its padding. */
  end(): void {
    if (this.#state === 'magic') throw invalidAr(`${this.#what}: not an ar file`);
    if (this.#state === 'content' || this.#partialLength > 0) {
      throw invalidAr(
        `${this.#what}: cut off ${this.#member === undefined ? 'in its header' : `in ${this.#member.name}`}`,
      );
    }
  }

  /** Uses bytes from the start of `rest` and says how many. */
  #take(rest: Uint8Array): number {
    switch (this.#state) {
      case 'magic':
        return this.#collect(rest, arMagic.length, (bytes) => this.#checkMagic(bytes));
      case 'header':
        return this.#collect(rest, arHeaderSize, (bytes) => this.#startMember(bytes));
      case 'content':
        return this.#takeContent(rest);
      case 'padding':
        this.#state = 'header';
        return 1;
    }
  }

  #collect(rest: Uint8Array, size: number, use: (bytes: Uint8Array) => void): number {
    const taken = Math.min(size - this.#partialLength, rest.length);
    this.#partial.set(rest.subarray(0, taken), this.#partialLength);
    this.#partialLength += taken;
    if (this.#partialLength === size) {
      this.#partialLength = 0;
      use(this.#partial.subarray(0, size));
    }
    return taken;
  }

  #checkMagic(bytes: Uint8Array): void {
    const magic = encodeUtf8(arMagic);
    if (bytes.some((byte, index) => byte !== magic[index])) throw invalidAr(`${this.#what}: not an ar file`);
    this.#state = 'header';
  }

  #startMember(bytes: Uint8Array): void {
    if (++this.#members > this.#limit) {
      throw new SlimimageError({
        code: 'LIMIT_EXCEEDED',
        message: `${this.#what}: more than ${this.#limit} members`,
      });
    }
    const member = parseArHeader(bytes, { offset: this.#headerOffset, what: this.#what });
    this.#member = member;
    this.#content = member.size;
    this.#state = 'content';
    this.#headerOffset = nextArHeader(member);
    this.#handler.entry(member);
    if (member.size === 0) this.#endMember(member);
  }

  #takeContent(rest: Uint8Array): number {
    const taken = Math.min(this.#content, rest.length);
    this.#handler.data(rest.subarray(0, taken));
    this.#content -= taken;
    if (this.#content === 0 && this.#member !== undefined) this.#endMember(this.#member);
    return taken;
  }

  #endMember(member: ArMember): void {
    this.#state = member.size % 2 === 0 ? 'header' : 'padding';
    this.#handler.entryEnd();
  }
}
