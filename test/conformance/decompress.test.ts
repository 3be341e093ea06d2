import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { lzma, xz } from '@napi-rs/lzma';
import { type DecompressOptions, decompress, decompressAll } from '../../src/codecs/decompress.ts';
import { decodeXz } from '../../src/codecs/xz.ts';
import { isSlimimageError, SlimimageError } from '../../src/errors.ts';
import { type CompressionFormat, detectCompression } from '../../src/formats/compression/detect.ts';
import { concatBytes } from '../../src/util/bytes.ts';

const text = new TextEncoder().encode('minimal images, '.repeat(20_000));
const noise = concatBytes(Array.from({ length: 3 }, (_, i) => text.map((_byte, at) => Math.imul(at, at + i) >> 5)));
const zeros = new Uint8Array(8);

function hasTool(name: string): boolean {
  return spawnSync(name, ['--version'], { input: '' }).error === undefined;
}

function tool(name: string, args: readonly string[], input: Uint8Array): Uint8Array {
  const made = spawnSync(name, args, { input, maxBuffer: 1e9 });
  assert.equal(made.status, 0, String(made.stderr));
  return new Uint8Array(made.stdout);
}

/** bzip2 1.0.8 of `hello\n`. */
const bzip2Hello = Buffer.from(
  '425a6839314159265359c1c080e2000001410000100244a00030cd00c3462997177245385090c1c080e2',
  'hex',
);

const packers: Readonly<Record<Exclude<CompressionFormat, 'none' | 'bzip2'>, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => new Uint8Array(gzipSync(bytes)),
  zstd: (bytes) => new Uint8Array(zstdCompressSync(bytes, { params: { 201: 1 } })),
  xz: (bytes) => new Uint8Array(xz.compressSync(bytes)),
  lzma: (bytes) => new Uint8Array(lzma.compressSync(bytes)),
};

function unpack(
  bytes: Uint8Array,
  options: Partial<DecompressOptions> & { readonly format: CompressionFormat },
): Promise<Uint8Array> {
  return decompressAll(bytes, { what: 'x.tar', maxOutput: 1e9, ...options });
}

