import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ViewedFiles, viewOf } from '../../test/support/views.ts';
import type { ImageConfig, RuntimeConfig } from '../oci/documents.ts';
import { readPackages } from '../view/read-packages.ts';
import type { ImageView } from '../view/types.ts';
import { compareImages } from './compare-images.ts';
import { foldFiles } from './fold-files.ts';
import type { FileChange, ImageDifference } from './types.ts';
import { aspectsText, foldedTexts } from './words.ts';

/** A package of status.d: `curl 1 amd64: /usr/bin/curl=content`. */
function packaged(line: string): ViewedFiles {
  const [, name = '', version = '', architecture = '', list = ''] =
    /^(\S+) (\S+) (\S+):(.*)$/.exec(line) ?? assert.fail(line);
  const files = list
    .trim()
    .split(' ')
    .filter((text) => text !== '')
    .map((text) => text.split('=') as [string, string]);
  const control = `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\n`;
  const sums = files.map(([path, text]) => `${Buffer.from(text).toString('hex').padEnd(32, '0')}  ${path}\n`);
  return [
    ...files,
    [`var/lib/dpkg/status.d/${name}`, control],
    [`var/lib/dpkg/status.d/${name}.md5sums`, sums.join('')],
  ];
}

function compare(
  from: readonly ViewedFiles[],
  to: readonly ViewedFiles[],
  more: { readonly times?: boolean; readonly from?: Partial<ImageView>; readonly to?: Partial<ImageView> } = {},
): ImageDifference {
  const [before, after] = [viewOf(from, more.from), viewOf(to, more.to)];
  const side = (view: ImageView) => ({ view, packages: readPackages(view) });
  return compareImages(side(before), side(after), { times: more.times });
}

/** `changed /etc/x (mode owner) of curl by curl` */
function picture({ files }: ImageDifference): readonly string[] {
  return files.changes.map((change) => line(change));
}

function line({ change, path, movedFrom, aspects, packages, explainedBy }: FileChange): string {
  return [
    `${change} ${path}`,
    ...(movedFrom === undefined ? [] : [`from ${movedFrom}`]),
    ...(aspects.length === 0 ? [] : [`(${aspects.join(' ')})`]),
    ...(packages.length === 0 ? [] : [`of ${packages.join(', ')}`]),
    ...(explainedBy === undefined ? [] : [`by ${explainedBy}`]),
  ].join(' ');
}

test('each way in which a path may differ', () => {
  const capability = new Map([['security.capability', Uint8Array.of(1, 0)]]);
  const before: ViewedFiles = [
    ['etc/', ''],
    ['etc/content', 'one'],
    ['etc/device', { type: 'character', deviceMajor: 1, deviceMinor: 3 }],
    ['etc/gone', 'gone'],
    ['etc/link', { type: 'symlink', linkTarget: 'a' }],
    ['etc/mode', { content: 'm', mode: 0o644 }],
    ['etc/owner', { content: 'o', uid: 1 }],
    ['etc/same', 'same'],
    ['etc/time', { content: 't', mtime: 1 }],
    ['etc/type', 'file'],
    ['etc/xattr', { content: 'x' }],
  ];
  const after: ViewedFiles = [
    ['etc/', { mode: 0o700 }],
    ['etc/content', { content: 'others', mtime: 5 }],
    ['etc/device', { type: 'character', deviceMajor: 1, deviceMinor: 5 }],
    ['etc/link', { type: 'symlink', linkTarget: 'b' }],
    ['etc/mode', { content: 'm', mode: 0o4755, gid: 7 }],
    ['etc/new', 'new'],
    ['etc/owner', { content: 'o', uid: 2 }],
    ['etc/same', 'same'],
    ['etc/time', { content: 't', mtime: 2 }],
    ['etc/type/', ''],
    ['etc/xattr', { content: 'x', xattrs: capability }],
  ];
  const expected = [
    'changed /etc (mode)',
    'changed /etc/content (content)',
    'changed /etc/device (device)',
    'removed /etc/gone',
    'changed /etc/link (link)',
    'changed /etc/mode (mode owner)',
    'added /etc/new',
    'changed /etc/owner (owner)',
    'changed /etc/type (type)',
    'changed /etc/xattr (attributes)',
  ];
  const difference = compare([before], [after]);
  assert.deepEqual(picture(difference), expected);
  assert.equal(difference.files.timesOnly, 1);
  assert.equal(difference.same, false);
  assert.deepEqual(difference.files.changes.at(-1)?.to?.attributes, { 'security.capability': '0100' });
  assert.deepEqual(picture(compare([before], [after], { times: true })), [
    ...expected
      .map((text) => (text.startsWith('changed /etc/content') ? 'changed /etc/content (time content)' : text))
      .slice(0, 8),
    'changed /etc/time (time)',
    ...expected.slice(8),
  ]);
});

