/** Where the fields of a tar header are: POSIX.1-2017 pax, "ustar Interchange Format". */
export const tarBlockSize = 512;

/** First byte and length. */
export type FieldRange = readonly [offset: number, length: number];

export const field = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  typeflag: [156, 1],
  linkname: [157, 100],
  magic: [257, 8],
  userName: [265, 32],
  groupName: [297, 32],
  deviceMajor: [329, 8],
  deviceMinor: [337, 8],
  prefix: [345, 155],
  /** star writes times after a shorter prefix and signs with `tar` in the last four bytes. */
  starPrefix: [345, 131],
  starMagic: [508, 4],
} as const satisfies Record<string, FieldRange>;

export const magic = { ustar: 'ustar\u000000', gnu: 'ustar  \u0000', star: 'tar\u0000' } as const;

/** Sums of the header's bytes with the checksum field taken as spaces, as unsigned and as signed bytes. */
export function checksums(block: Uint8Array): { readonly unsigned: number; readonly signed: number } {
  let unsigned = 0;
  let high = 0;
  for (let i = 0; i < tarBlockSize; i++) {
    const byte = block[i] as number;
    unsigned += byte;
    high += byte >> 7;
  }
  const [offset, length] = field.checksum;
  for (let i = offset; i < offset + length; i++) {
    const byte = block[i] as number;
    unsigned += 0x20 - byte;
    high -= byte >> 7;
  }
  return { unsigned, signed: unsigned - 256 * high };
}

export function paddedSize(size: number): number {
  return Math.ceil(size / tarBlockSize) * tarBlockSize;
}
