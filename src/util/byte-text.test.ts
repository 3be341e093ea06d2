import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeByteText, encodeByteText } from './byte-text.ts';

describe('names are bytes', () => {
  const cases: readonly (readonly [string, readonly number[], string])[] = [
    ['ASCII', [0x61, 0x2f, 0x62], 'a/b'],
    ['UTF-8', [0xc3, 0xa9, 0xe8, 0xaf, 0x81, 0xf0, 0x9f, 0x98, 0x80], 'é证😀'],
    ['latin-1', [0x63, 0x61, 0x66, 0xe9], 'caf\udce9'],
    ['a cut sequence', [0xe8, 0xaf], '\udce8\udcaf'],
    ['an overlong slash', [0xc0, 0xaf], '\udcc0\udcaf'],
    ['an encoded surrogate', [0xed, 0xb2, 0x80], '\udced\udcb2\udc80'],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80], '\udcf4\udc90\udc80\udc80'],
    ['a byte order mark', [0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
  ];
  for (const [name, bytes, text] of cases) {
    test(name, () => {
      assert.equal(decodeByteText(Uint8Array.from(bytes)), text);
      assert.deepEqual(encodeByteText(text), Uint8Array.from(bytes));
    });
  }

  test('any bytes survive, through JSON too', () => {
    const mixed = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 6 }),
        fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(mixed, (parts) => {
        const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
        const text = decodeByteText(bytes);
        assert.deepEqual(encodeByteText(JSON.parse(JSON.stringify(text)) as string), bytes);
      }),
      { numRuns: 3000 },
    );
  });
});
