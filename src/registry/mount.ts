import { limits } from '../limits.ts';
import type { Digest } from '../util/digest.ts';
import { blobSize } from './blobs.ts';
import type { RepositoryContext } from './context.ts';
import { refusals } from './refusal.ts';
import { cancelSession, sessionOf, type UploadSession } from './upload-session.ts';

/** Blobs that other repositories of the same registry have (distribution-spec, "Mounting a blob from another repository"). */
export class Mounts {
  readonly #context: RepositoryContext;
  /** Uploads that the registry began instead of mounting, for whoever sends the blob now. */
  readonly #sessions = new Map<Digest, UploadSession>();
  #isRefused = false;

  constructor(context: RepositoryContext) {
    this.#context = context;
  }

  /** @returns false where the blob has to be sent */
  async mount(digest: Digest, options: { readonly from: string; readonly size: number }): Promise<boolean> {
    if (this.#isRefused) return false;
    const { access, name, signal } = this.#context;
    const query = `mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(options.from)}`;
    const answer = await access.request(name, `blobs/uploads/?${query}`, {
      method: 'POST',
      actions: ['pull', 'push'],
      mountFrom: options.from,
      accept: [201, 202, ...refusals],
      maxSize: limits.ociDocumentBytes,
      signal,
    });
    if (answer.status === 202) {
      const earlier = this.takeSession(digest);
      if (earlier !== undefined) await cancelSession(this.#context, earlier);
      this.#sessions.set(digest, sessionOf(this.#context, answer));
      return false;
    }
    if (answer.status !== 201) {
      // Whoever may not write here either is told by the upload.
      this.#isRefused = true;
      return false;
    }
    // A registry that says yes to everything would leave a manifest without its parts.
    const size = await blobSize(this.#context, digest);
    return size === options.size || size === 'unknown';
  }

  /** The upload that was begun for a blob; whoever asks has to use it up. */
  takeSession(digest: Digest | undefined): UploadSession | undefined {
    const session = digest === undefined ? undefined : this.#sessions.get(digest);
    if (digest !== undefined) this.#sessions.delete(digest);
    return session;
  }
}
