import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineAt, productSources, readSource, type SourceFile } from '../support/source-code.ts';
import { roomOf, ruleOf } from './rooms.ts';

const sources = productSources();

/** Names that floors 0 to 3 never say: the outside world, the clock, chance, and Node's own types. */
const impure =
  /(?<![.\w$#])(?:process|console|Buffer|fetch|setTimeout|setInterval|setImmediate|performance|require|globalThis|__dirname|Worker)\b(?!\s*\??:)|\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bcrypto\.(?:randomUUID|getRandomValues)\b/g;

/** What may be used of `process` outside the command line, by file, each with its reason. */
const processUses: Readonly<Record<string, readonly string[]>> = {
  // A lock and a temporary file name the process that made them.
  'src/store/owner.ts': ['pid', 'kill'],
  // Node has no other way to end a process group.
  'src/engine/command.ts': ['kill'],
  // Who makes the sandbox decides whether it needs a user namespace.
  'src/engine/sandbox.ts': ['geteuid'],
  // The library's defaults, for a caller that gives none.
  'src/api/surroundings.ts': ['env', 'cwd'],
};

test('floors 0 to 3 name nothing of the outside world', () => {
  const pure = sources.filter(({ path }) => (ruleOf(roomOf(path))?.floor ?? 0) <= 3);
  assert.deepEqual(find(pure, impure), []);
});

test('formats never await', () => {
  // The one adapter between a state machine and a stream.
  const adapters = ['src/formats/tar/events.ts'];
  const formats = sources.filter(({ path }) => path.startsWith('src/formats/') && !adapters.includes(path));
  assert.deepEqual(find(formats, /\b(?:async|await|Promise)\b/g), []);
});

test('only cli/main.ts touches process, but for a short list with reasons', () => {
  const wrong = sources
    .filter(({ path }) => path !== 'src/cli/main.ts')
    .flatMap((source) => {
      const allowed = processUses[source.path] ?? [];
      return usesOfProcess(source)
        .filter(({ name }) => !allowed.includes(name))
        .map(({ name, line }) => `${source.path}:${line}: process.${name}`);
    });
  assert.deepEqual(wrong, []);
});

test('only cli/ prints', () => {
  const others = sources.filter(({ path }) => !path.startsWith('src/cli/'));
  assert.deepEqual(find(others, /(?<![.\w$#])console\b|\bprocess\.std(?:out|err)\b/g), []);
});

test('the search sees code, not comments, strings or regular expressions', () => {
  const source = readSource(
    'src/x.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
    '// process\nconst a = "process"; const b = `process ${process.pid} }`; /process/.test(a);\nconst c = a / b / process.x;\n',
  );
  const places = findIn(source, /process\.\w+/g).map(({ place, match }) => `${place} ${match}`);
  assert.deepEqual(places, ['src/x.ts:2 process.pid', 'src/x.ts:3 process.x']);
});

/** Members of `process` that a file names, through the global or an import of node:process (`*`: all of it). */
function usesOfProcess(source: SourceFile): readonly { readonly name: string; readonly line: number }[] {
  const members = [...source.code.matchAll(/(?<![.\w$#])process\b(?=\s*[.[;)])(?:\s*\.\s*(\w+))?/g)].map((match) => ({
    name: match[1] ?? '*',
    line: lineAt(source.text, match.index),
  }));
  const imported = source.imports
    .filter(({ specifier }) => specifier === 'node:process')
    .flatMap(({ line }) => {
      const names = /\bimport\s*\{([^}]*)\}\s*from\s*$/.exec(source.text.split('\n')[line - 1]?.split(/['"]/)[0] ?? '');
      return (names?.[1] ?? '*').split(',').map((name) => ({ name: name.trim(), line }));
    });
  return [...members, ...imported];
}

function find(files: readonly SourceFile[], pattern: RegExp): readonly string[] {
  return files.flatMap((source) => findIn(source, pattern).map(({ place, match }) => `${place}: ${match}`));
}

function findIn(source: SourceFile, pattern: RegExp): readonly { readonly place: string; readonly match: string }[] {
  return [...source.code.matchAll(pattern)].map(({ index, 0: match }) => ({
    place: `${source.path}:${lineAt(source.text, index)}`,
    match,
  }));
}