test('files with equal content that went here and came there have moved, those of one name first', () => {
  const before: ViewedFiles = [
    ['a/x', 'same'],
    ['a/y', 'same'],
    ['a/empty', ''],
    ['a/z', 'z'],
  ];
  const after: ViewedFiles = [
    ['b/empty', ''],
    ['b/y', { content: 'same', mode: 0o755 }],
    ['b/other', 'same'],
    ['b/third', 'same'],
  ];
  assert.deepEqual(picture(compare([before], [after])), [
    'removed /a',
    'removed /a/empty',
    'removed /a/z',
    'added /b',
    'added /b/empty',
    'moved /b/other from /a/x',
    'added /b/third',
    'moved /b/y from /a/y (mode)',
  ]);
});

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

test('a folder that moved goes with all that says nothing alone', () => {
  const files = (folder: string, more: ViewedFiles = []): ViewedFiles => [
    [`${folder}/`, ''],
    [`${folder}/a`, 'aaaa'],
    [`${folder}/empty`, ''],
    [`${folder}/in/`, ''],
    [`${folder}/in/b`, 'bbbb'],
    [`${folder}/link`, { type: 'symlink', linkTarget: 'a' }],
    ...more,
  ];
  const difference = compare(
    [[['opt/', ''], ...files('opt/old', [['opt/old/note', 'one']])]],
    [[['opt/', ''], ...files('opt/new', [['opt/new/note', 'two']])]],
  );
  assert.deepEqual(picture(difference), [
    'moved /opt/new from /opt/old',
    'moved /opt/new/a from /opt/old/a',
    'moved /opt/new/empty from /opt/old/empty',
    'moved /opt/new/in from /opt/old/in',
    'moved /opt/new/in/b from /opt/old/in/b',
    'moved /opt/new/link from /opt/old/link',
    'added /opt/new/note',
    'removed /opt/old/note',
  ]);
  const folded = foldFiles(difference.files.changes).map((one) => [one.change.change, ...foldedTexts(one)].join(' '));
  assert.deepEqual(folded, [
    'moved /opt/old/ -> /opt/new/ 5 paths in it',
    'added /opt/new/note 3 B',
    'removed /opt/old/note 3 B',
  ]);
});

test('folders that were turned inside out, and such as went to two places, come to an end', () => {
  const inside = compare(
    [
      [
        ['o/', ''],
        ['o/x', 'xxx'],
        ['o/d/', ''],
        ['o/d/y', 'yyy'],
      ],
    ],
    [
      [
        ['n/', ''],
        ['n/y', 'yyy'],
        ['n/c/', ''],
        ['n/c/x', 'xxx'],
      ],
    ],
  );
  assert.ok(picture(inside).includes('moved /n/y from /o/d/y'));
  const divided = compare(
    [
      [
        ['o/', ''],
        ['o/x', 'xxx'],
        ['o/y', 'yyy'],
      ],
    ],
    [
      [
        ['m/', ''],
        ['m/x', 'xxx'],
        ['n/', ''],
        ['n/y', 'yyy'],
      ],
    ],
  );
  assert.deepEqual(picture(divided), [
    'added /m',
    'moved /m/x from /o/x',
    'added /n',
    'moved /n/y from /o/y',
    'removed /o',
  ]);
});

test('names of one file that became files of their own', () => {
  const linked: ViewedFiles = [
    ['bin/', ''],
    ['bin/a', 'x'],
    ['bin/b', { type: 'hardlink', linkTarget: 'bin/a' }],
    ['bin/c', { type: 'hardlink', linkTarget: 'bin/a' }],
  ];
  const apart: ViewedFiles = [
    ['bin/', ''],
    ['bin/a', 'x'],
    ['bin/b', 'x'],
  ];
  const difference = compare([linked], [apart]);
  assert.deepEqual(picture(difference), ['changed /bin/b (hard-link)', 'removed /bin/c']);
  const [change] = difference.files.changes;
  assert.equal(change && aspectsText(change), 'the same file as /bin/a -> a file of its own');
  assert.deepEqual(picture(compare([linked], [linked])), []);
});

test('a link to the folder of a changed package is explained, and the folder that bears its name', () => {
  const image = (version: string, link: boolean): ViewedFiles => [
    ...packaged(`gcc ${version} amd64: usr/share/doc/gcc/copyright=${version}`),
    ...(link ? ([['usr/share/doc/libgcc', { type: 'symlink', linkTarget: 'gcc' }]] as const) : []),
    ...(link ? ([['usr/lib/gcc', { type: 'symlink', linkTarget: '/usr/share/doc/gcc' }]] as const) : []),
  ];
  const difference = compare([image('1', false)], [image('2', true)]);
  const links = difference.files.changes.filter(({ to }) => to?.type === 'symlink');
  assert.deepEqual(links.map(line), ['added /usr/lib/gcc by gcc', 'added /usr/share/doc/libgcc by gcc']);
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
