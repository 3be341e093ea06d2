/** The compressions that archives, packages and layers come in. `none` is the bytes themselves. */
export type CompressionFormat = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2' | 'lzma';

/** Bytes of a stream's head that `detectCompression` looks at. */
export const compressionHeadSize = 13;

/**
 * The compression that the first bytes of a stream tell, `none` where no magic number fits.
 * LZMA has none: its header (properties byte 0x5d, a dictionary of a power of two, a plausible size) must do.
 * Sources: RFC 1952, RFC 8878 (skippable frames too), the .xz file format 1.2.1, bzip2 1.0.8, lzma(1) of XZ Utils.
 */
export function detectCompression(head: Uint8Array): CompressionFormat {
  if (startsWith(head, [0x1f, 0x8b])) return 'gzip';
  if (startsWith(head, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])) return 'xz';
  if (startsWith(head, [0x28, 0xb5, 0x2f, 0xfd]) || isSkippableFrame(head)) return 'zstd';
  if (startsWith(head, [0x42, 0x5a, 0x68]) && isBetween(head[3], 0x31, 0x39)) return 'bzip2';
  return isLzmaAlone(head) ? 'lzma' : 'none';
}

function startsWith(head: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => head[index] === byte);
}

function isSkippableFrame(head: Uint8Array): boolean {
  return isBetween(head[0], 0x50, 0x5f) && startsWith(head.subarray(1), [0x2a, 0x4d, 0x18]);
}

/** The known size is below 256 GiB, or 64 one bits say that it is not known. */
function isLzmaAlone(head: Uint8Array): boolean {
  if (head.length < compressionHeadSize || head[0] !== 0x5d) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const dictionary = view.getUint32(1, true);
  const size = view.getBigUint64(5, true);
  const isPower = dictionary >= 0x1000 && (dictionary & (dictionary - 1)) === 0;
  return isPower && (size === 0xffff_ffff_ffff_ffffn || size < 0x40_0000_0000n);
}

function isBetween(byte: number | undefined, low: number, high: number): boolean {
  return byte !== undefined && byte >= low && byte <= high;
}
