import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FileSetting, ImageSpec, PathSetting } from '../config/spec.ts';
import { WorkerPool } from '../content/pool.ts';
import type { Content, ContentEntry } from '../content/types.ts';
import { isSlimimageError } from '../errors.ts';
import { type AssembledTree, assembleTree } from './assemble.ts';

let root: string;
const pool = new WorkerPool(1);

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'slimimage-assemble-'));
  await writeFile(join(root, 'empty'), '');
  for (const folder of ['bin', 'tmp', 'home/nonroot']) {
    await mkdir(join(root, 'overlay', folder), { recursive: true });
    await writeFile(join(root, 'overlay', folder, 'x'), 'x');
  }
});
after(async () => {
  await pool.close();
  await rm(root, { recursive: true, force: true });
});

type Picture = Readonly<Record<string, string>>;

/** `d` a folder with an octal mode, `f` a file, `-> x` a link. */
function contentOf(name: string, picture: Picture): Content {
  const entries = Object.entries(picture).map(([path, text]): ContentEntry => {
    const [kind, rest] = text.split(' ');
    const common = { path, uid: 0, gid: 0, mtime: 50, size: 0, offset: -1 };
    if (kind === 'd') return { ...common, type: 'directory', mode: Number.parseInt(rest ?? '755', 8) };
    if (kind === '->') return { ...common, type: 'symlink', mode: 0o777, linkTarget: rest };
    return { ...common, type: 'file', mode: 0o644 };
  });
  const facts = { version: '1', architecture: 'all', control: `Package: ${name}\n`, scripts: {}, conffiles: [] };
  const index = {
    ...facts,
    name,
    entries,
    md5sums: Object.fromEntries(Object.keys(picture).map((path) => [path, md5OfNothing])),
  } as unknown as Content['index'];
  // Every file is empty, and so is the fragment.
  return { key: name, index, fragmentPath: join(root, 'empty'), compressed: undefined };
}

/** Every file of these packages is empty. */
const md5OfNothing = 'd41d8cd98f00b204e9800998ecf8427e';

interface Literal {
  readonly packages: Readonly<Record<string, Picture>>;
  readonly conffiles?: readonly string[];
  /** Time of the image below; undefined: there is none. */
  readonly below?: number;
  readonly files?: readonly (Partial<FileSetting> & { readonly path: string })[];
  readonly paths?: readonly PathSetting[];
}

function assemble({ packages, conffiles = [], files = [], paths = [], below }: Literal): Promise<AssembledTree> {
  const setting = { source: join(root, 'overlay'), image: undefined, owner: undefined, mode: undefined, ignore: [] };
  const spec = {
    base: 'debian',
    files: files.map((file) => ({ ...setting, ...file })),
    paths,
    specialPermissions: [],
    locales: [],
    accounts: { users: [], groups: [] },
    config: { user: 'nonroot' },
  } as unknown as ImageSpec;
  return assembleTree({
    spec,
    architecture: 'amd64',
    layout: 'merged',
    packages: new Map(
      Object.entries(packages).map(([name, picture]) => {
        const { index, ...content } = contentOf(name, picture);
        const record = { version: '1', replaces: [] } as never;
        return [name, { record, content: { ...content, index: { ...index, conffiles } } }];
      }),
    ),
    order: Object.keys(packages),
    donors: new Map(),
    certificates: [],
    pool,
    created: below === undefined ? 100 : undefined,
    base: below === undefined ? undefined : { nodes: [], files: new Map(), created: below },
    imageFiles: new Map(),
  });
}

function describe({ tree }: AssembledTree, path: string): string | undefined {
  const entry = tree.get(path)?.entry;
  if (entry === undefined) return undefined;
  const { type, mode, uid, gid, linkTarget } = entry;
  return type === 'symlink' ? `-> ${linkTarget}` : `${type} ${mode.toString(8)} ${uid}:${gid}`;
}

/** As bookworm's: folders where the links of a merged /usr belong. */
const baseFiles = { 'usr/bin': 'd', 'usr/lib': 'd', 'var/run': 'd', tmp: 'd 1777', 'usr/share': 'd' };

test('one’s own file takes the place of a path that the extended configuration has', async () => {
  const theirs = { path: '/etc/x', type: 'file', content: 'theirs', mode: 0o600, owner: undefined } as const;
  const files = [{ path: '/srv/' }, { path: '/etc/', source: join(root, 'overlay/tmp/x') }];
  const after = async (path: PathSetting) =>
    describe(await assemble({ packages: { 'base-files': baseFiles }, files, paths: [path] }), 'etc/x');
  assert.equal(await after({ ...theirs, afterFiles: 1 }), 'file 644 0:0');
  assert.equal(await after({ ...theirs, afterFiles: 2 }), 'file 600 0:0');
  assert.equal(await after(theirs), 'file 600 0:0');
});

