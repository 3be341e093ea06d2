/** Finds where contents start: the parser hands out views of the chunk that it was given, whose place is known. */
export class ContentOffsets {
  #chunk: Uint8Array = new Uint8Array(0);
  #chunkStart = 0;
  #index = -1;
  #offset = 0;

  begin(chunk: Uint8Array, start: number): void {
    this.#chunk = chunk;
    this.#chunkStart = start;
  }

  note(index: number, bytes: Uint8Array): void {
    if (index === this.#index) return;
    this.#index = index;
    this.#offset = this.#chunkStart + bytes.byteOffset - this.#chunk.byteOffset;
  }

  /** 0 for a file without content. */
  of(index: number): number {
    return index === this.#index ? this.#offset : 0;
  }
}
