import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readCopyright } from '../../src/formats/copyright/read-copyright.ts';
import { lackingArchive } from '../support/builder.ts';
import { lacking } from '../support/need.ts';
import { parseSpdx } from '../support/spdx.ts';
import { type CopyrightFile, copyrightCorpus } from './copyright-corpus.ts';

const needs = { commands: ['dpkg-deb', 'tar'] };

describe('copyright files of trixie', { skip: lackingArchive || lacking(needs) }, () => {
  test('nearly all that are machine-readable are read, most of the others, and every expression is SPDX', async (t) => {
    const store = process.env['SLIMIMAGE_BENCH_STORE'] ?? join(tmpdir(), 'slimimage-conformance-store');
    const files = await copyrightCorpus({ store, draw: 320 });
    assert.ok(files.length > 300);
    const machineReadable = files.filter((file) => isMachineReadable(file));
    const prose = files.filter((file) => !isMachineReadable(file));
    const read = countsOf(machineReadable);
    const recognised = countsOf(prose);
    t.diagnostic(
      [
        '',
        `machine-readable ${machineReadable.length}: read ${read.read}, of these with something left over ${read.partly}`,
        `prose ${prose.length}: licences recognised ${recognised.read}, of these with other terms beside ${recognised.partly}`,
        `not read: ${[...read.unread, ...recognised.unread].join(', ')}`,
      ].join('\n'),
    );
    assert.ok(read.read / machineReadable.length > 0.97);
    assert.ok(recognised.read / prose.length > 0.8);
  });
});

function isMachineReadable({ bytes }: CopyrightFile): boolean {
  return /^Format(?:-Specification)?:/m.test(Buffer.from(bytes).toString('latin1').slice(0, 4000));
}

function countsOf(files: readonly CopyrightFile[]) {
  let read = 0;
  let partly = 0;
  const unread: string[] = [];
  for (const file of files) {
    const { expression, problem, references } = readCopyright(file.bytes);
    if (expression === undefined) {
      assert.ok(problem, file.package);
      unread.push(file.package);
      continue;
    }
    assert.doesNotThrow(() => parseSpdx(expression), `${file.package}: ${expression}`);
    assert.deepEqual(
      new Set(Object.keys(references)),
      new Set(expression.match(/LicenseRef-[A-Za-z0-9.-]+/g) ?? []),
      file.package,
    );
    read += 1;
    if (problem !== undefined) partly += 1;
  }
  return { read, partly, unread };
}
