import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { catalogNames, isCatalogReference } from './catalog.ts';
import { findConfig } from './find.ts';
import { loadConfig } from './load.ts';

const cwd = '/src/app';

/** The catalogue's files come from the disk, all others from `files`. */
async function load(files: Readonly<Record<string, string>>, path = 'slimimage.yaml') {
  const { readFile: fromDisk } = await import('node:fs/promises');
  const readFile = async (name: string) => {
    const own = files[name];
    return own === undefined ? fromDisk(name) : new TextEncoder().encode(own);
  };
  return loadConfig(path, { cwd, readFile, platform: 'linux/amd64' });
}

test('every file of catalog/ is in the list, and loads, with a shell and without', async () => {
  const files = await readdir(fileURLToPath(new URL('../../catalog/', import.meta.url)));
  const own = files.filter((name) => name.endsWith('.yaml') && name !== 'debug.yaml');
  assert.deepEqual(own.sort(), catalogNames.map((name) => `${name}.yaml`).sort());
  for (const name of catalogNames) {
    const spec = await load({}, `catalog/${name}`);
    assert.deepEqual([spec.name, spec.from, spec.file, spec.directory], [name, 'debian/trixie', undefined, cwd]);
    const debug = await load({}, `catalog/${name}-debug`);
    assert.equal(debug.name, `${name}-debug`);
    assert.deepEqual(debug.packages, [...spec.packages, 'busybox-static']);
    assert.deepEqual([debug.config.entrypoint, debug.config.cmd], [['/usr/bin/busybox', 'sh'], undefined]);
    assert.deepEqual({ ...debug.config, entrypoint: 0, cmd: 0 }, { ...spec.config, entrypoint: 0, cmd: 0 });
  }
});

test('a configuration extends an image of the catalogue, and its name stays its own', async () => {
  const yaml = 'extends: [catalog/nginx-debug, ./more.yaml]\nports: [8443]';
  const spec = await load({ [`${cwd}/slimimage.yaml`]: yaml, [`${cwd}/more.yaml`]: 'packages: [curl]' });
  assert.deepEqual(spec.packages, ['nginx', 'busybox-static', 'curl']);
  assert.deepEqual(spec.config.ports, ['8080/tcp', '8443/tcp']);
  assert.deepEqual([spec.name, spec.file, spec.directory], ['app', `${cwd}/slimimage.yaml`, cwd]);
});

test('a name that the catalogue does not have is refused where it is written, with the nearest', async () => {
  await assert.rejects(load({ [`${cwd}/slimimage.yaml`]: 'extends: catalog/pyton3' }), {
    code: 'CONFIG_NOT_FOUND',
    message: /^slimimage\.yaml:1:10: extends: the catalogue has no image "pyton3".*did you mean catalog\/python3\?/s,
  });
  await assert.rejects(load({}, 'catalog/postgres-debug'), {
    code: 'CONFIG_NOT_FOUND',
    message: 'the catalogue has no image "postgres-debug"',
    hint: /catalog\/postgresql/,
  });
  await assert.rejects(load({}, 'catalog/'), { code: 'CONFIG_NOT_FOUND' });
});

test('files are told apart from it by their extension or a leading dot', async () => {
  const references = ['catalog/nginx', 'catalog/nginx-debug', './catalog/nginx', 'catalog/nginx.yaml', 'catalog/a/b'];
  assert.deepEqual(references.map(isCatalogReference), [true, true, false, false, false]);
  assert.equal(await findConfig(cwd, 'catalog/nginx'), 'catalog/nginx');
  assert.equal(await findConfig(cwd, './catalog/nginx'), `${cwd}/catalog/nginx`);
  const files = { [`${cwd}/slimimage.yaml`]: 'extends: ./catalog/nginx', [`${cwd}/catalog/nginx`]: 'from: debian/sid' };
  assert.equal((await load(files)).from, 'debian/sid');
});
