/** The blobs of an image as they lie there: digests, sizes, documents. Goes on after what is damaged. */
import { isSlimimageError } from '../../errors.ts';
import type { OperationOptions } from '../../events.ts';
import { limits } from '../../limits.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { ImageConfig, Manifest } from '../../oci/documents.ts';
import { platformOfConfig } from '../../oci/encode.ts';
import { documentKind, isConfigMediaType, isNonDistributable, layerAlgorithm } from '../../oci/media-types.ts';
import { parseImageConfig, parseIndex, parseManifest } from '../../oci/parse.ts';
import { formatPlatform } from '../../oci/platform.ts';
import { concatBytes } from '../../util/bytes.ts';
import { mapLimit } from '../../util/concurrency.ts';
import type { Digest } from '../../util/digest.ts';
import { holdBlob, missing } from './hold-blob.ts';
import { Tally } from './tally.ts';
import type { Claim } from './types.ts';
import type { WitnessedBlobs } from './witnessed-blobs.ts';

/** An image of one platform whose manifest is what it is named by. */
export interface FoundImage {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  /** Undefined where it is damaged. */
  readonly config: ImageConfig | undefined;
  readonly platform: string | undefined;
}

/** What the documents of an image name, and what is left to be read. */
export interface HeldDocuments {
  readonly images: readonly FoundImage[];
  /**
   * Reads every other blob that nobody has read to its end meanwhile.
   * @throws SlimimageError as `holdDocuments`
   */
  rest(): Promise<readonly Claim[]>;
}

/** Blobs read at once. */
const parallel = 4;
/** Indexes of indexes; real images have one or two levels. */
const maxNesting = 8;

/**
 * Reads every document that a root reaches: all platforms of an index.
 * @throws SlimimageError ABORTED, and what keeps the place from answering at all (NETWORK, HTTP_AUTH, IO)
 */
export async function holdDocuments(
  blobs: WitnessedBlobs,
  root: Descriptor,
  options: OperationOptions = {},
): Promise<HeldDocuments> {
  const walk = new Walk(blobs, options);
  await walk.document(root, 0);
  const rest = async () => {
    await walk.leaves();
    return walk.claims();
  };
  return { images: walk.images, rest };
}

class Walk {
  readonly images: FoundImage[] = [];
  readonly #blobs: WitnessedBlobs;
  readonly #options: OperationOptions;
  readonly #held = new Tally();
  readonly #documents = new Tally();
  readonly #seen = new Map<Digest, number>();
  readonly #leaves: Descriptor[] = [];
  #documentBytes = 0;

  constructor(blobs: WitnessedBlobs, options: OperationOptions) {
    this.#blobs = blobs;
    this.#options = options;
  }