function refused(code: string, pattern: RegExp) {
  return (error: unknown) => {
    assert(isSlimimageError(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, pattern);
    return true;
  };
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return concatBytes(parts);
}

for (const [name, pack] of Object.entries(packers)) {
  const format = name as keyof typeof packers;
  const packed = pack(text);
  const noisy = pack(noise);
  describe(format, () => {
    test('is told by its head', () => assert.equal(detectCompression(packed), format));

    test('unpacks, however the chunks are cut', async () => {
      for (const size of [1, 100, packed.length]) {
        assert.deepEqual(
          await collect(decompress(inPieces(packed, size), { format, what: 'x', maxOutput: 1e9 })),
          text,
        );
      }
    });

    test('of nothing', async () => assert.equal((await unpack(pack(new Uint8Array(0)), { format })).length, 0));

    test('chunks stay as they are while more comes', async () => {
      const source = inPieces(noisy, 50_000);
      assert.deepEqual(await collect(decompress(source, { format, what: 'x', maxOutput: 1e9 })), noise);
    });

    test('an empty stream is refused', async () => {
      await assert.rejects(
        unpack(new Uint8Array(0), { format }),
        refused('COMPRESSION_INVALID', new RegExp(`x.tar is not a sound ${format} stream`)),
      );
    });

    test('a stream cut anywhere is refused', async () => {
      // The end mark of LZMA may lose its last byte: the decoder needs no more.
      const last = format === 'lzma' ? 6 : 1;
      for (const cut of [last, 9, 20, packed.length >> 1, packed.length - 5]) {
        await assert.rejects(
          unpack(packed.subarray(0, -cut), { format }),
          refused('COMPRESSION_INVALID', /not a sound/),
        );
      }
    });

    test('more than maxOutput is refused, as much is not', async () => {
      assert.equal((await unpack(packed, { format, maxOutput: text.length })).length, text.length);
      await assert.rejects(
        unpack(packed, { format, maxOutput: text.length - 1 }),
        refused('LIMIT_EXCEEDED', /x.tar unpacks to more than/),
      );
    });

    test("the source's own errors pass through", async () => {
      const failure = new SlimimageError({ code: 'DOWNLOAD_SHORT', message: 'short' });
      const plain = new RangeError('plain');
      for (const error of [failure, plain]) {
        const source = async function* () {
          yield packed.subarray(0, 30);
          throw error;
        };
        await assert.rejects(
          collect(decompress(source(), { format, what: 'x', maxOutput: 1e9 })),
          (thrown) => thrown === error,
        );
      }
    });

    test('a consumer that stops early stops the source', async () => {
      let stopped = false;
      const source = async function* () {
        try {
          for (;;) yield* inPieces(noisy, 10_000);
        } finally {
          stopped = true;
        }
      };
      for await (const chunk of decompress(source(), { format, what: 'x', maxOutput: 1e12 })) {
        assert(chunk.length > 0);
        break;
      }
      for (let i = 0; i < 100 && !stopped; i++) await new Promise((resolve) => setTimeout(resolve, 1));
      assert(stopped);
    });

    test('an aborted signal stops it', async () => {
      const signal = AbortSignal.abort();
      await assert.rejects(unpack(packed, { format, signal }), refused('ABORTED', /stopped while unpacking x.tar/));
    });

    if (format !== 'lzma') {
      test('streams behind each other are one', async () => {
        assert.deepEqual(
          await unpack(concatBytes([packed, pack(new Uint8Array(0)), packed]), { format }),
          concatBytes([text, text]),
        );
      });

      test('bytes after the end are refused', async () => {
        for (const rest of ['x', 'garbage!', '\0', '\0\0\0\0\0\0\0\0x']) {
          await assert.rejects(
            unpack(concatBytes([packed, Buffer.from(rest)]), { format }),
            refused('COMPRESSION_INVALID', /not a sound/),
          );
        }
      });

      test('a changed bit is found', async () => {
        for (const at of [packed.length >> 1, packed.length - 3]) {
          const damaged = packed.slice();
          damaged[at] = (damaged[at] as number) ^ 4;
          await assert.rejects(unpack(damaged, { format }), refused('COMPRESSION_INVALID', /not a sound/));
        }
      });
    }

    if (format !== 'lzma') {
      test('a bomb is refused, and soon', async () => {
        const bomb = pack(new Uint8Array(4 * 1024 * 1024));
        let seen = 0;
        const source = async function* () {
          for (;;) yield bomb;
        };
        await assert.rejects(
          async () => {
            const options = { format, what: 'x', maxOutput: 1e12, maxRatio: 100 };
            for await (const chunk of decompress(source(), options)) seen += chunk.length;
          },
          refused('LIMIT_EXCEEDED', /bomb/),
        );
        assert(seen <= 64 * 1024 * 1024, String(seen));
      });
    }
  });
}

describe('zstd frames', () => {
  const skippable = Buffer.concat([Buffer.from('5a2a4d1805000000', 'hex'), Buffer.from('abcde')]);

  test('skippable ones are skipped', async () => {
    const packed = concatBytes([skippable, packers.zstd(text), skippable]);
    assert.equal(detectCompression(packed), 'zstd');
    assert.deepEqual(await unpack(packed, { format: 'zstd' }), text);
    await assert.rejects(
      unpack(skippable.subarray(0, 10), { format: 'zstd' }),
      refused('COMPRESSION_INVALID', /cut off/),
    );
  });

  test('without a size, without a checksum, big', { skip: !hasTool('zstd') && 'zstd is missing' }, async () => {
    const big = concatBytes([text, text, text, text, text]);
    for (const args of [
      ['-qc', '--no-check', '--no-content-size'],
      ['-qc', '-19', '--check'],
      ['-qc', '--ultra', '-20', '--long=24'],
    ]) {
      assert.deepEqual(await unpack(tool('zstd', args, big), { format: 'zstd' }), big);
    }
    assert.deepEqual(await unpack(tool('zstd', ['-qc', '--no-content-size'], text), { format: 'zstd' }), text);
  });

  test('a frame that says less than it holds', async () => {
    const small = packers.zstd(text.subarray(0, 200));
    small[5] = (small[5] as number) - 10;
    await assert.rejects(unpack(small, { format: 'zstd' }), refused('COMPRESSION_INVALID', /not a sound/));
  });

  test('many small frames', async () => {
    const one = packers.zstd(text.subarray(0, 100));
    const unpacked = await unpack(concatBytes(Array.from({ length: 3000 }, () => one)), { format: 'zstd' });
    assert.equal(unpacked.length, 300_000);
  });
});

describe('xz', () => {
  const packed = packers.xz(text);

  test('padding between and behind streams', async () => {
    assert.deepEqual(
      await unpack(concatBytes([packed, zeros, packed, zeros]), { format: 'xz' }),
      concatBytes([text, text]),
    );
    await assert.rejects(
      unpack(concatBytes([packed, zeros.subarray(0, 3)]), { format: 'xz' }),
      refused('COMPRESSION_INVALID', /multiple of four/),
    );
  });

  test('the WebAssembly decoder gives the same and finds damage', async () => {
    assert.deepEqual(
      await collect(decodeXz(inPieces(concatBytes([packed, packed]), 500), { decoder: 'wasm' })),
      concatBytes([text, text]),
    );
    await assert.rejects(collect(decodeXz(inPieces(packed.subarray(0, -30), 500), { decoder: 'wasm' })));
  });

  test('blocks, checks and filters that xz can write', { skip: !hasTool('xz') && 'xz is missing' }, async () => {
    const random = noise.subarray(0, 200_000);
    const variants = [
      ['--block-size=40000', '-T2'],
      ['--check=none'],
      ['--check=crc32'],
      ['--check=sha256', '--block-size=100000'],
      ['--x86', '--lzma2=dict=4KiB'],
      ['--delta=dist=4', '--lzma2=dict=1MiB,lc=0,lp=2,pb=0'],
      ['-0'],
      ['-9e'],
    ];
    for (const args of variants) {
      for (const data of [text, random, new Uint8Array(0)]) {
        assert.deepEqual(await unpack(tool('xz', ['-c', ...args], data), { format: 'xz' }), data, args.join(' '));
      }
    }
  });

  test('a dictionary beyond the limit is refused before it is allocated', {
    skip: !hasTool('xz') && 'xz is missing',
  }, async () => {
    const first = tool('xz', ['-c', '-0'], text);
    const huge = first.slice();
    // Block header: size, flags, LZMA2, one byte of properties; its CRC32 is not looked at before.
    assert.deepEqual([...huge.subarray(12, 16)], [2, 0, 0x21, 1]);
    huge[16] = 40;
    await assert.rejects(
      unpack(huge, { format: 'xz' }),
      refused('COMPRESSION_INVALID', /dictionary of 4294967296 bytes/),
    );
    await assert.rejects(
      unpack(concatBytes([first, huge]), { format: 'xz' }),
      refused('COMPRESSION_INVALID', /dictionary/),
    );
    const alone = packers.lzma(text).slice();
    alone.set([0, 0, 0, 0x80], 1);
    await assert.rejects(unpack(alone, { format: 'lzma' }), refused('COMPRESSION_INVALID', /dictionary/));
  });
});

test('lzma with its size in the header', async () => {
  const known = packers.lzma(text).slice();
  new DataView(known.buffer, known.byteOffset).setBigUint64(5, BigInt(text.length), true);
  assert.equal(detectCompression(known), 'lzma');
  assert.deepEqual(await unpack(known, { format: 'lzma' }), text);
});

describe('none', () => {
  test('passes bytes on', async () => assert.deepEqual(await unpack(text, { format: 'none' }), text));
  test('has limits, too', async () => {
    await assert.rejects(
      unpack(text, { format: 'none', maxOutput: 10 }),
      refused('LIMIT_EXCEEDED', /more than 10 bytes/),
    );
  });
});

describe('bzip2', () => {
  const hello = new TextEncoder().encode('hello\n');

  test('streams behind each other, in chunks of any size', async () => {
    assert.equal(detectCompression(bzip2Hello), 'bzip2');
    for (const size of [1, 7, 1000]) {
      const source = inPieces(concatBytes([bzip2Hello, bzip2Hello]), size);
      assert.deepEqual(
        await collect(decompress(source, { format: 'bzip2', what: 'x', maxOutput: 100 })),
        concatBytes([hello, hello]),
      );
    }
  });

  test('every cut, every changed byte and bytes after the end are refused', async () => {
    for (let at = 0; at < bzip2Hello.length; at++) {
      await assert.rejects(
        unpack(bzip2Hello.subarray(0, at), { format: 'bzip2' }),
        refused('COMPRESSION_INVALID', /not a sound bzip2/),
      );
      const changed = Uint8Array.from(bzip2Hello);
      changed[at] = (changed[at] as number) ^ 0xff;
      await assert.rejects(unpack(changed, { format: 'bzip2' }), refused('COMPRESSION_INVALID', /not a sound bzip2/));
    }
    await assert.rejects(
      unpack(concatBytes([bzip2Hello, zeros]), { format: 'bzip2' }),
      refused('COMPRESSION_INVALID', /after its end/),
    );
  });

  const skip = !hasTool('bzip2') && 'bzip2 is missing';
  const runs = Uint8Array.from({ length: 700_000 }, (_, at) => Math.floor(at / 260) + (at % 300 < 5 ? 1 : 0));
  for (const [name, data] of Object.entries({
    text,
    noise,
    runs,
    empty: new Uint8Array(0),
    zeros: new Uint8Array(3_000_000),
  })) {
    for (const level of ['-1', '-9']) {
      test(`what bzip2 ${level} makes of ${name}`, { skip }, async () => {
        assert.deepEqual(await unpack(tool('bzip2', ['-c', level], data), { format: 'bzip2' }), data);
      });
    }
  }

  test('a bomb: 45 MB out of one block of 40 bytes come in pieces', { skip }, async () => {
    const packed = tool('bzip2', ['-c', '-9'], new Uint8Array(45_000_000));
    let largest = 0;
    await assert.rejects(
      async () => {
        for await (const { length } of decompress([packed], { format: 'bzip2', what: 'x', maxOutput: 1e6 }))
          largest = Math.max(largest, length);
      },
      refused('LIMIT_EXCEEDED', /more than 1000000 bytes/),
    );
    assert(largest <= 256 * 1024);
  });
});
