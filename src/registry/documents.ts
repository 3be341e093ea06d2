import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { backoffMs, retryEvent } from '../net/retry.ts';
import type { HttpAnswer } from '../net/types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { documentKind } from '../oci/media-types.ts';
import { parseJson } from '../oci/parse.ts';
import { throwIfAborted } from '../util/abort.ts';
import { oneChunk } from '../util/bytes.ts';
import { type Digest, digestOf, isDigest } from '../util/digest.ts';
import { BlobSizes } from './blob-sizes.ts';
import type { RepositoryContext } from './context.ts';
import { DocumentMemory, type KnownDocument } from './document-memory.ts';
import { documentTypeOf, documentTypes } from './document-type.ts';
import { errorCodes, refusal, refusals } from './refusal.ts';

export interface FoundDocument extends KnownDocument {
  readonly descriptor: Descriptor;
}

/** Manifests and indexes of one repository (distribution-spec, "Pulling manifests", "Pushing Manifests"). */
export class Documents {
  /** Of the blobs that the documents name which were read here. */
  readonly sizes = new BlobSizes();
  readonly #context: RepositoryContext;
  readonly #memory = new DocumentMemory();
  /** Manifests of which the registry said that it lists them with their subject. */
  readonly #listed = new Set<Digest>();

  constructor(context: RepositoryContext) {
    this.#context = context;
  }

  /**
   * By its bytes: what a header says of the type goes into layouts and other registries, and nothing holds it against them.
   * @param reference a tag or a digest. @returns undefined where there is none
   */
  async resolve(reference: string): Promise<Descriptor | undefined> {
    const known = isDigest(reference) ? this.#memory.get(reference) : undefined;
    return known === undefined ? (await this.fetch(reference))?.descriptor : describe(known, reference as Digest);
  }

  /** What a tag points to, as far as a header says it: the bytes tell. */
  async currentDigest(tag: string): Promise<Digest | undefined> {
    const answer = await this.#request('HEAD', tag);
    return answer.status === 200 ? digestHeader(answer) : undefined;
  }

  /** Bytes, as far as a header says it; undefined where there is none. */
  async size(digest: Digest): Promise<number | undefined> {
    const known = this.#memory.get(digest);
    if (known !== undefined) return known.bytes.length;
    const answer = await this.#request('HEAD', digest);
    if (answer.status === 404) return undefined;
    const told = answer.status === 200 ? sizeTold(answer, digest) : undefined;
    return told ?? (await this.fetch(digest))?.bytes.length;
  }

  /** A document as it is now, by tag or digest, verified; undefined where there is none. */
  async fetch(reference: string): Promise<FoundDocument | undefined> {
    const answer = await this.#request('GET', reference);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw refusal(this.#context, answer, `read ${reference}`);
    const { bytes } = answer;
    const digest = digestOf(bytes);
    const promised = isDigest(reference) ? reference : digestHeader(answer);
    if (promised !== undefined && promised !== digest) throw this.#otherBytes(promised, digest);
    const name = `${this.#context.where}: ${reference}`;
    const value = parseJson(bytes, name, {});
    const document = { bytes, mediaType: documentTypeOf(value, name) };
    this.sizes.learn(value);
    this.#memory.set(digest, document);
    return { ...document, descriptor: describe(document, digest) };
  }

  /** From memory where it was there before. @throws SlimimageError STORE where the repository has none */
  async read(digest: Digest): Promise<KnownDocument> {
    const found = this.#memory.get(digest) ?? (await this.fetch(digest));
    if (found !== undefined) return found;
    const message = `the repository ${this.#context.where} has no document ${digest}`;
    throw new SlimimageError({ code: 'STORE', message });
  }

  isKnown(digest: Digest): boolean {
    return this.#memory.get(digest) !== undefined;
  }

  /** Whether the registry said, when the manifest was sent, that it lists it with its subject. */
  isListed(digest: Digest): boolean {
    return this.#listed.has(digest);
  }

  /** @param reference under which it is sent: its digest, or a tag. */
  async put(document: KnownDocument, reference: string): Promise<Digest> {
    const digest = digestOf(document.bytes);
    const answer = await this.#send(document, reference);
    const kept = digestHeader(answer);
    if (kept !== undefined && kept !== digest) throw this.#otherBytes(digest, kept);
    if (answer.headers['oci-subject'] !== undefined) this.#listed.add(digest);
    this.#memory.set(digest, document);
    return digest;
  }

  /** It is not there any more. */
  forget(digest: Digest): void {
    this.#memory.delete(digest);
    this.#listed.delete(digest);
  }

  /**
   * docker-registry reads the links of the blobs that a manifest names, and finds one empty while another upload of the same blob writes
   * it anew: then it speaks of a wrong digest. The bytes here are right, so a moment later they are taken.
   */
  async #send({ bytes, mediaType }: KnownDocument, reference: string): Promise<HttpAnswer> {
    const { retry, sleep, onEvent, signal } = this.#context;
    for (let failures = 1; ; failures++) {
      const answer = await this.#context.access.request(this.#context.name, `manifests/${reference}`, {
        method: 'PUT',
        actions: ['pull', 'push'],
        headers: { 'content-type': mediaType },
        body: { size: bytes.length, open: () => oneChunk(bytes) },
        accept: [200, 201, 202, ...refusals],
        maxSize: limits.ociDocumentBytes,
        signal,
      });
      if (answer.status <= 202) return answer;
      const error = refusal(this.#context, answer, `send the manifest ${reference}`);
      if (failures >= retry.attempts || !errorCodes(answer).includes('DIGEST_INVALID')) throw error;
      const delayMs = backoffMs(retry, failures);
      onEvent?.(retryEvent({ reason: error.message, delayMs }));
      await sleep(delayMs, signal).catch(() => throwIfAborted(signal));
    }
  }

  #request(method: 'GET' | 'HEAD', reference: string): Promise<HttpAnswer> {
    return this.#context.access.request(this.#context.name, `manifests/${reference}`, {
      method,
      actions: ['pull'],
      headers: { accept: documentTypes },
      accept: [200, ...refusals],
      maxSize: limits.ociDocumentBytes,
      signal: this.#context.signal,
    });
  }

  #otherBytes(wanted: Digest, got: Digest): SlimimageError {
    return new SlimimageError({
      code: 'DIGEST_MISMATCH',
      message: `${this.#context.where}: the registry has ${got} in the place of the document ${wanted}`,
      hint: 'The bytes were damaged on their way, or the registry, or a proxy before it, changes them: try again.',
    });
  }
}

function describe({ bytes, mediaType }: KnownDocument, digest: Digest): Descriptor {
  return { mediaType, digest, size: bytes.length };
}

/** The size of a document by the header of an answer; undefined where that says too little or what can't be. */
function sizeTold(answer: HttpAnswer, digest: Digest): number | undefined {
  const mediaType = answer.headers['content-type']?.split(';')[0]?.trim() ?? '';
  const length = answer.headers['content-length'] ?? '';
  if ((digestHeader(answer) ?? digest) !== digest || documentKind(mediaType) === undefined) return undefined;
  return /^[1-9][0-9]{0,14}$/.test(length) ? Number(length) : undefined;
}

function digestHeader(answer: HttpAnswer): Digest | undefined {
  const digest = answer.headers['docker-content-digest']?.trim();
  return digest !== undefined && isDigest(digest) ? digest : undefined;
}
