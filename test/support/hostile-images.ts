import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { digestOf } from '../../src/util/digest.ts';

/** A tar header as it stands there: nothing is checked. */
export interface RawHeader {
  readonly type?: string;
  /** Number, or the twelve bytes of the field. */
  readonly size?: number | Uint8Array;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly mtime?: number | Uint8Array;
  readonly content?: string | Uint8Array;
}

/** An entry of a tar, with content where there is some; `size` may lie about it. */
export function raw(name: string | Uint8Array, options: RawHeader = {}): Buffer {
  const { type = '0', link = '', mode = 0o644, uid = 0, mtime = 0 } = options;
  const content = Buffer.from(options.content ?? '');
  const { size = content.length } = options;
  const block = Buffer.alloc(512);
  block.set(Buffer.from(name).subarray(0, 100), 0);
  block.write(octal(mode, 7), 100);
  block.write(octal(uid, 7), 108);
  block.write(octal(0, 7), 116);
  number(block, size, 124);
  number(block, mtime, 136);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  block.write(link.slice(0, 100), 157);
  block.write('ustar\x0000', 257, 'latin1');
  block.write(octal(1, 7), 329);
  block.write(octal(3, 7), 337);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return Buffer.concat([block, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** A pax extended header for the entry that follows. */
export function pax(records: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const parts = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
    let length = rest.length + 1;
    while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
    return Buffer.concat([Buffer.from(String(length)), rest]);
  });
  return raw('pax', { type: 'x', content: Buffer.concat(parts) });
}

/** The base-256 form of a number in a field of twelve bytes. */
export function base256(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(12);
  const unsigned = BigInt.asUintN(95, value);
  for (let at = 0; at < 12; at++) bytes[11 - at] = Number((unsigned >> BigInt(8 * at)) & 0xffn);
  bytes[0] = (bytes[0] ?? 0) | 0x80;
  return bytes;
}

export function tar(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

export interface HostileOptions {
  /** Blobs of layers where they are not the gzipped tars. */
  readonly blobs?: readonly Uint8Array[];
  readonly mediaType?: string;
  readonly diffIds?: readonly string[];
  /** More of the config's document. */
  readonly config?: object;
  /** The whole config's text. */
  readonly configText?: string;
  /** What the manifest becomes before it is written. */
  readonly manifest?: (manifest: Manifest) => object;
  /** Blobs that are not written, by their ordinal among the layers. */
  readonly missing?: readonly number[];
  /** What is written in the place of a layer's blob, under its digest. */
  readonly instead?: Uint8Array;
}

interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** An OCI layout whose bytes are as given, digests right unless asked otherwise; returns its location. */
export async function hostileLayout(
  folder: string,
  tars: readonly Uint8Array[],
  options: HostileOptions = {},
): Promise<string> {
  const { blobs = tars.map((each) => gzipSync(each)), mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip' } =
    options;
  const layers: Descriptor[] = [];
  for (const [index, blob] of blobs.entries()) {
    layers.push({ mediaType, digest: digestOf(blob), size: blob.length });
    if (options.missing?.includes(index) !== true) await put(folder, options.instead ?? blob, digestOf(blob));
  }
  const config = Buffer.from(
    options.configText ??
      JSON.stringify({
        ...{ architecture: 'amd64', os: 'linux' },
        ...options.config,
        rootfs: { type: 'layers', diff_ids: options.diffIds ?? tars.map((each) => digestOf(each)) },
      }),
  );
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...(await put(folder, config)) },
    layers,
  };
  return layoutOf(folder, options.manifest?.(manifest) ?? manifest, manifest.mediaType);
}

/** A layout of any document. */
export async function layoutOf(folder: string, document: object, mediaType: string): Promise<string> {
  const root = { mediaType, ...(await put(folder, Buffer.from(JSON.stringify(document)))) };
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [root] }));
  return `oci:${folder}`;
}

export async function put(folder: string, bytes: Uint8Array, digest: string = digestOf(bytes)) {
  await mkdir(join(folder, 'blobs/sha256'), { recursive: true });
  await writeFile(join(folder, 'blobs/sha256', digest.slice(7)), bytes);
  return { digest, size: bytes.length };
}

/** A `docker save` whose manifest.json and members are as given; returns its location. */
export async function hostileArchive(folder: string, layers: readonly string[], ...members: readonly Uint8Array[]) {
  const diffIds = layers.map(() => digestOf(tar()));
  const config = JSON.stringify({
    ...{ architecture: 'amd64', os: 'linux' },
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
  const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: ['x:1'], Layers: layers }]);
  await mkdir(folder, { recursive: true });
  const named = [raw('manifest.json', { content: manifest }), raw('config.json', { content: config })];
  await writeFile(join(folder, 'saved.tar'), tar(...named, ...members));
  return `docker-archive:${join(folder, 'saved.tar')}`;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function number(block: Buffer, value: number | Uint8Array, at: number): void {
  if (typeof value === 'number') block.write(octal(value, 11), at);
  else block.set(value, at);
}
