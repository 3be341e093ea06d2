import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineAt, productSources, sourceFiles } from '../support/source-code.ts';

const product = productSources();
const everything = sourceFiles('{src,test,tools}/**/*.{ts,mjs}');

test('a refusal is a SlimimageError, never a plain Error', () => {
  assert.deepEqual(find(product, /\bnew (?:Type|Range|Syntax|Aggregate|Eval|URI)?Error\(/g), []);
  // A signal of its own throws a DOMException: util/abort.ts throws ours.
  assert.deepEqual(find(product, /\.throwIfAborted\(/g), []);
});

test('an error is not swallowed: an empty catch gives its reason', () => {
  const silent = product.flatMap(({ path, text, code }) =>
    [...code.matchAll(/\bcatch\s*(?:\(\w+\)\s*)?\{\s*\}/g)]
      .filter(({ index, 0: match }) => !/\/[/*]/.test(text.slice(index, index + match.length)))
      .map(({ index }) => `${path}:${lineAt(text, index)}`),
  );
  assert.deepEqual(silent, []);
});

test('no order or text depends on a locale', () => {
  assert.deepEqual(find(product, /\blocaleCompare\b|\btoLocale\w+|\bIntl\b/g), []);
});

test('no default export', () => {
  assert.deepEqual(find(everything, /\bexport\s+default\b|\bas\s+default\b/g), []);
});

test('files are short, and named in kebab-case by what they hold', () => {
  const long = everything.filter(({ text }) => text.split('\n').length > 401);
  assert.deepEqual(
    long.map(({ path }) => path),
    [],
    'over 400 lines',
  );
  const named = everything.filter(({ path }) => !/\/[a-z0-9]+(?:-[a-z0-9]+)*(?:\.d|\.test)?\.m?ts$|\.mjs$/.test(path));
  assert.deepEqual(
    named.map(({ path }) => path),
    [],
    'not kebab-case',
  );
  const vague = everything.filter(({ path }) => /\/(?:utils?|helpers?|misc|common)\.ts$/.test(path));
  assert.deepEqual(
    vague.map(({ path }) => path),
    [],
    'named after nothing',
  );
});

test('src/index.ts is the only barrel', () => {
  const barrels = product.filter(
    ({ path, code }) => path !== 'src/index.ts' && /\bexport\s*(?:type\s*)?\*\s*from\b/.test(code),
  );
  assert.deepEqual(
    barrels.map(({ path }) => path),
    [],
  );
});

function find(files: typeof product, pattern: RegExp): readonly string[] {
  return files.flatMap(({ path, text, code }) =>
    [...code.matchAll(pattern)].map(({ index, 0: match }) => `${path}:${lineAt(text, index)}: ${match}`),
  );
}
