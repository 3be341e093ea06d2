import { createZstdDecompress, zstdDecompressSync } from 'node:zlib';
import { concatBytes, plainBytes } from '../util/bytes.ts';
import { ByteReader } from './byte-reader.ts';
import { damagedStream } from './damaged-stream.ts';
import { throughStream } from './node-stream.ts';

const chunkSize = 256 * 1024;
/** Frames up to this many bytes, packed and unpacked, are decoded in one call: layers with a frame a file have many. */
const smallFrame = 1024 * 1024;

/**
 * Decodes Zstandard frames behind each other, skippable ones left out (RFC 8878). node:zlib stops after the first
 * frame, so frames are told apart here by their block headers. Windows above 128 MiB are refused by the decoder.
 */
export async function* decodeZstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new ByteReader(source);
  try {
    let frames = 0;
    for (; !(await reader.atEnd()); frames++) {
      const magic = readUint32(await reader.take(4));
      if (isSkippable(magic)) await skip(reader);
      else if (magic === frameMagic) yield* decodeFrame(reader);
      else throw damagedStream(frames === 0 ? 'it does not begin with a frame' : 'there are bytes after its end');
    }
    if (frames === 0) throw damagedStream('it is empty');
  } finally {
    await reader.close();
  }
}

const frameMagic = 0xfd2fb528;

function isSkippable(magic: number): boolean {
  return magic >= 0x184d2a50 && magic <= 0x184d2a5f;
}

async function skip(reader: ByteReader): Promise<void> {
  const size = readUint32(await reader.take(4));
  for await (const piece of reader.pass(size)) void piece;
}

async function* decodeFrame(reader: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  const header = await readFrameHeader(reader);
  const frame = frameBytes(reader, header);
  if (header.contentSize > smallFrame) {
    yield* throughStream(frame, createZstdDecompress({ chunkSize }));
    return;
  }
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of frame) {
    size += piece.length;
    if (size > 2 * smallFrame) throw damagedStream('a frame is larger packed than unpacked');
    pieces.push(piece);
  }
  yield plainBytes(zstdDecompressSync(concatBytes(pieces), { maxOutputLength: Math.max(header.contentSize, 1) }));
}

interface FrameHeader {
  /** The magic number and the header as they were read. */
  readonly bytes: Uint8Array;
  /** Unpacked bytes, Infinity where the frame does not say. */
  readonly contentSize: number;
  readonly hasChecksum: boolean;
}

/** RFC 8878, 3.1.1.1. */
async function readFrameHeader(reader: ByteReader): Promise<FrameHeader> {
  const [descriptor = 0] = await reader.peek(1);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionarySize = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag;
  const sizeOffset = 1 + (isSingleSegment ? 0 : 1) + dictionarySize;
  const bytes = (await reader.take(sizeOffset + sizeBytes)).slice();
  let contentSize = sizeBytes === 0 ? Number.POSITIVE_INFINITY : sizeBytes === 2 ? 256 : 0;
  for (let i = 0; i < sizeBytes; i++) contentSize += (bytes[sizeOffset + i] as number) * 256 ** i;
  return {
    bytes: concatBytes([magicBytes, bytes]),
    contentSize,
    hasChecksum: (descriptor & 0x04) !== 0,
  };
}

const magicBytes = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);

/** The bytes of one frame: header, blocks up to the one marked as last (RFC 8878, 3.1.1.2), checksum. */
async function* frameBytes(reader: ByteReader, header: FrameHeader): AsyncGenerator<Uint8Array, void, undefined> {
  yield header.bytes;
  for (let isLast = false; !isLast; ) {
    const block = await reader.take(3);
    const bits = (block[0] as number) | ((block[1] as number) << 8) | ((block[2] as number) << 16);
    yield block;
    isLast = (bits & 1) === 1;
    const type = (bits >> 1) & 3;
    if (type === 3) throw damagedStream('a block of an unknown type');
    yield* reader.pass(type === runLengthBlock ? 1 : bits >> 3);
  }
  if (header.hasChecksum) yield await reader.take(4);
}

const runLengthBlock = 1;

function readUint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0, true);
}
