import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PathSetting } from '../config/spec.ts';
import { isSlimimageError } from '../errors.ts';
import { configuredPath } from './configured-paths.ts';
import { ImageTree, type TreeNode } from './tree.ts';

function node(path: string, entry: Partial<TreeNode['entry']>): TreeNode {
  const common = { path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 5, size: 0 } as const;
  return { entry: { ...common, ...entry }, source: { type: 'none', rule: 'test' } };
}

function tree(): ImageTree {
  const made = new ImageTree();
  made.set(node('usr/bin/tool', { mode: 0o755, uid: 3, gid: 4, size: 9 }));
  made.set(node('bin', { type: 'symlink', linkTarget: 'usr/bin', mode: 0o777 }));
  made.set(node('srv', { type: 'directory', mode: 0o2775 }));
  made.set(node('current', { type: 'symlink', linkTarget: '/srv', mode: 0o777 }));
  return made;
}

type Setting = Exclude<PathSetting, { type: 'permissions' }>;

/** `path type mode owner time`, then what the type adds. */
function pictureOf(setting: Setting): string {
  const configured = configuredPath(setting, { tree: tree(), created: 100 });
  const { entry, source } = configured.node;
  const bytes = source.type === 'bytes' ? ` "${Buffer.from(source.bytes)}"` : '';
  const target = entry.linkTarget === undefined ? '' : ` -> ${entry.linkTarget}`;
  const owner = configured.owner === undefined ? `${entry.uid}:${entry.gid}` : configured.owner;
  return `${entry.path} ${entry.type} ${entry.mode.toString(8)} ${owner} ${entry.mtime} ${entry.size}${bytes}${target}`;
}

const owner = undefined;
const cases: readonly (readonly [what: string, setting: Setting, picture: string])[] = [
  [
    'a folder, 0755 unless said',
    { type: 'directory', path: '/opt/app', mode: undefined, owner },
    'opt/app directory 755 0:0 100 0',
  ],
  [
    'a folder with mode and owner',
    { type: 'directory', path: '/opt/app/', mode: 0o700, owner: 'www-data' },
    'opt/app directory 700 www-data 100 0',
  ],
  [
    'a folder that is there keeps its mode unless said',
    { type: 'directory', path: '/srv', mode: undefined, owner },
    'srv directory 2775 0:0 100 0',
  ],
  [
    'a link at the end of the path stands for its folder',
    { type: 'directory', path: '/current', mode: 0o711, owner },
    'srv directory 711 0:0 100 0',
  ],
  [
    'a file of text, in bytes of UTF-8',
    { type: 'file', path: '/etc/motd', mode: undefined, content: 'é\n', owner },
    'etc/motd file 644 0:0 100 3 "é\n"',
  ],
  [
    'a file below a link lies where the link leads',
    { type: 'file', path: '/bin/run', mode: 0o755, content: '', owner },
    'usr/bin/run file 755 0:0 100 0 ""',
  ],
  [
    'a file takes the place of a link of its name',
    { type: 'file', path: '/current', mode: undefined, content: 'x', owner },
    'current file 644 0:0 100 1 "x"',
  ],
  [
    'a symbolic link, its target as written',
    { type: 'symlink', path: '/bin/sh', target: '../x/./y', owner },
    'usr/bin/sh symlink 777 0:0 100 0 -> ../x/./y',
  ],
  [
    'a hard link has what its file has, found through links',
    { type: 'hardlink', path: '/usr/bin/other', target: '/bin/tool', owner },
    'usr/bin/other hardlink 755 3:4 5 0 -> usr/bin/tool',
  ],
];

for (const [what, setting, picture] of cases) test(what, () => assert.equal(pictureOf(setting), picture));

test('the root itself, and a hard link to what is no file, are refused', () => {
  const refused: readonly (readonly [setting: Setting, part: string])[] = [
    [{ type: 'directory', path: '/', mode: undefined, owner }, 'the root folder itself'],
    [{ type: 'hardlink', path: '/x', target: '/srv', owner }, '/srv is no file of the image'],
    [{ type: 'hardlink', path: '/x', target: '/none', owner }, '/none is no file of the image'],
  ];
  for (const [setting, part] of refused) {
    assert.throws(
      () => pictureOf(setting),
      (error) => isSlimimageError(error, 'CONFIG_INVALID') && error.message.includes(part),
    );
  }
});

test('paths that climb out are refused', () => {
  assert.throws(
    () => pictureOf({ type: 'file', path: '/../x', mode: undefined, content: '', owner }),
    (error) => isSlimimageError(error, 'PATH_UNSAFE'),
  );
});
