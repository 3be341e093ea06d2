import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { wordsOf } from '../../src/cli/completion/words.ts';
import { makeProgram } from '../../src/cli/program.ts';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { parseLayer } from '../../src/config/parse.ts';
import * as publicApi from '../../src/index.ts';
import { loadConfig } from '../../src/index.ts';
import { anchorsOf, codeBlocks, inlineCode, namedCommands, problemOf, readDocuments } from '../support/documents.ts';
import { projectRoot } from '../support/source-code.ts';

const markdown = readDocuments('*.md', 'docs/*.md', 'keys/*.md');
const documents = [...markdown, ...readDocuments('examples/*.{yaml,mjs}')];
/** Those that speak to users, so that every flag in them is slimimage's own. */
const manuals = readDocuments(
  'README.md',
  'docs/{configuration,images,archives,locks,resolving,registries,looking,verifying}.md',
);
const configuration = readDocuments('docs/configuration.md')[0]?.text ?? '';

const nothing = { write: () => undefined };
const io = { stdout: nothing, stderr: nothing, env: {}, cwd: '/', signal: new AbortController().signal };
const commands = wordsOf(makeProgram(io, publicApi));

describe('documents name what there is', () => {
  test('every command line is one that the program takes', () => {
    const named = documents.flatMap((document) => namedCommands(document).map((command) => ({ ...command, document })));
    assert.ok(named.length > 30, `only ${named.length} commands found`);
    const wrong = named.flatMap(({ words, line, document }) => {
      const problem = problemOf(words, commands);
      return problem === undefined ? [] : [`${document.path}:${line}: ${problem}`];
    });
    assert.deepEqual(wrong, []);
  });

  test('every flag that stands alone is a flag of some command', () => {
    const known = new Set(commands.flatMap(({ flags }) => flags.flatMap(({ long, short }) => [long, short])));
    const wrong = manuals.flatMap(({ path, text }) =>
      inlineCode(text).flatMap(({ code, line }) => {
        const flag = /^--?[a-z][a-z-]*/.exec(code)?.[0];
        return flag === undefined || known.has(flag) ? [] : [`${path}:${line}: ${flag}`];
      }),
    );
    assert.deepEqual(wrong, []);
  });

  test('the README names every command', () => {
    const readme = manuals.find(({ path }) => path === 'README.md');
    const named = new Set(inlineCode(readme?.text ?? '').map(({ code }) => code.replace(/ [[A-Z].*$/, '')));
    const verbs = commands.filter((command) => command.path.length > 0 && command.commands.length === 0);
    assert.deepEqual(
      verbs.map(({ path }) => `slimimage ${path.join(' ')}`).filter((command) => !named.has(command)),
      [],
    );
  });

  test('every npm script is in package.json', () => {
    const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const wrong = markdown.flatMap(({ path, text }) =>
      [...text.matchAll(/\bnpm (?:--prefix \S+ )?(?:run (?:--silent )?([\w:-]+)|(test)\b)/g)].flatMap(
        ([command, script, test]) => (Object.hasOwn(scripts, script ?? test ?? '') ? [] : [`${path}: ${command}`]),
      ),
    );
    assert.deepEqual(wrong, []);
  });

  test('every relative link leads somewhere', () => {
    const wrong = markdown.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
        if (/^[a-z]+:/.test(target)) return [];
        const [file = '', anchor] = target.split('#');
        const place = file === '' ? path : join(dirname(path), file);
        const there = existsSync(join(projectRoot, place));
        const found =
          there && (anchor === undefined || anchorsOf(readFileSync(join(projectRoot, place), 'utf8')).has(anchor));
        return found ? [] : [`${path}: ${target}`];
      }),
    );
    assert.deepEqual(wrong, []);
  });

  test('a wrong command, flag or value is found', () => {
    const text = [
      '`slimimage bulid`, `slimimage cache ls --formt json`',
      '```',
      '$ slimimage build --load && slimimage ls store:web --depth',
      'eval "$(slimimage completion tcsh)"   # and',
      'SLIMIMAGE_STORE=x npx slimimage ls oci:DIR --format xml > file',
      '```',
    ].join('\n');
    const problems = namedCommands({ path: 'a.md', text }).map(({ line, words }) => [line, problemOf(words, commands)]);
    assert.deepEqual(problems, [
      [3, undefined],
      [3, 'slimimage ls --depth has no value'],
      [4, 'slimimage completion does not know tcsh'],
      [5, "slimimage ls --format can't be xml"],
      [1, 'there is no command bulid'],
      [1, 'slimimage cache ls has no --formt'],
    ]);
  });
});

describe('configurations in documents', () => {
  test('every YAML block is a valid configuration or a valid part of one', () => {
    const blocks = markdown.flatMap(({ path, text }) =>
      codeBlocks(text).flatMap(({ language, code, line }) =>
        language === 'yaml' ? [{ code, file: `/${path}:${line}` }] : [],
      ),
    );
    assert.ok(blocks.length > 0);
    for (const { code, file } of blocks) assert.doesNotThrow(() => parseLayer(code, { file }), file);
  });

  test('every example is a valid configuration', async () => {
    for (const { path } of readDocuments('examples/*.yaml')) {
      const spec = await loadConfig(path, { cwd: projectRoot });
      assert.equal(spec.name, path.slice('examples/'.length, -'.yaml'.length), path);
    }
  });

  test('the reference has a row for every key: type, default, and an example that is valid', () => {
    const rows = new Map(
      configuration
        .split('\n')
        .filter((line) => /^\| `/.test(line))
        .map((line) => {
          const [, key = '', type = '', preset = '', example = '', meaning = ''] = line
            .split(/(?<!\\)\|/)
            .map((cell) => cell.trim());
          return [key.replaceAll('`', ''), { type, preset, example: example.replaceAll('`', ''), meaning }] as const;
        }),
    );
    const keys = Object.keys(propertiesOf(configJsonSchema()));
    assert.deepEqual([...rows.keys()].sort(), [...keys].sort());
    for (const [key, { type, preset, example, meaning }] of rows) {
      assert.ok(type !== '' && preset !== '' && meaning !== '', `${key}: an empty cell`);
      const { keys: written } = parseLayer(example, { file: `/${key}` });
      assert.deepEqual([...written], [key], example);
    }
  });

  test('the reference names every key of the maps inside', () => {
    const code = [...codeBlocks(configuration), ...inlineCode(configuration)].map((block) => block.code).join(' ');
    const words = new Set(code.match(/[a-z][a-z-]*/g));
    const missing = nestedKeys(configJsonSchema()).filter((key) => !words.has(key));
    assert.deepEqual(missing, []);
  });
});

function propertiesOf(schema: unknown): Readonly<Record<string, unknown>> {
  return Object(Reflect.get(Object(schema), 'properties'));
}

function nestedKeys(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return [...Object.keys(propertiesOf(schema)), ...Object.values(schema).flatMap(nestedKeys)];
}
