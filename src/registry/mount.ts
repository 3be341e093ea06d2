import { isSlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { HttpAnswer } from '../net/types.ts';
import type { Digest } from '../util/digest.ts';
import { blobSize } from './blobs.ts';
import type { RepositoryContext } from './context.ts';
import { refusals } from './refusal.ts';
import { cancelSession, sessionOf, type UploadSession } from './upload-session.ts';

interface MountOptions {
  /** The repository that may have the blob. */
  readonly from: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Blobs that other repositories of the same registry have (distribution-spec, "Mounting a blob from another repository"). A mount is a
 * favour: whatever is wrong with it, the blob can still be sent.
 */
export class Mounts {
  readonly #context: RepositoryContext;
  /** Uploads that the registry began instead of mounting, for whoever sends the blob now. */
  readonly #sessions = new Map<Digest, UploadSession>();
  /** Repositories from which it was refused: they may not be read with this login, or are not there. */
  readonly #refused = new Set<string>();
  #isUnknown = false;

  constructor(context: RepositoryContext) {
    this.#context = context;
  }

  /** @returns false where the blob has to be sent. @throws SlimimageError ABORTED */
  async mount(digest: Digest, options: MountOptions): Promise<boolean> {
    if (this.#isUnknown || this.#refused.has(options.from)) return false;
    try {
      return await this.#mount(digest, options);
    } catch (error) {
      // A registry refuses the login, or its token server the scope, where `from` is not this account's to read.
      if (!isSlimimageError(error) || error.code === 'ABORTED') throw error;
      this.#refused.add(options.from);
      return false;
    }
  }

  /** The upload that was begun for a blob; whoever asks has to use it up. */
  takeSession(digest: Digest | undefined): UploadSession | undefined {
    const session = digest === undefined ? undefined : this.#sessions.get(digest);
    if (digest !== undefined) this.#sessions.delete(digest);
    return session;
  }

  async #mount(digest: Digest, { from, size }: MountOptions): Promise<boolean> {
    const answer = await this.#ask(digest, from);
    if (answer.status === 202) {
      const earlier = this.takeSession(digest);
      if (earlier !== undefined) await cancelSession(this.#context, earlier);
      this.#sessions.set(digest, sessionOf(this.#context, answer));
      return false;
    }
    if (answer.status !== 201) {
      // Whoever may not write here either is told by the upload.
      if (answer.status === 405 || answer.status === 501) this.#isUnknown = true;
      else this.#refused.add(from);
      return false;
    }
    // A registry that says yes to everything would leave a manifest without its parts.
    const found = await blobSize(this.#context, digest);
    return found === size || found === 'unknown';
  }

  #ask(digest: Digest, from: string): Promise<HttpAnswer> {
    const { access, name, signal } = this.#context;
    const query = `mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(from)}`;
    return access.request(name, `blobs/uploads/?${query}`, {
      method: 'POST',
      actions: ['pull', 'push'],
      mountFrom: from,
      accept: [201, 202, ...refusals],
      maxSize: limits.ociDocumentBytes,
      // To send the blob is better than to wait.
      retry: false,
      signal,
    });
  }
}
