import type { Memo } from './memo.ts';

/** For tests. */
export class MemoryMemo implements Memo {
  readonly #values = new Map<string, string>();

  async get(namespace: string, key: string): Promise<unknown> {
    const text = this.#values.get(JSON.stringify([namespace, key]));
    return text === undefined ? undefined : JSON.parse(text);
  }

  async set(namespace: string, key: string, value: unknown): Promise<void> {
    this.#values.set(JSON.stringify([namespace, key]), JSON.stringify(value));
  }

  async delete(namespace: string, key: string): Promise<void> {
    this.#values.delete(JSON.stringify([namespace, key]));
  }
}
