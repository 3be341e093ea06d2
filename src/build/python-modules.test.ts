import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Content, ContentEntry } from '../content/types.ts';
import { sha256Hex } from '../util/digest.ts';
import { bytecodePath, pythonModules } from './python-modules.ts';
import { completeFolders, ImageTree, type NodeSource } from './tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'slimimage-modules-'));
after(() => rmSync(folder, { recursive: true }));

/** Package -> path -> a file's text, or `-> target`, `= target` for links; `=` is no package, but the configuration. */
type Picture = Readonly<Record<string, Readonly<Record<string, string>>>>;

function modulesOf(packages: Picture) {
  const tree = new ImageTree();
  const contents = new Map<string, Content>();
  for (const [name, files] of Object.entries(packages)) {
    const fragmentPath = join(folder, name);
    writeFileSync(fragmentPath, Object.values(files).join(''));
    let offset = 0;
    const entries = Object.entries(files).map(([path, text]): ContentEntry => {
      const [, kind, linkTarget] = /^(->|=) (.*)$/.exec(text) ?? [];
      const type = kind === undefined ? 'file' : kind === '=' ? 'hardlink' : 'symlink';
      const size = type === 'file' ? text.length : 0;
      offset += text.length;
      const common = { path, mode: 0o644, uid: 0, gid: 0, mtime: 0, offset: offset - text.length };
      return { ...common, type, size, linkTarget, sha256: type === 'file' ? sha256Hex(text) : undefined };
    });
    contents.set(name, { key: name, fragmentPath, compressed: undefined, index: { entries } as never });
    for (const entry of entries) {
      const source: NodeSource =
        name === '='
          ? { type: 'none', rule: 'files: /x' }
          : { type: 'package', package: name, origin: entry, intact: true };
      tree.set({ entry, source });
    }
  }
  completeFolders(tree, 0);
  return pythonModules(tree, contents);
}

function pictureOf(packages: Picture): readonly string[] {
  return modulesOf(packages).sets.flatMap((set) =>
    set.modules.map(({ path, read }) => `${set.package} ${path}: ${Buffer.from(read()).toString()}`),
  );
}

const bootstrap = "MAGIC_NUMBER = (3571).to_bytes(2, 'little') + b'\\r\\n'\n";
const python = { 'usr/lib/python3.13/os.py': 'os', 'usr/bin/python3.13': 'ELF' };

test('modules of packages in the folders of Python, through links too', () => {
  const packages = {
    stdlib: {
      ...python,
      'usr/lib/python3.13/json/tool.py': 'tool',
      'usr/lib/python3.13/same.py': '= usr/lib/python3.13/os.py',
      'usr/lib/python3.13/data.txt': 'data',
    },
    module: {
      'usr/lib/python3/dist-packages/m.py': 'm',
      'usr/lib/python3/dist-packages/near.py': '-> m.py',
      'usr/lib/python3/dist-packages/far.py': '-> /usr/share/m/far.py',
      'usr/share/m/far.py': 'far',
    },
  };
  assert.deepEqual(pictureOf(packages), [
    'module usr/lib/python3/dist-packages/far.py: far',
    'module usr/lib/python3/dist-packages/m.py: m',
    'module usr/lib/python3/dist-packages/near.py: m',
    'stdlib usr/lib/python3.13/json/tool.py: tool',
    'stdlib usr/lib/python3.13/os.py: os',
    'stdlib usr/lib/python3.13/same.py: os',
  ]);
});

test("what may change, what is the configuration's, and what has byte code already stays out", () => {
  const packages = {
    stdlib: {
      ...python,
      'usr/lib/python3.13/sitecustomize.py': '-> /etc/python3.13/sitecustomize.py',
      'etc/python3.13/sitecustomize.py': 'site',
      'usr/lib/python3.13/lost.py': '-> ../nowhere.py',
      'usr/lib/python3.13/own.py': '-> ../../../app/own.py',
      'usr/lib/python3.13/made.py': 'made',
      'usr/lib/python3.13/__pycache__/made.cpython-313.pyc': 'code',
      'usr/lib/python3.13/x/a.py': 'a',
      'usr/lib/python3.13/x/__pycache__': 'a file',
    },
    '=': { 'app/own.py': 'own', 'usr/lib/python3.13/mine.py': 'mine' },
  };
  assert.deepEqual(pictureOf(packages), ['stdlib usr/lib/python3.13/os.py: os']);
});

test('of several Pythons that of /usr/bin/python3, else the newest; the others are told', () => {
  const both = {
    old: { 'usr/lib/python3.9/os.py': 'old', 'usr/lib/python3.9/importlib/_bootstrap_external.py': 'MAGIC_NUMBER = x' },
    new: { ...python, 'usr/lib/python3.13/importlib/_bootstrap_external.py': `# first\n${bootstrap}` },
    // Modules for another Python are no Python.
    stray: { 'usr/lib/python3.14/dist-packages/x.py': 'x' },
  };
  const newest = modulesOf(both);
  assert.deepEqual([newest.python, newest.others], [{ minor: '3.13', magic: 3571 }, ['3.9']]);
  const named = modulesOf({ ...both, default: { 'usr/bin/python3': '-> python3.9' } });
  assert.deepEqual([named.python, named.others], [{ minor: '3.9', magic: undefined }, ['3.13']]);
  assert.deepEqual(modulesOf({ stray: both.stray }), { python: undefined, sets: [], others: [] });
});

test('where byte code lies', () => {
  assert.equal(bytecodePath('usr/lib/python3/a.b.py', '3.9'), 'usr/lib/python3/__pycache__/a.b.cpython-39.pyc');
});
