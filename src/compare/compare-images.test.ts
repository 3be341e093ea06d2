import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ViewedFiles, viewOf } from '../../test/support/views.ts';
import type { ImageConfig, RuntimeConfig } from '../oci/documents.ts';
import { readPackages } from '../view/read-packages.ts';
import type { ImageView } from '../view/types.ts';
import { compareImages } from './compare-images.ts';
import { compare, packaged, picture } from './testing.ts';

test('what became of packages, and which of their files it explains', () => {
  const difference = compare(
    [
      packaged('curl 8.14.1-2 amd64: usr/bin/curl=old etc/curlrc=c'),
      packaged('gone 1 all: usr/share/gone/a=a'),
      packaged('same 1 amd64: usr/bin/same=as-packaged'),
      packaged('down 2 all: d=1'),
      packaged('again 1 all: r=1'),
      packaged('arch 1 amd64: m=1'),
    ],
    [
      packaged('curl 8.14.1-10 amd64: usr/bin/curl=newer etc/curlrc=c'),
      packaged('same 1 amd64: usr/bin/same=as-packaged'),
      packaged('down 2~rc1 all: d=1'),
      packaged('again 1 all: r=22'),
      packaged('arch 1 i386: m=1'),
      packaged('new 1 all: opt/new/file=new'),
      [
        ['usr/bin/same', 'tampered'],
        ['usr/bin/foreign', 'foreign'],
      ],
    ],
  );
  assert.deepEqual(
    difference.packages.map(({ name, change, from, to }) => [name, change, from?.bytes, to?.bytes]),
    [
      ['again', 'rebuilt', 1, 2],
      ['arch', 'rebuilt', 1, 1],
      ['curl', 'upgraded', 4, 6],
      ['down', 'downgraded', 1, 1],
      ['gone', 'removed', 1, undefined],
      ['new', 'added', undefined, 3],
    ],
  );
  const files = picture(difference).filter((text) => !text.includes('status.d'));
  assert.deepEqual(files, [
    'added /opt by new',
    'added /opt/new by new',
    'added /opt/new/file of new by new',
    'changed /r (content) of again by again',
    'changed /usr/bin/curl (content) of curl by curl',
    'added /usr/bin/foreign',
    'changed /usr/bin/same (content) of same',
    'removed /usr/share by gone',
    'removed /usr/share/gone by gone',
    'removed /usr/share/gone/a of gone by gone',
  ]);
  const database = difference.files.changes.filter(({ path }) => path.includes('status.d'));
  assert.equal(database.length, 9);
  assert.ok(database.every(({ path, explainedBy }) => explainedBy !== undefined && path.includes(explainedBy)));
});

test('of several packages of one name each is held against its like', () => {
  const { packages } = compare(
    [dpkg('libc6 1 amd64', 'libc6 1 i386', 'x 1 amd64')],
    [dpkg('libc6 2 amd64', 'libc6 1 i386', 'x 1 amd64', 'x 1 i386')],
  );
  assert.deepEqual(
    packages.map(({ name, change, from, to }) => [name, change, from?.architecture, to?.architecture]),
    [
      ['libc6', 'upgraded', 'amd64', 'amd64'],
      ['x', 'added', undefined, 'i386'],
    ],
  );
});

function dpkg(...lines: readonly string[]): ViewedFiles {
  const stanzas = lines.map((text) => {
    const [name, version, architecture] = text.split(' ');
    return `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: ${architecture}\n`;
  });
  return [['var/lib/dpkg/status', stanzas.join('\n')]];
}

function configOf(config: RuntimeConfig, more: Partial<ImageConfig> = {}): ImageConfig {
  return { architecture: 'amd64', os: 'linux', config, rootfs: { type: 'layers', diff_ids: [] }, ...more };
}

test('the config by its settings, the history by its steps', () => {
  const from = configOf(
    {
      User: 'root',
      Env: ['PATH=/bin', 'A=1', 'GONE=1'],
      Entrypoint: ['/bin/a'],
      Cmd: [],
      Labels: { l: '1' },
      ExposedPorts: { '80/tcp': {} },
    },
    {
      history: [
        { created: '2025', created_by: 'base' },
        { created_by: 'RUN a' },
        { created_by: 'CMD', empty_layer: true },
      ],
    },
  );
  const to = configOf(
    {
      Env: ['PATH=/bin:/usr/bin', 'A=0', 'A=1'],
      Entrypoint: ['/bin/b'],
      Labels: { l: '2' },
      ExposedPorts: { '80/tcp': {}, '81/tcp': {} },
      Volumes: { '/data': {} },
      Healthcheck: { Test: ['NONE'] },
    },
    {
      created: '2026',
      history: [
        { created: '2026', created_by: 'base' },
        { created_by: 'RUN b' },
        { created_by: 'CMD', empty_layer: true },
      ],
    },
  );
  const { config, history, same } = compare([[]], [[]], { from: { config: from }, to: { config: to } });
  assert.deepEqual(
    config.map(({ key, name, from, to }) => `${key} ${name ?? ''}: ${from ?? '-'} > ${to ?? '-'}`),
    [
      'user : root > -',
      'env GONE: 1 > -',
      'env PATH: /bin > /bin:/usr/bin',
      'entrypoint : ["/bin/a"] > ["/bin/b"]',
      'healthcheck : - > {"Test":["NONE"]}',
      'port 81/tcp: - > ',
      'volume /data: - > ',
      'label l: 1 > 2',
    ],
  );
  assert.deepEqual(
    [history.removed.map(({ createdBy }) => createdBy), history.added],
    [['RUN a'], [{ step: 2, createdBy: 'RUN b', comment: undefined, madeLayer: true }]],
  );
  assert.equal(same, false);
});

