import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isSlimimageError } from '../errors.ts';
import { digestOf, hexOf } from '../util/digest.ts';
import { encodeUtf8 } from '../util/text.ts';
import { LocalStore } from './local-store.ts';
import { currentOwner } from './owner.ts';
import { readBlob } from './read-document.ts';
import { putImage, putPaper } from './target-suite.ts';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slimimage-store-'));
});

afterEach(() => rm(root, { recursive: true }));

describe('LocalStore', () => {
  it('remembers between openings', async () => {
    const first = await LocalStore.open(root);
    const image = await putImage(first, 'layer');
    await first.tag(image, 'team/app:1.0');
    await first.memo.set('facts', 'key', { a: [1, 2], lone: '\udc80' });
    await first.close();
    await using second = await LocalStore.open(root);
    assert.deepEqual(await second.resolve('team/app:1.0'), image);
    assert.deepEqual(await second.memo.get('facts', 'key'), { a: [1, 2], lone: '\udc80' });
    assert.equal(await second.memo.get('facts', 'other'), undefined);
    assert.deepEqual(await second.tags(), [{ name: 'team/app', tag: '1.0', descriptor: image }]);
  });

  it('finds an image by name and digest although the tag has moved on', async () => {
    await using store = await LocalStore.open(root);
    const old = await putImage(store, 'old');
    await store.tag(old, 'app');
    await store.tag(await putImage(store, 'new'), 'app');
    assert.deepEqual(await store.resolve(`app@${old.digest}`), old);
    assert.equal(await store.resolve(`app@${digestOf('gone')}`), undefined);
  });

  it('commits folders whole, and the first of two stays', async () => {
    await using store = await LocalStore.open(root);
    assert.equal(await store.folder('content', 'k1'), undefined);
    const [a, b] = [await store.temporaryFolder(), await store.temporaryFolder()];
    await writeFile(join(a, 'index.json'), 'a');
    await writeFile(join(b, 'index.json'), 'b');
    const committed = await store.commitFolder('content', 'k1', a);
    assert.equal(await store.commitFolder('content', 'k1', b), committed);
    assert.equal(await store.folder('content', 'k1'), committed);
    assert.deepEqual(await readdir(committed), ['index.json']);
    await store.removeFolder('content', 'k1');
    assert.equal(await store.folder('content', 'k1'), undefined);
    await store.close();
    assert.deepEqual(await readdir(join(root, 'tmp')), []);
  });

  it('resumes a partial download, of which only one taker gets the bytes', async () => {
    await using store = await LocalStore.open(root);
    const file = await store.takePartial('http://mirror/x.deb');
    await writeFile(file, 'first half');
    await store.keepPartial('http://mirror/x.deb', file);
    const [a, b] = [await store.takePartial('http://mirror/x.deb'), await store.takePartial('http://mirror/x.deb')];
    assert.equal((await stat(a)).size, 10);
    await assert.rejects(stat(b));
    await assert.rejects(store.adoptFile(a, { digest: digestOf('else') }), (e) =>
      isSlimimageError(e, 'DIGEST_MISMATCH'),
    );
    await assert.rejects(stat(a));
    await writeFile(b, 'whole');
    assert.deepEqual(await store.adoptFile(b, { size: 5 }), { digest: digestOf('whole'), size: 5 });
    assert.equal(await store.has(digestOf('whole')), true);
  });

  it('reports damage when it reads, and when it is asked', async () => {
    await using store = await LocalStore.open(root);
    const image = await putImage(store, 'layer');
    await store.tag(image, 'app');
    assert.deepEqual((await store.verify()).damaged, []);
    const digest = digestOf('layer');
    await writeFile(store.path(digest), 'lAyer');
    await assert.rejects(readBlob(store, { mediaType: 'a/b', digest, size: 5 }), (error) =>
      isSlimimageError(error, 'DIGEST_MISMATCH'),
    );
    const report = await store.verify();
    assert.deepEqual(report.damaged, [digest]);
    assert.deepEqual(report.brokenTags, [{ name: 'app', tag: 'latest', reason: `${digest}: damaged` }]);
  });

  it('prunes what was used longest ago and never what a tag reaches', async () => {
    await using store = await LocalStore.open(root);
    await store.tag(await putImage(store, 'kept'), 'app');
    for (const [text, age] of [
      ['oldest', 3000],
      ['middle', 2000],
      ['newest', 1000],
    ] as const) {
      const { digest } = await store.write(encodeUtf8(text.padEnd(1000, '.')));
      const when = new Date(Date.now() - age * 1000);
      await utimes(store.path(digest), when, when);
    }
    const before = (await store.list()).bytes;
    const report = await store.prune({ maxBytes: before - 1500 });
    assert.equal(report.removed, 2);
    assert.equal(report.bytes, before - 2000);
    assert.equal(await store.has(digestOf('newest'.padEnd(1000, '.'))), true);
    assert.equal(await store.has(digestOf('kept')), true);
    assert.deepEqual((await store.verify()).brokenTags, []);
    const all = await store.prune({ keepTags: [] });
    assert.deepEqual(all.removedTags, ['app:latest']);
    assert.equal(all.bytes, 0);
  });

  it('keeps what speaks of an image as long as the image, and forgets it with it', async () => {
    await using store = await LocalStore.open(root);
    const image = await putImage(store, 'layer');
    const paper = await putPaper(store, { subject: image, artifactType: 'application/spdx+json', text: 'paper' });
    const signature = await putPaper(store, { subject: paper, artifactType: 'text/plain', text: 'signature' });
    await store.tag(image, 'app');
    await store.refer(paper, image);
    await store.refer(signature, paper);
    assert.equal((await store.prune()).removed, 0);
    assert.deepEqual(await store.referrers(image.digest), [paper]);
    assert.deepEqual((await store.verify()).brokenTags, []);
    const [tag] = (await store.list()).tags;
    // An image of three blobs, two papers of two each, and the empty config that they share.
    assert.equal((await store.list()).blobs.count, 8);
    assert.equal(tag?.bytes, (await store.list()).blobs.bytes);
    await store.unrefer(paper.digest, image.digest);
    await store.unrefer(paper.digest, image.digest);
    assert.deepEqual(await store.referrers(image.digest), []);
    assert.deepEqual(await store.referrers(paper.digest), [signature]);
    await store.prune({ keepTags: [] });
    assert.equal((await store.list()).blobs.count, 0);
    assert.deepEqual(await store.referrers(image.digest), []);
    assert.deepEqual(await readdir(join(root, 'referrers')), []);
  });

  it('prunes only when no other process uses the store, and forgets the locks of dead ones', async () => {
    const store = await LocalStore.open(root, { lockTimeout: 150 });
    const other = await LocalStore.open(root);
    await assert.rejects(
      store.prune(),
      (error) => isSlimimageError(error, 'STORE') && /in use by process/.test(error.message),
    );
    await other.close();
    const { start, domain } = await currentOwner();
    // A process that can't be: the largest pid is 2^22.
    await writeFile(join(root, 'locks', `shared.99999999-${start}-${domain}.00`), '');
    await store.prune();
    await store.close();
    assert.deepEqual(await readdir(join(root, 'locks')), []);
  });

  it('makes openers wait while it is pruned', async () => {
    await using _store = await LocalStore.open(root);
    const { id } = await currentOwner();
    const lock = join(root, 'locks', `exclusive.${id}.00`);
    await writeFile(lock, '');
    await assert.rejects(LocalStore.open(root, { lockTimeout: 50 }), (error) => isSlimimageError(error, 'STORE'));
    const opening = LocalStore.open(root);
    await sleep(60);
    await rm(lock);
    await (await opening).close();
  });

  it('sweeps what dead processes left and rescues their partial downloads', async () => {
    const { start, domain } = await currentOwner();
    await (await LocalStore.open(root)).close();
    const left = join(root, 'tmp', `99999999-${start}-${domain}.ab`);
    await mkdir(left);
    await writeFile(join(left, 'blob-1234'), 'half');
    await writeFile(join(left, 'partial-0123abcd-x.deb'), 'half');
    await using store = await LocalStore.open(root);
    assert.deepEqual(await readdir(join(root, 'tmp')), []);
    assert.equal((await stat(await store.takePartial('x.deb'))).size, 4);
  });

  it('keeps nothing of what was given up, when it is closed, but what can be resumed', async () => {
    const store = await LocalStore.open(root);
    await writeFile(join(await store.temporaryFolder('content'), 'fragment'), 'half');
    await writeFile(await store.takePartial('x.deb'), 'half');
    await store.close();
    assert.deepEqual(await readdir(join(root, 'tmp')), []);
    assert.deepEqual(await readdir(join(root, 'partial')), ['x.deb']);
  });

  it('refuses a store of another version', async () => {
    await writeFile(join(root, 'slimimage-store.json'), '{"format":99}');
    await assert.rejects(LocalStore.open(root), (error) => isSlimimageError(error, 'STORE'));
  });

  it('says STORE with a hint where it may not write', {
    skip: getuid?.() !== 0 && 'needs root to become another user',
  }, async () => {
    await (await LocalStore.open(root)).close();
    await chmod(root, 0o755);
    const code = `
      const { LocalStore } = await import(${JSON.stringify(new URL('./local-store.ts', import.meta.url).href)});
      process.setgroups([]); process.setgid(65534); process.setuid(65534);
      const store = await LocalStore.open(${JSON.stringify(root)});
      const written = await store.write(new Uint8Array(1)).catch((error) => error);
      const fresh = await LocalStore.open(${JSON.stringify(join(root, 'new'))}).catch((error) => error);
      console.log(JSON.stringify([written.code, written.hint?.slice(0, 17), fresh.code, await store.tags()]));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
    assert.deepEqual(JSON.parse(stdout), ['STORE', 'Permission denied', 'STORE', []]);
  });

  it('stays whole when its writers are killed at any instant', async () => {
    const url = JSON.stringify(new URL('./local-store.ts', import.meta.url).href);
    const code = `
      const { LocalStore } = await import(${url});
      const { putImage } = await import(${JSON.stringify(new URL('./target-suite.ts', import.meta.url).href)});
      const store = await LocalStore.open(${JSON.stringify(root)});
      console.log('ready');
      for (let n = 0; ; n++) {
        await store.tag(await putImage(store, String(process.pid % 7) + n), 'app:' + (n % 3));
        await store.write((async function* () { for (let i = 0; i < 9; i++) yield new Uint8Array(99999).fill(n); })());
        const folder = await store.temporaryFolder();
        await (await import('node:fs/promises')).writeFile(folder + '/part', 'x');
        await store.commitFolder('content', 'k' + (n % 5), folder);
        await store.memo.set('n', 'k' + (n % 5), { n });
      }`;
    for (let round = 0; round < 4; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await sleep(10 + round * 17);
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await gone;
      await using store = await LocalStore.open(root);
      const report = await store.verify();
      assert.deepEqual(report.damaged, []);
      assert.deepEqual(report.brokenTags, []);
      for (const key of ['k0', 'k1', 'k2', 'k3', 'k4']) {
        const folder = await store.folder('content', key);
        if (folder !== undefined) assert.deepEqual(await readdir(folder), ['part']);
      }
      await store.close();
      assert.deepEqual(await readdir(join(root, 'tmp')), []);
      assert.deepEqual(await readdir(join(root, 'locks')), []);
    }
    await using store = await LocalStore.open(root);
    assert.ok((await store.tags()).length > 0, 'the writers got something done');
    assert.ok(
      (await readdir(join(root, 'blobs', 'sha256'))).every((name) => name.length === hexOf(digestOf('')).length),
    );
  });
});
