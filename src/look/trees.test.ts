import assert from 'node:assert/strict';
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { putSampleImage, variedLayers } from '../../test/support/images.ts';
import { schemaText } from '../build/answer-schemas.ts';
import { openImage } from '../image/open-image.ts';
import { LocalStore } from '../store/local-store.ts';
import { extractImage } from './extract-image.ts';
import { listImageTree } from './list-image.ts';
import { extractSchema, listSchema } from './list-schema.ts';
import { readImageFile } from './read-image-file.ts';

describe('looking at the files of an image', () => {
  let folder = '';
  let places = { store: '', cwd: '', env: {} };
  const names = async (path?: string, layer?: string) =>
    (await listImageTree('store:varied', { ...places, path, layer })).map((entry) => entry.path);
  const content = async (path: string, layer?: string) => {
    const chunks: Uint8Array[] = [];
    const write = (bytes: Uint8Array) => chunks.push(bytes.slice());
    const size = await readImageFile('store:varied', path, { ...places, layer, write });
    const bytes = Buffer.concat(chunks);
    assert.equal(size, bytes.length);
    return bytes.toString();
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slimimage-trees-'));
    places = { store: join(folder, 'store'), cwd: folder, env: {} };
    const store = await LocalStore.open(places.store);
    await store.tag(await putSampleImage(store, { layers: variedLayers }), 'varied');
    await store.close();
  });
  after(() => rm(folder, { recursive: true }));

  it('lists folders, files and links to them under their own names', async () => {
    assert.deepEqual((await names()).slice(0, 3), ['bin', 'etc', 'etc/passwd']);
    assert.deepEqual(await names('/etc'), ['etc/passwd']);
    assert.deepEqual(await names('/etc/passwd'), ['etc/passwd']);
    assert.deepEqual(await names('/bin/tool'), ['usr/bin/tool']);
    assert.deepEqual(await names('/bin'), await names('usr/bin/'));
    assert.deepEqual(await names('/tmp'), []);
    await assert.rejects(names('/missing'), { code: 'SOURCE_INVALID' });
  });

  it('lists what one layer has, with what it removes', async () => {
    const second = await listImageTree('store:varied', { ...places, layer: '2' });
    assert.deepEqual(
      second.map(({ type, path, linkTarget = '' }) => `${type} ${path} ${linkTarget}`.trim()),
      [
        'file bin/through',
        'directory etc',
        'whiteout etc/gone',
        'file etc/passwd',
        'directory opt',
        'opaque opt/.wh..wh..opq',
        'file opt/new',
        'hardlink usr/bin/third usr/bin/tool',
      ],
    );
    assert.ok(second.every(({ layer }) => layer === 2));
    assert.deepEqual(await names('/etc/', '2'), ['etc/gone', 'etc/passwd']);
    assert.deepEqual(await names('etc/passwd', '1'), ['etc/passwd']);
    await assert.rejects(names('/usr/bin/tool', '2'), { code: 'SOURCE_INVALID' });
  });

  it('finds a layer by its number or its digest', async () => {
    const store = await LocalStore.open(places.store);
    const { layers } = await openImage('store:varied', { store });
    await store.close();
    const { diffId = '', descriptor } = layers[1] ?? assert.fail();
    assert.deepEqual(await names('/', diffId), await names('/', '2'));
    assert.deepEqual(await names('/', descriptor?.digest.slice(7, 19)), await names('/', '2'));
    for (const layer of ['0', '3', 'sha256:', 'nonsense', '12345678901234'])
      await assert.rejects(names('/', layer), { code: 'USAGE' }, layer);
  });

  it('has its schemas published (npm run schema)', async () => {
    for (const [name, schema] of Object.entries({ ls: listSchema, extract: extractSchema })) {
      const published = await readFile(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8');
      assert.equal(published, schemaText(schema));
    }
  });

  it('answers as its schemas say', async () => {
    const ajv = new Ajv({ strict: true });
    const valid = ajv.compile(listSchema);
    for (const layer of [undefined, '1', '2']) {
      const answer = JSON.parse(JSON.stringify(await listImageTree('store:varied', { ...places, layer })));
      assert.ok(valid(answer), ajv.errorsText(valid.errors));
    }
    const target = { type: 'folder', folder: 'schema' } as const;
    assert.ok(ajv.compile(extractSchema)(await extractImage('store:varied', { ...places, target })));
  });

  it('gives the content of a file, links followed, also of a lower layer', async () => {
    assert.equal(await content('/etc/passwd'), 'root:x:0:0::/root:/bin/bash\n');
    assert.equal(await content('/etc/passwd', '1'), 'root:x:0:0::/root:/bin/sh\n');
    assert.equal(await content('/etc/gone', '1'), 'soon');
    assert.equal(await content('bin/third'), 'tool\n');
    assert.equal((await content('/usr/bin/big')).length, 300_000);
    assert.equal(await content('/bin/empty'), '');
    for (const path of ['/etc', '/etc/gone', '/', '']) await assert.rejects(content(path), { code: 'SOURCE_INVALID' });
  });

  it('extracts what is asked for, under its own paths, into a new folder', async () => {
    const target = { type: 'folder', folder: 'out' } as const;
    const paths = ['/usr/bin/tool', '/bin/third', 'opt'];
    const report = await extractImage('store:varied', { ...places, paths, target });
    assert.deepEqual(report, { image: 'store:varied:latest', output: join(folder, 'out'), paths: 6, bytes: 8 });
    const found = await readdir(join(folder, 'out'), { recursive: true });
    assert.deepEqual(found.sort(), ['opt', 'opt/new', 'usr', 'usr/bin', 'usr/bin/third', 'usr/bin/tool']);
    const [tool, third] = await Promise.all(['tool', 'third'].map((name) => lstat(join(folder, 'out/usr/bin', name))));
    assert.equal(tool?.ino, third?.ino);
    assert.equal(tool?.mode, 0o104755);
    await extractImage('store:varied', { ...places, paths: ['/bin'], target: { type: 'folder', folder: 'link' } });
    assert.equal(await readlink(join(folder, 'link/bin')), 'usr/bin');
    await assert.rejects(extractImage('store:varied', { ...places, paths: ['/no'], target }), {
      code: 'SOURCE_INVALID',
    });
  });

  it('extracts what one layer brings, less links to what others have', async () => {
    const warnings: string[] = [];
    const onEvent = (event: { type: string; message?: string }) =>
      event.type === 'warning' && warnings.push(event.message ?? '');
    const target = { type: 'folder', folder: 'second' } as const;
    await extractImage('store:varied', { ...places, layer: '2', target, onEvent });
    const found = await readdir(join(folder, 'second'), { recursive: true });
    assert.deepEqual(found.sort(), ['bin', 'bin/through', 'etc', 'etc/passwd', 'opt', 'opt/new']);
    assert.match(warnings[0] ?? '', /hard links to files of lower layers are left out, the first is \/usr\/bin\/third/);
  });

  it('writes over nothing of others', async () => {
    await mkdir(join(folder, 'mine'));
    await writeFile(join(folder, 'mine/file'), 'mine');
    const target = { type: 'folder', folder: 'mine' } as const;
    await assert.rejects(extractImage('store:varied', { ...places, target }), { code: 'OUTPUT_INVALID' });
    assert.equal(await readFile(join(folder, 'mine/file'), 'utf8'), 'mine');
    // Neither over what it wrote itself: somebody may have worked on it.
    const again = { type: 'folder', folder: 'again' } as const;
    await extractImage('store:varied', { ...places, target: again });
    await writeFile(join(folder, 'again/mine'), 'mine');
    await assert.rejects(extractImage('store:varied', { ...places, target: again }), { code: 'OUTPUT_INVALID' });
    assert.equal(await readFile(join(folder, 'again/mine'), 'utf8'), 'mine');
  });

  it('extracts as a tar, to a file or as a stream, the same bytes', async () => {
    const chunks: Uint8Array[] = [];
    const stream = { type: 'stream', write: (bytes: Uint8Array) => chunks.push(bytes.slice()) } as const;
    const paths = ['/etc', '/usr/bin'];
    await extractImage('store:varied', { ...places, paths, target: stream });
    await extractImage('store:varied', { ...places, paths, target: { type: 'tar', file: 'out.tar' } });
    assert.deepEqual(Buffer.concat(chunks), await readFile(join(folder, 'out.tar')));
    const listed = await listImageTree('tar:out.tar', places);
    assert.deepEqual(
      listed.map(({ path }) => path),
      (await names()).filter((path) => /^(?:etc|usr$|usr\/bin)/.test(path)),
    );
  });
});