test('what is copied in goes through the links of the layout and leaves its folders as they are', async () => {
  const image = await assemble({
    packages: { 'base-files': baseFiles },
    files: [{ path: '/' }, { path: '/var/run/x', source: join(root, 'overlay/tmp/x') }],
  });
  assert.equal(describe(image, 'bin'), '-> usr/bin');
  assert.equal(describe(image, 'usr/bin/x'), 'file 644 0:0');
  assert.equal(describe(image, 'bin/x'), undefined);
  assert.equal(describe(image, 'run/x'), 'file 644 0:0');
  assert.equal(describe(image, 'tmp'), 'directory 1777 0:0');
  assert.equal(describe(image, 'home/nonroot'), 'directory 700 65532:65532');
});

test('every path lies in a folder', async () => {
  const link = { path: '/bin', type: 'symlink', target: '/opt', owner: undefined } as const;
  const files = [{ path: '/opt/deep/er/' }];
  const { tree } = await assemble({ packages: { 'base-files': baseFiles }, files, paths: [link] });
  for (const { entry } of tree.nodes()) {
    const parent = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/')));
    assert.ok(parent === '' || tree.get(parent)?.entry.type === 'directory', entry.path);
  }
});

test("what the runtime mounts and the accounts are the configuration's to say and no package's", async () => {
  const package_ = {
    'etc/hosts': 'f',
    'etc/host.conf': 'f',
    'run/lock': 'd',
    'run/lock/x': 'f',
    run: 'd',
    'dev/null': 'f',
    'etc/passwd': 'f',
  };
  const own = { path: '/run/app', type: 'directory', mode: 0o700, owner: undefined } as const;
  const image = await assemble({ packages: { a: package_ }, paths: [own] });
  const paths = [...image.tree.nodes()]
    .map(({ entry }) => entry.path)
    .filter((path) => /^(run|dev|etc.host)/.test(path));
  assert.deepEqual(paths.sort(), ['dev', 'etc/host.conf', 'run', 'run/app']);
  assert.deepEqual(
    image.notes.map(({ type, path }) => `${type} ${path}`),
    ['reserved etc/hosts', 'reserved run/lock', 'reserved run/lock/x', 'reserved dev/null', 'reserved etc/passwd'],
  );
});

test('names that delete other files of an image are refused', async () => {
  for (const path of ['etc/.wh.passwd', 'etc/.wh..wh..opq', 'etc/.wh.d/x']) {
    const refused = (error: unknown) => isSlimimageError(error, 'PATH_UNSAFE') && error.message.includes('/etc/.wh.');
    await assert.rejects(assemble({ packages: { a: { [path]: 'f' } } }), refused);
  }
  assert.ok((await assemble({ packages: { a: { 'etc/x.wh.y': 'f' } } })).tree.has('etc/x.wh.y'));
});

test('a link in the place of a folder that something was copied into is refused', async () => {
  const link = { path: '/opt/x', type: 'symlink', target: '/y', owner: undefined } as const;
  await assert.rejects(
    assemble({ packages: {}, files: [{ path: '/opt/x/y/', source: join(root, 'overlay/tmp/x') }], paths: [link] }),
    (error) => isSlimimageError(error, 'FILE_CONFLICT') && error.message.includes('/opt/x is a symlink'),
  );
});

test("configuration files have their sums in the package's stanza, as in dpkg's database", async () => {
  const { tree } = await assemble({ packages: { a: { 'etc/a.conf': 'f' } }, conffiles: ['etc/a.conf', 'etc/gone'] });
  const text = (path: string) => {
    const source = tree.get(path)?.source;
    return source?.type === 'bytes' ? Buffer.from(source.bytes).toString() : undefined;
  };
  assert.match(text('var/lib/dpkg/status.d/a') ?? '', /^Conffiles:\n \/etc\/a.conf d41d8cd98f00b204e9800998ecf8427e$/m);
  assert.equal(text('var/lib/dpkg/status.d/a.md5sums'), '');
});

test('an image is as new as the newest of its files, and no older than the image below', async () => {
  const packages = { a: { x: 'f' } };
  assert.equal((await assemble({ packages, below: 40 })).created, 50);
  assert.equal((await assemble({ packages, below: 60 })).created, 60);
});
