import { closeSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { combineCrc32, gzipHeader, gzipTrailer } from '../codecs/fragment.ts';
import { SlimimageError } from '../errors.ts';
import type { Compression } from '../oci/compression.ts';
import { Sha256 } from '../util/digest.ts';
import { readRange } from './file-source.ts';
import { compressed } from './fragment-writer.ts';
import type { JoinJob, LayerBytes, Piece } from './jobs.ts';
import type { FileRange } from './types.ts';

/** Hashes the uncompressed bytes of a layer's pieces. */
export function digestPieces(job: { readonly pieces: readonly Piece[] }, progress: (done: number) => void): LayerBytes {
  const hash = new Sha256();
  for (const piece of job.pieces) {
    if (piece.type === 'bytes') hash.update(piece.bytes);
    else readRanges(piece.file, piece.ranges, (slice) => hash.update(slice));
    progress(hash.size);
  }
  return { digest: hash.digest(), size: hash.size };
}

/** Writes the pieces as one compressed layer: one gzip member, a run of zstd frames, or the plain bytes. */
export async function joinPieces(job: JoinJob, progress: (done: number) => void): Promise<LayerBytes> {
  const hash = new Sha256();
  const descriptor = openSync(job.file, 'wx', 0o644);
  const write = (bytes: Uint8Array) => {
    hash.update(bytes);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    progress(hash.size);
  };
  try {
    const gzip = job.compression.algorithm === 'gzip';
    if (gzip) write(gzipHeader());
    let total = 0;
    let crc = 0;
    for (const piece of job.pieces) {
      const part = await writePiece(piece, job.compression, write);
      crc = combineCrc32(crc, part.crc32, part.size);
      total += part.size;
    }
    if (gzip) write(gzipTrailer(crc, total));
    return { digest: hash.digest(), size: hash.size };
  } finally {
    closeSync(descriptor);
  }
}

async function writePiece(
  piece: Piece,
  compression: Compression,
  write: (bytes: Uint8Array) => void,
): Promise<{ crc32: number; size: number }> {
  if (piece.type === 'bytes') {
    for await (const block of compressed([piece.bytes], compression)) write(block);
    return { crc32: crc32(piece.bytes), size: piece.bytes.length };
  }
  const form = compression.algorithm === 'none' ? piece : piece.compressed;
  if (form === undefined) throw new SlimimageError({ code: 'STORE', message: `${piece.file} has no compressed form` });
  readRanges(form.file, form.ranges, write);
  return { crc32: piece.crc32, size: piece.size };
}

function readRanges(file: string, ranges: readonly FileRange[], sink: (slice: Uint8Array) => void): void {
  if (ranges.length === 0) return;
  const descriptor = openSync(file, 'r');
  try {
    for (const [offset, length] of ranges) readRange(descriptor, { offset, length }, sink);
  } finally {
    closeSync(descriptor);
  }
}