test('values that their names call secret are struck out, and told as changed', () => {
  const of = (secret: string) =>
    configOf(
      { Env: [`API_TOKEN=${secret}`, `DB=postgres://u:${secret}@db/x`], Cmd: ['run', secret] },
      { history: [{ created_by: `RUN |1 API_TOKEN=${secret} make --key ${secret}` }] },
    );
  const given = [{ config: of('old-s3cret') }, { config: of('new-s3cret') }] as const;
  const difference = compare([[]], [[]], { from: given[0], to: given[1] });
  assert.doesNotMatch(JSON.stringify(difference), /s3cret/);
  assert.deepEqual(
    difference.config.map(({ key, name, from, to }) => [name ?? key, from, to]),
    [
      ['API_TOKEN', '****', '****'],
      ['DB', 'postgres://u:****@db/x', 'postgres://u:****@db/x'],
      ['cmd', '["run","****"]', '["run","****"]'],
    ],
  );
  assert.equal(difference.history.added[0]?.createdBy, 'RUN |1 API_TOKEN=**** make --key ****');
  const sides = given.map((more) => ({ view: viewOf([[]], more), packages: readPackages(viewOf([[]])) }));
  const [from, to] = sides;
  assert.ok(from !== undefined && to !== undefined);
  assert.match(JSON.stringify(compareImages(from, to, { showSecrets: true })), /new-s3cret/);
});

test('layers by diff ID, and what is to be pulled', () => {
  const layers: readonly ViewedFiles[] = [[['base', 'base']], [['a', 'a']]];
  const other: readonly ViewedFiles[] = [[['base', 'base']], [['b', 'bb']], [['a', 'a']]];
  const blobs = (view: ImageView, digits: string) => ({
    layers: view.layers.map((layer, index) => ({
      ...layer,
      descriptor: { mediaType: 'x', digest: `sha256:${digits[index]?.repeat(64) ?? ''}` as const, size: 100 + index },
    })),
  });
  const { layers: told, size } = compare(layers, other, {
    from: blobs(viewOf(layers), '12'),
    to: blobs(viewOf(other), '134'),
  });
  assert.deepEqual([told.common, told.shared.count, told.toPull], [1, 2, 101 + 102]);
  assert.deepEqual(size.compressed, { from: 201, to: 303 });
  assert.deepEqual(size.files, { from: 5, to: 7 });
  assert.equal(compare(layers, other).layers.toPull, undefined);
});

test('the same image, and what is other beneath', () => {
  const layers: readonly ViewedFiles[] = [[['a', { content: 'a', mtime: 1 }]]];
  const view = viewOf(layers);
  const digest = (digit: string) => `sha256:${digit.repeat(64)}` as const;
  const manifest = (digit: string) => ({ mediaType: 'x', size: 1, digest: digest(digit) });
  const withBlob = (digit: string) => view.layers.map((layer) => ({ ...layer, descriptor: manifest(digit) }));
  const beneath = (from: Partial<ImageView>, to: Partial<ImageView>, others = layers) => {
    const difference = compare(layers, others, { from, to });
    assert.equal(difference.same, true);
    return difference.beneath;
  };
  assert.deepEqual(beneath({ descriptor: manifest('1') }, { descriptor: manifest('1') }), []);
  assert.deepEqual(beneath({}, {}), []);
  assert.deepEqual(beneath({ layers: withBlob('1') }, { layers: withBlob('2') }), ['compression']);
  assert.deepEqual(beneath({ configDigest: digest('1') }, { configDigest: digest('2') }), ['config']);
  assert.deepEqual(beneath({ descriptor: manifest('1') }, { descriptor: manifest('2') }), ['manifest']);
  assert.deepEqual(beneath({}, {}, [[['a', { content: 'a', mtime: 2 }]]]), ['times', 'layers']);
  assert.deepEqual(beneath({}, {}, [[['b', '']], [['.wh.b', ''], ...(layers[0] ?? [])]]), ['layers']);
  const arm = { platform: { os: 'linux', architecture: 'arm64' } };
  assert.equal(compare(layers, layers, { to: arm }).same, false);
});

test('beside a file tree alone, config and platform say nothing', () => {
  const config: ImageView['config'] = {
    architecture: 'amd64',
    os: 'linux',
    config: { User: '1' },
    rootfs: { type: 'layers', diff_ids: [] },
  };
  const files: ViewedFiles = [['a', 'a']];
  const difference = compare([files], [files], { from: { config }, to: { name: 'dir:x', platform: undefined } });
  assert.deepEqual(
    [difference.same, difference.config, difference.problems],
    [true, [], ['dir:x is a file tree alone: platform, config and history are not compared']],
  );
});
