import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { TarReader } from '../../src/formats/tar/reader.ts';
import type { TarHeader } from '../../src/formats/tar/types.ts';
import { encodeTarEntry, endOfTar, tarPadding } from '../../src/formats/tar/writer.ts';
import {
  type BuildOptions,
  type BuildResult,
  buildImage,
  type Claim,
  type ClaimId,
  type ImageVerification,
  lockImage,
  type VerifyImageOptions,
  verifyImage,
} from '../../src/index.ts';
import type { LockDocument } from '../../src/lock/types.ts';
import type { ImageConfig, Manifest } from '../../src/oci/documents.ts';
import { concatBytes } from '../../src/util/bytes.ts';
import { type Digest, digestOf, hexOf } from '../../src/util/digest.ts';
import { encodeUtf8 } from '../../src/util/text.ts';
import { archiveConfig } from './archive-config.ts';
import { startArchive, type TestArchive } from './archive-server.ts';
import { basePackages } from './base-packages.ts';
import type { DebRecipe } from './deb-maker.ts';

/**
 * A builder, an archive, and somebody who meddles with what was built.
 *
 *     await using scene = await startVerifyScene();
 *     await scene.build({ outputs: ['oci:web'] });
 *     await meddle(scene.path('web'), { layer: (files) => files.set('usr/bin/tool', 'evil') });
 *     claimOf(await scene.verify('oci:web'), 'packaged-files').status === 'failed'
 */
export interface VerifyScene extends AsyncDisposable {
  readonly folder: string;
  readonly archive: TestArchive;
  path(name: string): string;
  write(name: string, content: string | Uint8Array): Promise<string>;
  /** The archive has these packages from now on. */
  publish(packages: readonly DebRecipe[]): Promise<void>;
  /** @param config default `slimimage.yaml` */
  lock(config?: string): Promise<void>;
  /** sha256 of the locked .debs by package. */
  debs(): Promise<ReadonlyMap<string, string>>;
  build(options?: BuildOptions, config?: string): Promise<BuildResult>;
  verify(image: string, options?: Partial<VerifyImageOptions>): Promise<ImageVerification>;
}

export const tool = (version = '1.0-1'): DebRecipe => ({
  name: 'tool',
  version,
  fields: { Depends: 'libtool' },
  files: {
    '/usr/bin/tool': { content: `tool ${version}`, mode: 0o4755 },
    '/usr/bin/other': { content: 'other', mode: 0o755 },
    '/etc/tool.conf': 'as packaged',
    '/usr/share/man/man1/tool.1': 'left out',
  },
  control: { conffiles: '/etc/tool.conf\n' },
});

export const library = (version = '1.0-1'): DebRecipe => ({
  name: 'libtool',
  version,
  files: { '/usr/lib/libtool.so.1': `library ${version}`, '/usr/lib/libtool.so': '-> libtool.so.1' },
});

const releaseDate = new Date(Math.floor(Date.now() / 1000) * 1000 - 60_000);

