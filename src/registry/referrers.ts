import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { HttpError } from '../net/http-error.ts';
import { backoffMs } from '../net/retry.ts';
import type { HttpAnswer } from '../net/types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { encodeIndex } from '../oci/encode.ts';
import { documentKind, mediaTypes } from '../oci/media-types.ts';
import { parseIndex, parseManifest } from '../oci/parse.ts';
import { listReferrers, referrersTag } from '../store/referrers.ts';
import { throwIfAborted } from '../util/abort.ts';
import type { Digest } from '../util/digest.ts';
import type { RepositoryContext } from './context.ts';
import type { Documents } from './documents.ts';
import { type PagesOptions, readPages } from './pages.ts';
import { invalidAnswer } from './refusal.ts';

/** What is to be written in the place of a list; undefined for nothing. */
type Change = (listed: readonly Descriptor[]) => readonly Descriptor[] | undefined;

/** Times that a list is written again because another writer won. */
const maxTries = 8;

/**
 * Which manifests speak of which: by the registry's own lists, or where it has none by an index under the tag `sha256-HEX`
 * (distribution-spec, "Listing Referrers" and "Unavailable Referrers API").
 */
export class Referrers {
  readonly #context: RepositoryContext;
  readonly #documents: Documents;
  #hasLists: boolean | undefined;
  /** It failed to say whether it has. */
  #isSilent = false;
  #changes: Promise<unknown> = Promise.resolve();

  constructor(context: RepositoryContext, documents: Documents) {
    this.#context = context;
    this.#documents = documents;
  }

  async list(subject: Digest, artifactType?: string): Promise<readonly Descriptor[]> {
    const listed = this.#hasLists === false ? undefined : await this.#ask(subject, artifactType);
    return listReferrers(listed ?? (await this.#readTag(subject)), artifactType);
  }

  /** Adds all that are no part of it to the list, with one change. */
  async add(referrers: readonly Descriptor[], subject: Descriptor): Promise<void> {
    const unlisted = referrers.filter(({ digest }) => !this.#documents.isListed(digest));
    if (unlisted.length === 0) return;
    for (const { digest } of unlisted) await this.#documents.read(digest);
    if (await this.#keepsLists(subject.digest)) return;
    const entries: Descriptor[] = [];
    for (const referrer of unlisted) entries.push(await this.#describe(referrer));
    await this.#changeTag(subject.digest, (listed) => {
      const known = new Set(listed.map(({ digest }) => digest));
      const added = entries.filter(({ digest }) => !known.has(digest));
      return added.length > 0 ? [...listed, ...added] : undefined;
    });
  }

  /** The manifest is gone: a list that the registry does not keep itself is not to name it any more. */
  async remove(referrer: Digest, subject: Digest): Promise<void> {
    if (await this.#keepsLists(subject)) return;
    await this.#changeTag(subject, (listed) => {
      const left = listed.filter(({ digest }) => digest !== referrer);
      return left.length < listed.length ? left : undefined;
    });
  }

  /**
   * Whether nothing needs to be written. A registry that has lists says so where a manifest is sent; of one that has not, and fails where it
   * is asked, the list under the tag is right, and harmless of any other.
   */
  async #keepsLists(subject: Digest): Promise<boolean> {
    if (this.#hasLists !== undefined || this.#isSilent) return this.#hasLists === true;
    try {
      await this.#ask(subject);
    } catch (error) {
      if (!(error instanceof HttpError) || !error.retryable) throw error;
      this.#isSilent = true;
    }
    return this.#hasLists === true;
  }

  /** @returns undefined where the registry keeps no lists, or none for this login */
  async #ask(subject: Digest, artifactType?: string): Promise<readonly Descriptor[] | undefined> {
    const found = new Map<Digest, Descriptor>();
    let isList = true;
    const query = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`;
    const refused = await this.#readLists(`referrers/${subject}${query}`, {
      headers: { accept: mediaTypes.ociIndex },
      read: (answer) => {
        // Some answer every path that they don't know with a page for people.
        isList &&= contentType(answer) === mediaTypes.ociIndex;
        const before = found.size;
        for (const entry of isList ? this.#parse(answer.bytes, subject) : []) found.set(entry.digest, entry);
        if (found.size > limits.indexManifests) throw this.#tooMany(subject);
        return found.size > before;
      },
    });
    // Whoever may not read here is told by the tag, and nothing is learned of the registry.
    if (refused === 401 || refused === 403) return undefined;
    this.#hasLists = refused === undefined && isList;
    return this.#hasLists ? [...found.values()] : undefined;
  }

  /** @returns the status that refuses */
  async #readLists(path: string, options: PagesOptions): Promise<number | undefined> {
    try {
      return (await readPages(this.#context, path, options))?.status;
    } catch (error) {
      if (error instanceof HttpError && error.status === 401) return 401;
      throw error;
    }
  }

  async #readTag(subject: Digest): Promise<readonly Descriptor[]> {
    const document = await this.#documents.fetch(referrersTag(subject));
    return document === undefined ? [] : this.#parse(document.bytes, subject);
  }

  /** @param change the list as it should be; undefined where it is */
  async #changeTag(subject: Digest, change: Change): Promise<void> {
    // One after the other: each reads what the one before it wrote.
    const changed = this.#changes.then(() => this.#writeTag(subject, change));
    this.#changes = changed.catch(() => undefined);
    await changed;
  }

  async #writeTag(subject: Digest, change: Change): Promise<void> {
    const { retry, sleep, signal } = this.#context;
    for (let written = 0; ; written++) {
      if (written > 1) await sleep(backoffMs(retry, written - 1), signal).catch(() => throwIfAborted(signal));
      const wanted = change(await this.#readTag(subject));
      // A list that is as it should be has been read after it was written: nobody has overwritten it since.
      if (wanted === undefined) return;
      if (written === maxTries) throw this.#contested(subject);
      if (wanted.length > limits.indexManifests) throw this.#tooMany(subject);
      const { bytes } = encodeIndex({ manifests: listReferrers(wanted) });
      await this.#documents.put({ bytes, mediaType: mediaTypes.ociIndex }, referrersTag(subject));
    }
  }

  /** As lists have it: with the type and the annotations of the manifest. */
  async #describe(referrer: Descriptor): Promise<Descriptor> {
    const { mediaType, digest, size } = referrer;
    if (referrer.artifactType !== undefined || documentKind(mediaType) !== 'manifest') return referrer;
    const { bytes } = await this.#documents.read(digest);
    const { artifactType, config, annotations } = parseManifest(bytes, { name: `manifest ${digest}` });
    return { mediaType, digest, size, artifactType: artifactType ?? config.mediaType, annotations };
  }

  #parse(bytes: Uint8Array, subject: Digest): readonly Descriptor[] {
    return parseIndex(bytes, { name: `${this.#context.where}: the list of what speaks of ${subject}` }).manifests;
  }

  #contested(subject: Digest): SlimimageError {
    const what = `others keep changing the list of what speaks of ${subject} (tag ${referrersTag(subject)})`;
    return invalidAnswer(this.#context, what);
  }

  #tooMany(subject: Digest): SlimimageError {
    return new SlimimageError({
      code: 'LIMIT_EXCEEDED',
      message: `${this.#context.where}: more than ${limits.indexManifests} manifests speak of ${subject}`,
    });
  }
}

function contentType({ headers }: HttpAnswer): string {
  return headers['content-type']?.split(';')[0]?.trim() ?? '';
}
