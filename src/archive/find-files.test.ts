import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ContentsScanner } from './find-files.ts';

const index = [
  'bin/sh                                                  shells/dash',
  'usr/bin/a name with spaces/libz.so.1                    misc/odd',
  'usr/lib/x86_64-linux-gnu/libz.so.1                      libs/zlib1g,contrib/libs/zlib-fast',
  'usr/lib/x86_64-linux-gnu/libz.so.1.3.1                  libs/zlib1g',
  'usr/lib/x86_64-linux-gnu/notlibz.so.1                   libs/other',
  'usr/share/x                                             libs/../evil',
  '',
].join('\n');

function scan(names: readonly string[], text: string, step: number) {
  const scanner = new ContentsScanner(names);
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += step) scanner.push(bytes.subarray(at, at + step));
  return Object.fromEntries(
    [...scanner.end()].map(([name, files]) => [
      name,
      files.map((file) => `${file.path} ${file.section}/${file.package}`),
    ]),
  );
}

describe('ContentsScanner', () => {
  it('finds the packages of a file by the end of its path, in chunks of any size', () => {
    for (const step of [1, 7, 64, 10_000]) {
      assert.deepEqual(scan(['libz.so.1', 'sh', 'nothing'], index, step), {
        'libz.so.1': [
          'usr/bin/a name with spaces/libz.so.1 misc/odd',
          'usr/lib/x86_64-linux-gnu/libz.so.1 contrib/libs/zlib-fast',
          'usr/lib/x86_64-linux-gnu/libz.so.1 libs/zlib1g',
        ],
        sh: ['bin/sh shells/dash'],
        nothing: [],
      });
    }
  });

  it('takes no package name that is none', () => {
    assert.deepEqual(scan(['y'], 'usr/y   libs/-x,libs/A,libs/ok1\n', 5), { y: ['usr/y libs/ok1'] });
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
        const scanner = new ContentsScanner(['sh', 'a']);
        for (const chunk of chunks) scanner.push(chunk);
        assert.equal(scanner.end().size, 2);
      }),
    );
  });
});
