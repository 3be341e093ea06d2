import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import { listHostFiles } from './host-files.ts';

let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'slimimage-host-files-'));
});
after(() => rm(root, { recursive: true, force: true }));

/** A text is a file, `-> x` a link, `x ` in front a file that may be executed. */
async function folderOf(name: string, picture: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  for (const [path, text] of Object.entries(picture)) {
    const file = join(folder, path);
    await mkdir(path.endsWith('/') ? file : dirname(file), { recursive: true });
    if (path.endsWith('/')) continue;
    if (text.startsWith('-> ')) await symlink(text.slice(3), file);
    else await writeFile(file, text);
    if (text.startsWith('x ')) await chmod(file, 0o700);
  }
  return folder;
}

async function pictureOf(source: string, ignore: readonly string[] = []): Promise<Readonly<Record<string, string>>> {
  const { entries } = await listHostFiles(source, ignore);
  return Object.fromEntries(
    entries.map((entry) => {
      if (entry.type === 'directory') return [entry.path, 'd'];
      if (entry.type === 'symlink') return [entry.path, `-> ${entry.target}`];
      return [entry.path, `${entry.executable ? 'x' : 'f'} ${entry.size}`];
    }),
  );
}

test('a folder: files, folders, links as they are, in order of their paths', async () => {
  const source = await folderOf('app', {
    'main.py': 'x print()',
    'lib/util.py': 'pass',
    'lib.txt': '',
    'empty/': '',
    current: '-> lib/util.py',
    away: '-> /etc/passwd',
    gone: '-> nowhere',
  });
  assert.deepEqual(Object.entries(await pictureOf(source)), [
    ['away', '-> /etc/passwd'],
    ['current', '-> lib/util.py'],
    ['empty', 'd'],
    ['gone', '-> nowhere'],
    ['lib', 'd'],
    ['lib.txt', 'f 0'],
    ['lib/util.py', 'f 4'],
    ['main.py', 'x 9'],
  ]);
});

test('one file, and a link to a file or folder, is what it points to', async () => {
  const source = await folderOf('single', { file: 'abc', link: '-> file', 'folder/x': 'x', here: '-> folder' });
  const file = await listHostFiles(join(source, 'link'), []);
  assert.deepEqual([file.type, file.name, file.entries.length], ['file', 'link', 1]);
  assert.deepEqual(await pictureOf(join(source, 'link')), { '': 'f 3' });
  assert.deepEqual(await pictureOf(join(source, 'here')), { x: 'f 1' });
});

test('.dockerignore of the folder and ignore: leave out, exceptions bring back with the folders above', async () => {
  const source = await folderOf('ignoring', {
    '.dockerignore': 'node_modules\n*.log\n!keep.log\n',
    'node_modules/a/index.js': '1',
    'a.log': '1',
    'keep.log': '1',
    'docs/x.md': '1',
    'docs/deep/y.md': '1',
  });
  assert.deepEqual(Object.keys(await pictureOf(source)), [
    '.dockerignore',
    'docs',
    'docs/deep',
    'docs/deep/y.md',
    'docs/x.md',
    'keep.log',
  ]);
  const some = await pictureOf(source, ['.dockerignore', 'docs', '!docs/deep/y.md']);
  assert.deepEqual(Object.keys(some), ['docs', 'docs/deep', 'docs/deep/y.md', 'keep.log']);
});

test('repositories of git stay where they are, unless an exception names them; who ignores them hears nothing', async () => {
  const source = await folderOf('repository', {
    '.git/config': 'url = https://user:secret@git.example/app',
    '.gitignore': 'x',
    'main.py': '',
    'vendor/lib/.git': 'gitdir: ../../.git/modules/lib',
    'vendor/lib/a.py': '',
    'vendor/.github/x': '',
  });
  const rest = [
    '.gitignore',
    'main.py',
    'vendor',
    'vendor/.github',
    'vendor/.github/x',
    'vendor/lib',
    'vendor/lib/a.py',
  ];
  const copied = async (ignore: readonly string[]) => {
    const { leftOut } = await listHostFiles(source, ignore);
    return [Object.keys(await pictureOf(source, ignore)), leftOut];
  };
  assert.deepEqual(await copied([]), [rest, ['.git', 'vendor/lib/.git']]);
  assert.deepEqual(await copied(['*', '!vendor/lib', '!main.py']), [
    ['main.py', 'vendor', 'vendor/lib', 'vendor/lib/a.py'],
    ['vendor/lib/.git'],
  ]);
  assert.deepEqual(await copied(['**/.git']), [rest, []]);
  assert.deepEqual(await copied(['!.git']), [['.git', '.git/config', ...rest], []]);
  assert.deepEqual(Object.keys(await pictureOf(join(source, '.git'))), ['config']);
});

test('what is ignored is not looked at: a socket or a pipe there is no hindrance', async () => {
  const source = await folderOf('special', { 'run/a': 'a' });
  execFileSync('mkfifo', [join(source, 'run/pipe')]);
  await assert.rejects(
    listHostFiles(source, []),
    (error) => isSlimimageError(error, 'SOURCE_INVALID') && error.message.includes('run/pipe is neither'),
  );
  assert.deepEqual(await pictureOf(source, ['run/pipe']), { run: 'd', 'run/a': 'f 1' });
});

test('what is missing, cannot be in an image or has no readable name is refused by its path', async () => {
  const refusal = (part: string) => (error: unknown) =>
    isSlimimageError(error, 'SOURCE_INVALID') && error.message.includes(part) && error.hint !== undefined;
  await assert.rejects(listHostFiles(join(root, 'none'), []), refusal('none does not exist'));
  await assert.rejects(listHostFiles('/dev/null', []), refusal('/dev/null is neither a file'));
  const source = await folderOf('latin', {});
  await writeFile(Buffer.concat([Buffer.from(`${source}/caf`), Buffer.from([0xe9])]), '');
  await assert.rejects(listHostFiles(source, []), refusal('has a name that is not UTF-8'));
});
