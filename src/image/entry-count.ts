import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';

/** Entries of all layers of an image together: each layer may have two millions, and an image a thousand layers. */
export class EntryCount {
  #entries = 0;

  /** @throws SlimimageError LIMIT_EXCEEDED */
  add(entries: number, { what }: { readonly what: string }): void {
    this.#entries += entries;
    if (this.#entries <= limits.imageEntries) return;
    throw new SlimimageError({
      code: 'LIMIT_EXCEEDED',
      message: `${what} makes it more than ${limits.imageEntries} entries of all layers together`,
      hint: 'Look at its layers one by one: `slimimage ls --layer NUMBER`.',
    });
  }
}