export async function startVerifyScene(): Promise<VerifyScene> {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-verify-'));
  const archive = await startArchive();
  const path = (name: string) => join(folder, name);
  const env = { HOME: folder, PATH: process.env['PATH'] };
  const common = { store: path('store'), env, cwd: folder, jobs: 1 };
  const publish: VerifyScene['publish'] = async (packages) =>
    void (await archive.publish({
      date: releaseDate,
      components: { main: [...packages, ...basePackages] },
      architectures: ['amd64'],
    }));
  const write: VerifyScene['write'] = async (name, content) => {
    await writeFile(path(name), content);
    return path(name);
  };
  await publish([tool(), library()]);
  await write('app.txt', 'the application');
  const more = { base: 'debian', files: '["./app.txt:/app/app.txt"]', workdir: '/app' };
  await write('slimimage.yaml', archiveConfig(archive, ['tool'], { more }));
  return {
    folder,
    archive,
    path,
    write,
    publish,
    lock: async (config = 'slimimage.yaml') => void (await lockImage({ config }, common)),
    async debs() {
      const lock: LockDocument = JSON.parse(await readFile(path('slimimage.lock.json'), 'utf8'));
      return new Map(lock.platforms.flatMap(({ packages }) => packages).map(({ name, sha256 }) => [name, sha256]));
    },
    build: (options, config = 'slimimage.yaml') => buildImage({ config }, { ...common, ...options }),
    verify: (image, options) => verifyImage(image, { ...common, ...options }),
    async [Symbol.asyncDispose]() {
      await archive[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function claimOf({ claims }: ImageVerification, id: ClaimId): Claim | undefined {
  return claims.find((claim) => claim.id === id);
}

/** `failed: blobs (sha256:...)`: what failed, about what. */
export function failures({ claims }: ImageVerification): readonly string[] {
  return claims.flatMap(({ id, details }) =>
    details.filter(({ status }) => status === 'failed').map(({ about }) => `${id}: ${about}`),
  );
}

/** Ids of the claims with that status. */
export function idsOf({ claims }: ImageVerification, status: Claim['status']): readonly ClaimId[] {
  return claims.filter((claim) => claim.status === status).map(({ id }) => id);
}

export interface LayoutImage {
  readonly manifest: Manifest;
  readonly digest: Digest;
  readonly config: ImageConfig;
}

export async function readLayout(layout: string): Promise<LayoutImage> {
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'));
  const { digest } = index.manifests[imageAt(index)];
  const manifest: Manifest = JSON.parse(await readFile(blobPath(layout, digest), 'utf8'));
  return { digest, manifest, config: JSON.parse(await readFile(blobPath(layout, manifest.config.digest), 'utf8')) };
}

export function blobPath(layout: string, digest: Digest): string {
  return join(layout, 'blobs/sha256', hexOf(digest));
}

export interface Meddling {
  /** Changes the files of the layer that has `path`. */
  readonly layer?: { readonly path: string; readonly change: (files: Map<string, TarFile>) => void };
  readonly config?: (config: ImageConfig) => ImageConfig;
}

export interface TarFile {
  readonly header: TarHeader;
  readonly content: Uint8Array;
}

/** Changes an image of a layout as somebody would who wants nobody to see it: every digest above is made anew. */
export async function meddle(layout: string, { layer, config: changeConfig }: Meddling): Promise<void> {
  const image = await readLayout(layout);
  const layers = [...image.manifest.layers];
  const diffIds = [...image.config.rootfs.diff_ids];
  if (layer !== undefined) {
    for (const [at, descriptor] of layers.entries()) {
      const files = readTar(gunzipSync(await readFile(blobPath(layout, descriptor.digest))));
      if (!files.has(layer.path)) continue;
      layer.change(files);
      const tar = writeTar(files);
      diffIds[at] = digestOf(tar);
      layers[at] = { ...descriptor, ...(await put(layout, gzipSync(tar))) };
    }
  }
  const config = { ...image.config, rootfs: { ...image.config.rootfs, diff_ids: diffIds } };
  const written = await put(layout, encodeUtf8(JSON.stringify(changeConfig?.(config) ?? config)));
  await replaceManifest(layout, { ...image.manifest, layers, config: { ...image.manifest.config, ...written } });
}

/** The tag of the layout names another manifest. */
export async function replaceManifest(layout: string, manifest: Manifest): Promise<void> {
  const written = await put(layout, encodeUtf8(JSON.stringify(manifest)));
  const file = join(layout, 'index.json');
  const index = JSON.parse(await readFile(file, 'utf8'));
  const at = imageAt(index);
  index.manifests[at] = { ...index.manifests[at], ...written };
  await writeFile(file, JSON.stringify(index));
}

/** Lists of what refers to the image are indexes. */
function imageAt({ manifests }: { readonly manifests: readonly { readonly mediaType: string }[] }): number {
  return manifests.findIndex(({ mediaType }) => mediaType.endsWith('.manifest.v1+json'));
}

export async function put(
  layout: string,
  bytes: Uint8Array,
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const digest = digestOf(bytes);
  await writeFile(blobPath(layout, digest), bytes);
  return { digest, size: bytes.length };
}

function readTar(tar: Uint8Array): Map<string, TarFile> {
  const files = new Map<string, TarFile>();
  let header: TarHeader | undefined;
  let chunks: Uint8Array[] = [];
  const reader = new TarReader(
    {
      entry(next) {
        header = next;
        chunks = [];
      },
      data: (bytes) => void chunks.push(bytes.slice()),
      entryEnd() {
        if (header !== undefined) files.set(header.path, { header, content: concatBytes(chunks) });
      },
    },
    { what: 'layer' },
  );
  reader.push(tar);
  reader.end();
  return files;
}

function writeTar(files: ReadonlyMap<string, TarFile>): Uint8Array {
  const parts = [...files.values()].flatMap(({ header, content }) => [
    encodeTarEntry({ ...header, size: content.length }),
    content,
    tarPadding(content.length),
  ]);
  return concatBytes([...parts, endOfTar()]);
}

/** Another content for a file of a layer. */
export function replaceFile(files: Map<string, TarFile>, path: string, text: string): void {
  const file = files.get(path);
  if (file === undefined) throw new RangeError(path);
  files.set(path, { ...file, content: encodeUtf8(text) });
}

export function textOf(files: ReadonlyMap<string, TarFile>, path: string): string {
  return Buffer.from(files.get(path)?.content ?? []).toString('utf8');
}
