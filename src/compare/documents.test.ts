import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { lockOf } from '../../test/support/locks.ts';
import { type ViewedFiles, viewOf } from '../../test/support/views.ts';
import { debianVersions } from '../distro/debian/version.ts';
import { compareLocks } from '../lock/compare-locks.ts';
import { readPackages } from '../view/read-packages.ts';
import type { ImageView } from '../view/types.ts';
import { compareImages } from './compare-images.ts';
import { differenceHtml } from './html.ts';
import { differenceMarkdown, lockDifferenceMarkdown } from './markdown.ts';
import { codeSpan, htmlText } from './markup.ts';
import type { ImageDifference } from './types.ts';

function compare(from: ViewedFiles, to: ViewedFiles, more: Partial<ImageView> = {}): ImageDifference {
  const config: ImageView['config'] = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } };
  const [before, after] = [
    viewOf([from], { name: 'store:a', config }),
    viewOf([to], { name: 'store:b', config, ...more }),
  ];
  const side = (view: ImageView) => ({ view, packages: readPackages(view), findings: [] });
  return compareImages(side(before), side(after));
}

test('Markdown for a pull request: what matters in sight', () => {
  const difference = compare(
    [
      ['etc/x', 'one'],
      ['old/', ''],
      ['old/a', 'a'],
      ['old/b', 'bb'],
    ],
    [['etc/x', { content: 'one more', mode: 0o4755 }]],
  );
  assert.equal(
    differenceMarkdown(difference),
    `### \`store:a (linux/amd64)\` → \`store:b (linux/amd64)\`

- **Size**: 1.5 kB uncompressed (-1.5 kB), 8 B of files (+2 B)
- **Layers**: 0 of 1 shared (0 B)
- **Packages**: none
- **Files**: 1 changed, 3 removed

<details open><summary>Files: 1 changed, 3 removed</summary>

| change | path | what | of package |
| --- | --- | --- | --- |
| changed | \`/etc/x\` | \`mode 0644 -> 4755, content +5 B\` |  |
| removed | \`/old/\` | \`2 paths in it, -3 B\` |  |

</details>`,
  );
  assert.match(differenceMarkdown(compare([], [])), /^### .*\n\nNo difference\.$/);
});

test('one step of a history is no "steps"', () => {
  const config = {
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [] },
    history: [{ created_by: 'RUN one' }, { created_by: 'RUN two' }],
  } as const;
  const difference = compare([], [], { config });
  const other: ImageDifference = { ...difference, history: { removed: difference.history.added.slice(1), added: [] } };
  assert.match(differenceMarkdown(difference), /<summary>History: 0 steps removed, 2 added</);
  for (const page of [differenceMarkdown(other), differenceHtml(other)])
    assert.match(page, /History: 1 step removed, 0 added/);
});

test('two locks as Markdown', () => {
  const difference = compareLocks(lockOf(['curl 1', 'x 1']), lockOf(['curl 2', 'x 1']), { versions: debianVersions });
  assert.match(
    lockDifferenceMarkdown(difference),
    /<summary>Packages of linux\/amd64: 1 changed, .*<\/summary>\n\n.*\n.*\n\| upgraded \| `curl` \| `1 → 2` \| 0 B \|\n\n<\/details>$/,
  );
});

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '@everyone',
  '`` ` ```',
  '` </details> `',
  'a|b\\|c',
  '[x](http://example.org)',
  '\n\n# title\n',
  '\u202egnp.exe',
  '&lt;b&gt;',
  '</style></title>',
  ' ',
  'x'.repeat(5000),
];

