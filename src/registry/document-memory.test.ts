import assert from 'node:assert/strict';
import { it } from 'node:test';
import { digestOf } from '../util/digest.ts';
import { DocumentMemory } from './document-memory.ts';

it('keeps the documents that were used last, up to 16 MiB of them', () => {
  const memory = new DocumentMemory();
  const [first, second, third] = ['1', '2', '3'].map(digestOf) as [
    `sha256:${string}`,
    `sha256:${string}`,
    `sha256:${string}`,
  ];
  const document = { bytes: new Uint8Array(7 * 1024 * 1024), mediaType: 'x/y' };
  memory.set(first, document);
  memory.set(second, document);
  memory.set(second, document);
  assert.equal(memory.get(first), document);
  memory.set(third, document);
  assert.deepEqual(
    [first, second, third].map((digest) => memory.get(digest) !== undefined),
    [true, false, true],
  );
  memory.delete(first);
  memory.delete(first);
  memory.set(second, document);
  assert.equal(memory.get(third), document);
});
