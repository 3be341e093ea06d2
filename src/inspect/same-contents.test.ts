import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RootfsNode } from '../rootfs/rootfs.ts';
import { sameContents } from './same-contents.ts';

/** Files that hold these texts; digests of few digits, so that places in the table clash. */
function filesOf(contents: readonly (readonly [sha256: string, size: number])[]): readonly RootfsNode[] {
  return contents.map(([sha256, size], index) => {
    const entry = { path: `f${index}`, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size, sha256 } as const;
    return { entry, layer: 0, origin: { layer: 0, index }, inode: index, implicit: false };
  });
}

test('contents that are there more than once, as a map by digest and size has them', () => {
  const content = fc.tuple(fc.constantFrom('a', 'b', 'aa', 'ab'), fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(fc.array(content, { maxLength: 60 }), (contents) => {
      const counts = new Map<string, number>();
      for (const [sha256, size] of contents) {
        if (size > 0) counts.set(`${sha256} ${size}`, (counts.get(`${sha256} ${size}`) ?? 0) + 1);
      }
      const ours = sameContents(filesOf(contents)).map(
        ({ sha256, size, copies }) => [`${sha256} ${size}`, copies] as const,
      );
      assert.deepEqual(new Map(ours), new Map([...counts].filter(([, copies]) => copies > 1)));
    }),
  );
});

test('the first names are told, in the order of the tree', () => {
  const [content] = sameContents(filesOf(Array.from({ length: 15 }, () => ['a', 7] as const)));
  assert.equal(content?.copies, 15);
  assert.deepEqual(content.paths.slice(0, 3), ['/f0', '/f1', '/f2']);
  assert.equal(content.paths.length, 10);
});
