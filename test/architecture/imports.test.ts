import assert from 'node:assert/strict';
import { test } from 'node:test';
import { productSources, readSource, type SourceFile } from '../support/source-code.ts';
import { ground, mayImport, roomOf, rooms, ruleOf } from './rooms.ts';

const sources = productSources();

test('every room is on the list, and the list itself points down or sideways', () => {
  const unknown = new Set(sources.map(({ path }) => roomOf(path)).filter((room) => ruleOf(room) === undefined));
  assert.deepEqual([...unknown], [], 'rooms that test/architecture/rooms.ts does not know');
  const upward = Object.entries(rooms).flatMap(([name, { floor, rooms: below }]) =>
    below.filter((room) => (ruleOf(room)?.floor ?? 99) > floor).map((room) => `${name} -> ${room}`),
  );
  assert.deepEqual(upward, []);
});

test('a room imports only what the list allows, types included', () => {
  const wrong = sources.flatMap((source) =>
    source.imports
      .filter(({ path }) => path?.startsWith('src/') && !mayImport(roomOf(source.path), roomOf(path)))
      .map(({ path, line }) => `${source.path}:${line} -> ${path}`),
  );
  assert.deepEqual(wrong, []);
});

test('every entry of the list is used', () => {
  const unused = Object.entries(rooms).flatMap(([name, { rooms: allowed, packages = [] }]) => {
    const own = sources.filter(({ path }) => ruleOf(roomOf(path)) === rooms[name]);
    const imports = own.flatMap((source) => source.imports);
    const used = new Set([
      ...imports.map(({ specifier, path }) => (path === undefined ? packageOf(specifier) : roomOf(path))),
      ...(imports.some(({ path }) => path?.startsWith('src/formats/')) ? ['formats/*'] : []),
    ]);
    const entries = [...allowed.filter((room) => !ground.includes(room)), ...packages];
    return entries.filter((entry) => !used.has(entry)).map((entry) => `${name} -> ${entry}`);
  });
  assert.deepEqual(unused, []);
});

test('the product imports nothing from outside src, and no helper of tests', () => {
  const published = new Set([...sources.map(({ path }) => path), 'package.json']);
  const wrong = sources.flatMap((source) =>
    source.imports
      .filter(({ path }) => path !== undefined && !published.has(path))
      .map(({ path, line }) => `${source.path}:${line} -> ${path}`),
  );
  assert.deepEqual(wrong, []);
});

test('npm packages are used only in the rooms that the list names', () => {
  const wrong = sources.flatMap((source) =>
    source.imports
      .filter(({ specifier, path }) => path === undefined && !specifier.startsWith('node:'))
      .filter(({ specifier }) => !ruleOf(roomOf(source.path))?.packages?.includes(packageOf(specifier)))
      .map(({ specifier, line }) => `${source.path}:${line} -> ${specifier}`),
  );
  assert.deepEqual(wrong, []);
});

test('floors 0 to 3 import no module of Node, but util/digest.ts its hash', () => {
  const wrong = sources
    .filter(({ path }) => (ruleOf(roomOf(path))?.floor ?? 0) <= 3)
    .flatMap((source) =>
      source.imports
        .filter(({ specifier }) => specifier.startsWith('node:'))
        .filter(({ specifier }) => !(source.path === 'src/util/digest.ts' && specifier === 'node:crypto'))
        .map(({ specifier, line }) => `${source.path}:${line} -> ${specifier}`),
    );
  assert.deepEqual(wrong, []);
});

test('the solver knows no concrete distribution', () => {
  const wrong = sources
    .filter(({ path }) => path.startsWith('src/solver/'))
    .flatMap((source) =>
      source.imports
        .filter(({ path }) => path !== undefined && /^src\/distro\/.+\//.test(path))
        .map(({ path, line }) => `${source.path}:${line} -> ${path}`),
    );
  assert.deepEqual(wrong, []);
});

test('no import cycle between files, types included', () => {
  assert.deepEqual(cyclesOf(sources), []);
});

test('a cycle is found and told as its path', () => {
  const files = [
    readSource('src/a.ts', "import type { B } from './b.ts';\n"),
    readSource('src/b.ts', "// import './x.ts'\nexport * from './c.ts';\n"),
    readSource('src/c.ts', "const lazily = () => import('./a.ts');\n"),
    readSource('src/d.ts', "import './a.ts';\n"),
  ];
  assert.deepEqual(cyclesOf(files), ['src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts']);
});

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Every cycle once, as the path of files from its first file back to it. */
function cyclesOf(files: readonly SourceFile[]): readonly string[] {
  const targets = new Map(files.map(({ path, imports }) => [path, imports.flatMap((entry) => entry.path ?? [])]));
  const done = new Set<string>();
  const trail: string[] = [];
  const found: string[] = [];
  const visit = (path: string): void => {
    const start = trail.indexOf(path);
    if (start !== -1) found.push([...trail.slice(start), path].join(' -> '));
    if (start !== -1 || done.has(path)) return;
    trail.push(path);
    for (const target of targets.get(path) ?? []) visit(target);
    trail.pop();
    done.add(path);
  };
  for (const path of targets.keys()) visit(path);
  return found;
}