  async document(descriptor: Descriptor, depth: number): Promise<void> {
    if (!this.#isNew(descriptor)) return;
    const kind = documentKind(descriptor.mediaType);
    if (kind === undefined) {
      this.#leaves.push(descriptor);
      return;
    }
    const bytes = await this.#read(descriptor, `the ${kind}`, depth > 0);
    if (bytes === undefined) return;
    if (kind === 'manifest') return this.#manifest(descriptor, bytes);
    const name = `index ${descriptor.digest}`;
    const index = this.#parse(descriptor, () => parseIndex(bytes, { name }));
    if (index === undefined) return;
    if (depth >= maxNesting) return this.#documents.failed(descriptor.digest, 'it is nested too deep');
    for (const entry of index.manifests) await this.document(entry, depth + 1);
  }

  async leaves(): Promise<void> {
    const { onEvent, signal } = this.#options;
    const isRead = ({ digest, size }: Descriptor) => this.#blobs.witnessed(digest) === size;
    for (const descriptor of this.#leaves.filter(isRead)) this.#tell(descriptor, whatIs(descriptor), undefined);
    await mapLimit(
      this.#leaves.filter((descriptor) => !isRead(descriptor)),
      async (descriptor) => {
        const { size: total, digest } = descriptor;
        const id = `verify ${digest}`;
        // A damaged layer is read a second time, and told of once.
        const tell = this.#blobs.wasOpened(digest) ? undefined : onEvent;
        tell?.({ type: 'task', id, phase: 'read', label: digest.slice(7, 19), total });
        const problem = await holdBlob(this.#blobs, descriptor);
        tell?.({ type: 'done', id, outcome: problem === undefined ? 'ok' : 'failed' });
        this.#tell(descriptor, whatIs(descriptor), problem);
      },
      { limit: parallel, signal },
    );
  }

  claims(): readonly Claim[] {
    return [
      this.#held.claim({
        id: 'blobs',
        claim: 'every blob has the digest and the size by which it is named',
        by: 'sha256 of all of its bytes; digests and sizes are those of index and manifests',
      }),
      this.#documents.claim({
        id: 'documents',
        claim: 'index, manifests and configs are valid, and fit together',
        by: 'the schemas of the OCI image specification; layers counted against diff IDs, platforms of the index against those of the configs',
      }),
    ];
  }

  async #manifest(descriptor: Descriptor, bytes: Uint8Array): Promise<void> {
    const manifest = this.#parse(descriptor, () => parseManifest(bytes, { name: `manifest ${descriptor.digest}` }));
    if (manifest === undefined) return;
    if (manifest.mediaType !== undefined && manifest.mediaType !== descriptor.mediaType)
      this.#documents.failed(
        descriptor.digest,
        `it says that it is a ${manifest.mediaType}, and what names it ${descriptor.mediaType}`,
      );
    for (const layer of manifest.layers) if (this.#isNew(layer)) this.#leaves.push(layer);
    if (!isConfigMediaType(manifest.config.mediaType)) {
      if (this.#isNew(manifest.config)) this.#leaves.push(manifest.config);
      return;
    }
    const config = await this.#config(descriptor, manifest);
    // BuildKit's attestations are manifests of no platform.
    if (descriptor.platform?.os === 'unknown') return;
    const platform = config === undefined ? descriptor.platform : platformOfConfig(config);
    this.images.push({
      descriptor,
      manifest,
      config,
      platform: platform === undefined ? undefined : formatPlatform(platform),
    });
  }

  async #config(descriptor: Descriptor, { config: found, layers }: Manifest): Promise<ImageConfig | undefined> {
    this.#isNew(found);
    const bytes = await this.#read(found, 'the config', false);
    if (bytes === undefined) return undefined;
    const config = this.#parse(found, () => parseImageConfig(bytes, { name: `config ${found.digest}` }));
    if (config === undefined) return undefined;
    const { diff_ids: diffIds } = config.rootfs;
    if (diffIds.length !== layers.length)
      this.#documents.failed(
        descriptor.digest,
        `it has ${layers.length} layers, and its config ${diffIds.length} diff IDs`,
      );
    const named = descriptor.platform;
    if (
      named !== undefined &&
      named.os !== 'unknown' &&
      (named.os !== config.os || named.architecture !== config.architecture)
    )
      this.#documents.failed(
        descriptor.digest,
        `the index has it for ${formatPlatform(named)}, its config is for ${formatPlatform(platformOfConfig(config))}`,
      );
    const made = config.history?.filter((entry) => entry.empty_layer !== true).length;
    if (made !== undefined && made > 0 && made !== layers.length)
      this.#documents.note(found.digest, `its history tells of ${made} layers, and there are ${layers.length}`);
    for (const { digest, mediaType } of layers)
      if (layerAlgorithm(mediaType) === undefined && !isNonDistributable(mediaType))
        this.#documents.note(digest, `it is a layer of the unusual type ${mediaType}`);
    return config;
  }

  /** A blob may be named twice; with another size it is not the same one. */
  #isNew({ digest, size }: Descriptor): boolean {
    const known = this.#seen.get(digest);
    if (known !== undefined && known !== size)
      this.#documents.failed(digest, `it is named with ${known} bytes, and with ${size}`);
    if (known === undefined) this.#seen.set(digest, size);
    return known === undefined;
  }

  /** The bytes of a document, where they are those that its digest says. */
  async #read(descriptor: Descriptor, what: string, mayLack: boolean): Promise<Uint8Array | undefined> {
    this.#documentBytes += descriptor.size;
    if (descriptor.size > limits.ociDocumentBytes || this.#documentBytes > limits.imageDocumentsBytes) {
      this.#held.failed(descriptor.digest, `${what} is too large to be read: ${descriptor.size} bytes`);
      return undefined;
    }
    if (mayLack && !(await this.#blobs.has(descriptor.digest, descriptor.mediaType))) {
      this.#held.unproven(descriptor.digest, `${what} of another platform is not here: a copy may leave it out`);
      return undefined;
    }
    const chunks: Uint8Array[] = [];
    const problem = await holdBlob(this.#blobs, descriptor, (chunk) => chunks.push(chunk));
    this.#tell(descriptor, what, problem);
    return problem === undefined ? concatBytes(chunks) : undefined;
  }

  #parse<T>({ digest }: Descriptor, parse: () => T): T | undefined {
    try {
      const document = parse();
      this.#documents.proven();
      return document;
    } catch (error) {
      if (!isSlimimageError(error)) throw error;
      this.#documents.failed(digest, error.message);
      return undefined;
    }
  }

  #tell(descriptor: Descriptor, what: string, problem: string | undefined): void {
    if (problem === undefined) this.#held.proven();
    else if (problem === missing && isNonDistributable(descriptor.mediaType))
      this.#held.unproven(descriptor.digest, `${what} is not here: its publisher alone may give it away`);
    else this.#held.failed(descriptor.digest, `${what} ${problem}`);
  }
}

function whatIs({ mediaType }: Descriptor): string {
  return layerAlgorithm(mediaType) === undefined && !isNonDistributable(mediaType) ? 'the blob' : 'the layer';
}
