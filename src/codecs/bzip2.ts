import { BitReader } from './bit-reader.ts';
import { ByteReader } from './byte-reader.ts';
import { decodeBzip2Block } from './bzip2-block.ts';
import { damagedStream } from './damaged-stream.ts';

/**
 * Decodes bzip2 streams behind each other, block by block, every checksum verified. Own code: the libraries either
 * hold the whole file or have been left alone for years.
 * Source: the format as bzip2 1.0.8 reads it ("Bzip2: Format Specification", J. Tsai).
 */
export async function* decodeBzip2(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new ByteReader(source);
  try {
    let isFirst = true;
    for (; !(await reader.atEnd()); isFirst = false) {
      const [b, z, h, level = 0] = await reader.peek(4);
      if (b !== 0x42 || z !== 0x5a || h !== 0x68 || level < 0x31 || level > 0x39) {
        throw damagedStream(isFirst ? 'it does not begin with a stream' : 'there are bytes after its end');
      }
      reader.skipPeeked(4);
      yield* decodeStream(reader, (level - 0x30) * 100_000);
    }
    if (isFirst) throw damagedStream('it is empty');
  } finally {
    await reader.close();
  }
}

/**
 * No block is longer packed: 900,000 symbols of at most 20 bits, 18,002 selectors of at most 6 bits, and the tables.
 * So a block that does not end within as much is damaged, and decoding never has to stop in its middle.
 */
const maxPackedBlock = 2.5 * 1024 * 1024;
const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;

async function* decodeStream(reader: ByteReader, blockSize: number): AsyncGenerator<Uint8Array, void, undefined> {
  const work = new Uint32Array(blockSize);
  let combined = 0;
  // Blocks begin at any bit: `bit` is how many of the first byte are used.
  for (let bit = 0; ; ) {
    const bits = new BitReader(await reader.peek(maxPackedBlock), bit);
    const magic = bits.read(24) * 0x1000000 + bits.read(24);
    const crc = bits.read(16) * 0x10000 + bits.read(16);
    if (magic === endMagic) {
      if (crc !== combined) throw damagedStream('the checksum of the stream is wrong');
      reader.skipPeeked(bits.bytesUsed);
      return;
    }
    if (magic !== blockMagic) throw damagedStream('a block does not begin where it must');
    yield* decodeBzip2Block(bits, { work, crc });
    combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0;
    const used = Math.floor(bits.position / 8);
    bit = bits.position % 8;
    reader.skipPeeked(used);
  }
}
