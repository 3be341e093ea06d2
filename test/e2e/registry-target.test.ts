import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isFileImporting } from '../../src/store/target.ts';
import { putImage, targetSuite } from '../../src/store/target-suite.ts';
import { digestOf } from '../../src/util/digest.ts';
import { startCuttingLine } from '../support/cutting-line.ts';
import { failsWith } from '../support/http-client.ts';
import { lackingRegistry, startRegistry, type TestRegistry } from '../support/registry.ts';
import { startRepositories } from '../support/registry-access.ts';

describe('with the real docker-registry', { skip: lackingRegistry }, () => {
  const repositories = startRepositories();
  let registry: TestRegistry;
  let folder = '';
  let count = 0;

  before(async () => {
    registry = await startRegistry(undefined);
    folder = await mkdtemp(join(tmpdir(), 'slimimage-cut-'));
  });

  after(async () => {
    await registry.close();
    await repositories[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  targetSuite('a repository', async () => repositories.open(registry.host, `team/app${count++}`));

  it('a blob arrives over a line that is cut again and again', async () => {
    const bytes = Buffer.alloc(20_000_000, 'a blob of some length');
    const expected = { digest: digestOf(bytes), size: bytes.length };
    const file = join(folder, 'blob');
    await writeFile(file, bytes);
    await using line = await startCuttingLine(registry.host, [5_000_000, 100, 9_000_000]);
    const target = repositories.open(line.host, 'cut');
    assert.ok(isFileImporting(target));
    assert.deepEqual(await target.importFile(file, expected), expected);
    assert.equal(line.cuts, 3);
    assert.equal(await repositories.open(registry.host, 'cut').size(expected.digest), expected.size);
  });

  it('a stream arrives over a line that is cut while it is short', async () => {
    const bytes = Buffer.alloc(20_000_000, 'another blob of some length');
    await using line = await startCuttingLine(registry.host, [1_000_000]);
    const stored = await repositories.open(line.host, 'cut').write(chunked(bytes), { digest: digestOf(bytes) });
    assert.deepEqual(stored, { digest: digestOf(bytes), size: bytes.length });
  });

  it('a blob is mounted from another repository', async () => {
    const { digest, size } = await repositories.open(registry.host, 'one').write(Buffer.from('shared'));
    const target = repositories.open(registry.host, 'two');
    assert.equal(await target.mount(digest, { from: 'nowhere', size }), false);
    assert.equal(await target.mount(digest, { from: 'one', size }), true);
    assert.equal(await target.has(digest), true);
  });

  it('an image is deleted by its digest, and a single tag is not', async () => {
    const target = repositories.open(registry.host, 'deleted');
    const image = await putImage(target, 'x');
    for (const tag of ['a', 'b']) await target.tag(image, tag);
    const error = await failsWith('HTTP_STATUS', target.delete('a'));
    assert.match(error.hint ?? '', new RegExp(`--delete ${image.digest}`));
    assert.deepEqual(await target.listTags(), ['a', 'b']);
    assert.equal(await target.delete(image.digest), true);
    assert.equal(await target.delete(image.digest), false);
    assert.equal(await target.resolve('b'), undefined);
  });
});

async function* chunked(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}
