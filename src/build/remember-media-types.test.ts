import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateEntries } from '../effects/generate-entries.ts';
import { effectInput } from '../effects/testing.ts';
import { MemoryMemo } from '../store/memory-memo.ts';
import { rememberMediaTypes } from './remember-media-types.ts';

const image = (comment: string, version = '2.4-5') =>
  effectInput({
    packages: [{ name: 'shared-mime-info', version }],
    tree: {
      'usr/share/mime/packages/x.xml': `<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
        <mime-type type="text/x-x"><comment>${comment}</comment><glob pattern="*.x"/></mime-type></mime-info>`,
    },
  });

test('what is remembered is what would be made, bytes and warnings', async () => {
  const memo = new MemoryMemo();
  const input = image('an x');
  const made = await rememberMediaTypes(input, memo);
  const remembered = await rememberMediaTypes(input, memo);
  assert.deepEqual(remembered, made);
  assert.notEqual(remembered, made);
  assert.deepEqual(generateEntries({ ...input, mediaTypes: remembered }), generateEntries(input));
});

test('other sources or another shared-mime-info are another database', async () => {
  const memo = new MemoryMemo();
  const type = async (input: ReturnType<typeof image>) =>
    Buffer.from((await rememberMediaTypes(input, memo))?.files.get('text/x-x.xml') ?? []).toString();
  const version = async (input: ReturnType<typeof image>) =>
    Buffer.from((await rememberMediaTypes(input, memo))?.files.get('version') ?? []).toString();
  assert.match(await type(image('an x')), /an x/);
  assert.match(await type(image('another')), /another/);
  assert.equal(await version(image('an x')), '2.4\n');
  assert.equal(await version(image('an x', '2.5-1')), '2.5\n');
});

test('an image without shared-mime-info has none, and damaged memory counts as none', async () => {
  assert.equal(await rememberMediaTypes(effectInput({}), new MemoryMemo()), undefined);
  const memo = new MemoryMemo();
  memo.get = async () => ({ files: [['a', 1]], problems: [] });
  assert.ok((await rememberMediaTypes(image('an x'), memo))?.files.has('mime.cache'));
});
