import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { compileModules } from '../../src/bytecode/compile-modules.ts';
import { isSlimimageError } from '../../src/errors.ts';
import type { SlimimageEvent } from '../../src/events.ts';
import { limits } from '../../src/limits.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import { sha256Hex } from '../../src/util/digest.ts';

let root: string;
let store: LocalStore;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'slimimage-bytecode-'));
  store = await LocalStore.open(join(root, 'store'));
});
after(async () => {
  await store.close();
  await rm(root, { recursive: true });
});

/** Compiles modules given as path -> text, all of one package. */
async function compile(
  modules: Readonly<Record<string, string>>,
  { minor = '3.13', magic = 3571, folder = root }: { minor?: string; magic?: number; folder?: string } = {},
) {
  const events: SlimimageEvent[] = [];
  const list = Object.entries(modules).map(([path, text]) => {
    const bytes = Buffer.from(text);
    return { path, size: bytes.length, sha256: sha256Hex(bytes), read: () => bytes };
  });
  const python = { minor, magic };
  const options = { python, folder, store, onEvent: (event: SlimimageEvent) => events.push(event) };
  const made = await compileModules([{ package: 'p', modules: list }], options);
  const told = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  const labels = events.flatMap((event) => (event.type === 'task' ? [event.label] : []));
  return { ...made, told, labels };
}

const good = {
  'usr/lib/python3/a.py': 'import os\nX = ["\\d", 1.5, {1, 2, 3}, "text with blanks"]\n',
  'usr/lib/python3/b.py': 'def f(x: int) -> int:\n    return {"text with blanks": x}\n',
};
const bad = {
  'usr/lib/python3/syntax.py': 'print 1\n',
  'usr/lib/python3/template.py': '{{ name }} = 1 1\n',
  'usr/lib/python3/zero.py': 'a\0b',
  'usr/lib/python3/coding.py': '# coding: nothing\n',
  'usr/lib/python3/deep.py': `${'-'.repeat(200_000)}1\n`,
  'usr/lib/python3/chain.py': `a${'.a'.repeat(200_000)}\n`,
  'usr/lib/python3/large.py': '#'.repeat(limits.pythonModuleBytes + 1),
};

test('modules become byte code that nobody checks; what is no Python is left out; a second time costs nothing', async () => {
  const first = await compile({ ...bad, ...good });
  assert.match(first.compiler, /^pyodide 0\.29\.\d+$/);
  assert.deepEqual(
    first.modules.map(({ path, code }) => `${path} ${Buffer.from(code.subarray(0, 8)).toString('hex')}`),
    Object.keys(good).map((path) => `${path} f30d0d0a01000000`),
  );
  assert.ok(Buffer.from(first.modules[0]?.code ?? []).includes('/usr/lib/python3/a.py'));
  assert.deepEqual(first.failed, Object.keys(bad).sort());
  assert.deepEqual([first.told, first.labels], [[], ['byte code of p']]);

  const again = await compile({ ...bad, ...good });
  assert.deepEqual(again.labels, []);
  assert.deepEqual(again.modules.map(plain), first.modules.map(plain));
  assert.deepEqual(again.failed, first.failed);
});

const plain = ({ path, code }: { readonly path: string; readonly code: Uint8Array }) => `${path} ${sha256Hex(code)}`;

/** A package that looks like pyodide, in a folder of its own. */
async function pretend(name: string, { python, program }: { python: string; program: string }): Promise<string> {
  const folder = join(root, name);
  const own = join(folder, 'node_modules', 'pyodide');
  await mkdir(own, { recursive: true });
  await writeFile(join(own, 'package.json'), JSON.stringify({ name: 'pyodide', version: '9.9.9' }));
  await writeFile(join(own, 'pyodide-lock.json'), JSON.stringify({ info: { python } }));
  await writeFile(join(own, 'pyodide.mjs'), program);
  return folder;
}

const interpreter = (compile: string) => `
  const compile = (source, path) => ${compile};
  export const loadPyodide = async () => ({ runPython: () => 3531, globals: { get: () => compile } });
`;

test('what is damaged in the store is made again', async () => {
  const modules = { 'usr/lib/python3/c.py': 'c = 1\n' };
  const folder = await pretend('storing', {
    python: '3.12.1',
    program: interpreter('({ toJs: () => source, destroy() {} })'),
  });
  const options = { minor: '3.12', magic: 3531, folder };
  const first = await compile(modules, options);
  const kept = join(store.root, 'contents', 'bytecode');
  for (const key of await readdir(kept)) await writeFile(join(kept, key, 'code'), 'damaged');
  const again = await compile(modules, options);
  assert.deepEqual(again.labels, ['byte code of p']);
  assert.deepEqual(again.modules.map(plain), first.modules.map(plain));
});

test('a module that breaks the compiler is left out by name, the next one has a new compiler', async () => {
  const breaks = interpreter(
    "path.endsWith('x.py') ? bang() : path.endsWith('y.py') ? process.exit(1) : { toJs: () => source, destroy() {} }",
  );
  const folder = await pretend('breaking', { python: '3.12.1', program: breaks });
  const made = await compile(
    { 'a.py': 'a', 'x.py': 'x', 'y.py': 'y', 'z.py': 'z' },
    { minor: '3.12', magic: 3531, folder },
  );
  assert.deepEqual(
    made.modules.map(({ path }) => path),
    ['a.py', 'z.py'],
  );
  assert.deepEqual(made.failed, ['x.py', 'y.py']);
  assert.deepEqual(
    made.told,
    ['x', 'y'].map((name) => `bytecode: /${name}.py can't be compiled: the compiler breaks at it`),
  );
  const many = Object.fromEntries(Array.from({ length: limits.brokenModules + 1 }, (_, at) => [`${at}x.py`, 'x']));
  await assert.rejects(compile(many, { minor: '3.12', magic: 3531, folder }), (error) => {
    assert.ok(isSlimimageError(error, 'LIMIT_EXCEEDED'));
    assert.match(error.message, /more than 20 modules break the compiler, \/20x\.py is one/);
    return true;
  });
});

test('a compiler that is not there, is not that of the image, or does not start', async () => {
  const refused = async (options: Parameters<typeof compile>[1]) => {
    const error = await compile({ 'a.py': 'a' }, options).then(
      () => assert.fail('nothing was refused'),
      (cause: unknown) => cause,
    );
    assert.ok(isSlimimageError(error, 'SOURCE_INVALID'));
    return `${error.message} | ${error.hint}`;
  };
  assert.match(
    await refused({ minor: '3.12', magic: 3531 }),
    /^bytecode: the modules of Python 3\.12 are compiled by .* pyodide of that Python; pyodide 0\.29\.\d+ has Python 3\.13 \| Run `npm install pyodide@0\.27` in/,
  );
  assert.match(await refused({ minor: '3.5' }), /No known pyodide has Python 3\.5: leave bytecode out/);
  const folder = await pretend('broken', { python: '3.12.1', program: 'throw new Error("no wasm here")' });
  assert.match(await refused({ minor: '3.12', folder }), /pyodide 9\.9\.9 does not start: .*no wasm here/);
  const later = await pretend('later', { python: '3.12.1', program: interpreter('undefined') });
  assert.match(
    await refused({ minor: '3.12', magic: 3530, folder: later }),
    /the image's Python 3\.12 reads byte code 3530, and pyodide 9\.9\.9 writes 3531 \| Install another pyodide/,
  );
});