test('a hostile name is nothing but text in Markdown', () => {
  for (const text of hostile) {
    const span = codeSpan(text);
    const [fence = ''] = /^`+/.exec(span) ?? assert.fail(span);
    const inner = span.slice(fence.length, -fence.length);
    // CommonMark 6.1: the span ends at the first run of as many backticks, which has to be the last one.
    assert.ok(!(inner.match(/`+/g) ?? []).some((run) => run.length === fence.length), span);
    assert.ok(!/[\n\u202e]/.test(span) && span.length < 200, span);
  }
  const markdown = differenceMarkdown(hostileDifference());
  const outside = markdown.replace(/(`+) ?.*?[^`]\1(?!`)/g, '');
  assert.ok(!/@|<script|<img|http|title/.test(outside), outside);
  const rows = markdown.split('\n').filter((row) => row.startsWith('| added'));
  assert.ok(rows.length >= hostile.length - 2);
  for (const row of rows) assert.equal(row.match(/(?<!\\)\|/g)?.length, 5, row);
});

function hostileDifference(): ImageDifference {
  const files = hostile.map((text, index): [string, string] => [
    `${index}${text.replaceAll('/', ':').slice(0, 200)}`,
    text,
  ]);
  const labels = Object.fromEntries(hostile.map((text, index) => [`${index} ${text}`, text]));
  return compare([], files, {
    name: '<b>@evil</b>`',
    config: {
      architecture: 'amd64',
      os: 'linux',
      config: { Labels: labels, User: '</details><script>' },
      rootfs: { type: 'layers', diff_ids: [] },
      history: [{ created_by: '<script src=//example.org></script>' }],
    },
  });
}

/** Elements and attributes that a parser of another author sees, and its complaints about their nesting. */
const parser = `
import json, sys
from html.parser import HTMLParser
class P(HTMLParser):
    void = {'meta', 'input', 'br'}
    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.wrong, self.text = [], {}, [], [], []
    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes += [[tag, name, value] for name, value in attrs]
        if tag not in self.void: self.open.append(tag)
    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag: self.wrong.append(tag)
    def handle_data(self, data): self.text.append(data)
p = P()
p.feed(sys.stdin.read())
p.close()
print(json.dumps({'tags': p.tags, 'attributes': p.attributes, 'wrong': p.wrong + p.open, 'text': ''.join(p.text)}))
`;

function parseHtml(html: string): {
  readonly tags: Readonly<Record<string, number>>;
  readonly attributes: readonly (readonly [string, string, string | null])[];
  readonly wrong: readonly string[];
  readonly text: string;
} {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', parser], {
    input: html,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

const lackingPython = spawnSync('python3', ['-V']).status === 0 ? false : 'there is no python3';

test('the page stands alone, and a hostile name is nothing but text in it', { skip: lackingPython }, () => {
  const html = differenceHtml(hostileDifference());
  const { tags, attributes, wrong, text } = parseHtml(html);
  assert.deepEqual(wrong, []);
  for (const tag of ['script', 'img', 'b', 'link', 'iframe', 'a']) assert.equal(tags[tag], undefined, tag);
  assert.deepEqual([tags['title'], tags['style'], tags['body']], [1, 1, 1]);
  const names = new Set(attributes.map(([tag, name]) => `${tag} ${name}`));
  for (const name of names) assert.doesNotMatch(name, /\b(?:src|href|on\w+|style|srcset|action)$/);
  assert.ok(text.includes('<script>alert(1)</script>') && text.includes('&lt;b&gt;'));
  const policy =
    attributes.find(([, name, value]) => name === 'content' && value?.startsWith('default-src'))?.[2] ?? '';
  assert.match(
    policy,
    /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; form-action 'none'$/,
  );
});

test("the policy's hash is the style sheet's", () => {
  const html = differenceHtml(compare([], [['a', 'a']]));
  const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? '';
  assert.ok(html.includes(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`));
  assert.doesNotMatch(html, /https?:|url\(|@import/);
});

test('10,000 changed files are folded, 30,000 are cut', { skip: lackingPython }, () => {
  const files: ViewedFiles = Array.from({ length: 10_000 }, (_, index) => [`f/${index}`, `${index}`]);
  const difference = compare([], files);
  const many = differenceHtml(difference);
  const { tags, wrong } = parseHtml(many);
  assert.deepEqual(wrong, []);
  assert.ok((tags['tr'] ?? 0) > 10_000);
  assert.match(many, /<details><summary>9701 more: 9701 added<\/summary>/);
  const { changes } = difference.files;
  const more = { ...difference, files: { changes: [...changes, ...changes, ...changes], timesOnly: 0 } };
  assert.match(differenceHtml(more), /<p>10003 more files are left out here; --format json has all/);
});

test('any text makes a span and a cell', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.ok(codeSpan(text).isWellFormed() && !/[<>"']/.test(htmlText(text)));
    }),
    { numRuns: 30 },
  );
});
