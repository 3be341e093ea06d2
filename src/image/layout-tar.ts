import { encodeTarEntry, endOfTar, tarPadding } from '../formats/tar/writer.ts';
import { annotationKeys, type Descriptor } from '../oci/descriptor.ts';
import { encodeIndex } from '../oci/encode.ts';
import { parseManifest } from '../oci/parse.ts';
import { familiarReference, formatReference, type Reference } from '../oci/reference.ts';
import { layoutFile } from '../store/oci-layout.ts';
import { readBlob, readSuccessors } from '../store/read-document.ts';
import type { BlobStore } from '../store/types.ts';
import { throwIfAborted } from '../util/abort.ts';
import { type Digest, hexOf } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import { compareStrings, encodeUtf8 } from '../util/text.ts';

export interface LayoutTarOptions {
  /** What the archive holds: an index or a manifest. */
  readonly root: Descriptor;
  /** The manifest that engines load by `manifest.json`. */
  readonly loadable: Descriptor;
  /** Names of the image, tags filled in. */
  readonly references: readonly Reference[];
  /** `org.opencontainers.image.ref.name` of the entries of index.json; one entry each, one nameless entry where empty. */
  readonly tags: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * A layout in a tar, with the `manifest.json` that `docker load` reads in versions before 25: one file for old and new engines, Podman and skopeo.
 * The bytes depend on image and names alone.
 */
export async function* layoutTar(
  blobs: BlobStore,
  options: LayoutTarOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { root, signal } = options;
  yield* file('oci-layout', encodeUtf8(layoutFile));
  yield* file('index.json', encodeIndex({ manifests: indexEntries(options) }).bytes);
  yield* file('manifest.json', await dockerManifest(blobs, options));
  yield header('blobs', 'directory', 0);
  yield header('blobs/sha256', 'directory', 0);
  for (const { digest, size } of await reachable(blobs, root)) {
    yield header(blobPath(digest), 'file', size);
    for await (const chunk of blobs.open(digest)) {
      throwIfAborted(signal);
      yield chunk;
    }
    yield tarPadding(size);
  }
  yield endOfTar();
}

/** Every blob of the image once, sorted by digest. */
export async function reachable(blobs: BlobStore, root: Descriptor): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  const queue = [root];
  for (let descriptor = queue.pop(); descriptor !== undefined; descriptor = queue.pop()) {
    if (found.has(descriptor.digest)) continue;
    found.set(descriptor.digest, descriptor);
    queue.push(...(await readSuccessors(blobs, descriptor)));
  }
  return [...found.values()].sort((a, b) => compareStrings(a.digest, b.digest));
}

/**
 * The first entry carries the first reference: newer Docker and Podman name what they load after containerd's annotation.
 */
function indexEntries({ root, references, tags }: LayoutTarOptions): readonly Descriptor[] {
  const names = tags.length === 0 ? [undefined] : tags;
  return names.map((tag, index) => {
    const reference = references.find((each) => each.tag === tag) ?? references[index];
    const annotations = {
      ...root.annotations,
      ...(tag === undefined ? {} : { [annotationKeys.refName]: tag }),
      ...(reference === undefined ? {} : { [annotationKeys.containerdName]: formatReference(reference) }),
    };
    return Object.keys(annotations).length === 0 ? root : { ...root, annotations };
  });
}

async function dockerManifest(blobs: BlobStore, options: LayoutTarOptions): Promise<Uint8Array> {
  const { loadable, references } = options;
  const manifest = parseManifest(await readBlob(blobs, loadable), { name: `manifest ${loadable.digest}` });
  const entry = {
    Config: blobPath(manifest.config.digest),
    RepoTags: references.length === 0 ? null : references.map(familiarReference),
    Layers: manifest.layers.map((layer) => blobPath(layer.digest)),
  };
  return encodeUtf8(canonicalJson([entry]));
}

function* file(path: string, bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  yield header(path, 'file', bytes.length);
  yield bytes;
  yield tarPadding(bytes.length);
}

function header(path: string, type: 'file' | 'directory', size: number): Uint8Array {
  return encodeTarEntry({ path, type, mode: type === 'file' ? 0o644 : 0o755, uid: 0, gid: 0, mtime: 0, size });
}

function blobPath(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}
