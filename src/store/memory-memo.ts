import { plainBytes } from '../util/bytes.ts';
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

  async getBytes(namespace: string, key: string): Promise<Uint8Array | undefined> {
    const text = await this.get(`${namespace} bytes`, key);
    return typeof text === 'string' ? plainBytes(Buffer.from(text, 'base64')) : undefined;
  }

  async setBytes(namespace: string, key: string, value: Uint8Array): Promise<void> {
    await this.set(`${namespace} bytes`, key, Buffer.from(value).toString('base64'));
  }

  async delete(namespace: string, key: string): Promise<void> {
    this.#values.delete(JSON.stringify([namespace, key]));
  }
}
