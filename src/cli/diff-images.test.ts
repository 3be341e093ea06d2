import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { type ViewedFiles, viewOf } from '../../test/support/views.ts';
import type { AuditFinding } from '../audit/types.ts';
import { schemaText } from '../build/answer-schemas.ts';
import { compareContents } from '../compare/compare-contents.ts';
import { compareImages } from '../compare/compare-images.ts';
import type { FileDifference, ImageDifference } from '../index.ts';
import { diffFileSchema, diffImagesSchema } from '../look/diff-schema.ts';
import { readPackages } from '../view/read-packages.ts';
import type { ImageView } from '../view/types.ts';
import { runCaptured } from './testing.ts';

const before: ViewedFiles = [
  ['app/', ''],
  ['app/conf', { content: 'port 80\n', mtime: 5 }],
  ['app/run', 'v1'],
  ['opt/old/', ''],
  ['opt/old/a', 'aaaa'],
  ['opt/old/b', 'bbbb'],
  ['same', { content: 'same', mtime: 1 }],
  ['usr/bin/curl', 'curl 1'],
  ...packaged('curl', '8.14.1-2', 'usr/bin/curl'),
];
const after: ViewedFiles = [
  ['app/', ''],
  ['app/conf', { content: 'port 8080\n', mode: 0o600 }],
  ['app/start', 'v1'],
  ['same', { content: 'same', mtime: 2 }],
  ['usr/bin/curl', 'curl 2'],
  ['usr/bin/\u001b[2Jevil\nremoved  etc', ''],
  ...packaged('curl', '8.14.1-10', 'usr/bin/curl'),
];

function packaged(name: string, version: string, file: string): ViewedFiles {
  return [
    [`var/lib/dpkg/status.d/${name}`, `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\n`],
    [`var/lib/dpkg/status.d/${name}.md5sums`, `${'0'.repeat(32)}  ${file}\n`],
  ];
}

function finding(rule: string, path: string): AuditFinding {
  const none = { line: undefined, package: undefined, layer: 1, allowed: undefined };
  return { rule, level: 'warning', message: `${path} is so`, path, ...none };
}

function difference(from = before, to = after): ImageDifference {
  const side = (files: ViewedFiles, name: string, findings: readonly AuditFinding[], more: Partial<ImageView> = {}) => {
    const view = viewOf([files], { name, ...more });
    return { view, packages: readPackages(view), findings };
  };
  const config = (User: string, steps: readonly string[]) => ({
    config: {
      architecture: 'amd64',
      os: 'linux',
      config: { User, ExposedPorts: User === '' ? {} : { '80/tcp': {} } },
      rootfs: { type: 'layers' as const, diff_ids: [] },
      history: steps.map((created_by) => ({ created_by })),
    },
  });
  if (from === to) return compareImages(side(from, 'store:a', []), side(to, 'store:b', []));
  return compareImages(
    side(from, 'store:a', [finding('setuid-file', '/a')], config('', ['base', 'RUN a'])),
    side(to, 'store:b', [finding('setuid-file', '/b')], config('65532', ['base', 'RUN b'])),
  );
}

async function run(flags: readonly string[], given = difference(), cwd = '/nowhere') {
  return runCaptured(['diff', 'store:a', 'store:b', ...flags], { api: { diffImages: async () => given }, cwd });
}

test('what changed, what matters first, and no name that a terminal would obey', async () => {
  const { status, stdout } = await run([]);
  assert.equal(status, 0);
  assert.equal(
    stdout,
    `store:a (linux/amd64) -> store:b (linux/amd64)
size
  5.2 kB uncompressed (-1.0 kB)
  122 B of files (-5 B)
layers
  0 of 1 shared (0 B)
config
  user: unset -> 65532
  port 80/tcp: added
history
  - 2: RUN a
  + 2: RUN b
packages: 1 upgraded
  upgraded  curl  8.14.1-2 -> 8.14.1-10  0 B
files that no change of a package explains: 1 changed, 1 added, 4 removed, 1 moved
  changed  /app/conf                       mode 0644 -> 0600, content +2 B
  moved    /app/run -> /app/start
  removed  /opt/                           3 paths in it, -8 B
  added    /usr/bin/\u{fffd}[2Jevil\u{fffd}removed  etc  0 B
files of changed packages: 2 changed (--all lists them)
1 path differs in time alone (--times lists them)
audit: 1 gained, 1 lost
  gained  warning  setuid-file  /b is so
  lost    warning  setuid-file  /a is so
`,
  );
  const all = await run(['--all']);
  assert.match(all.stdout, /\n {2}removed {2}\/opt\/old\/a +4 B\n/);
  assert.match(all.stdout, /\nfiles of curl: 2 changed\n {2}changed {2}\/usr\/bin\/curl {13,}content 0 B +of curl\n/);
});

test('--exit-code, and images that are the same', async () => {
  assert.equal((await run(['--exit-code'])).status, 1);
  const same = await run(['--exit-code'], difference(before, before));
  assert.deepEqual(same, {
    status: 0,
    stdout: 'store:a (linux/amd64) -> store:b (linux/amd64)\nno difference\n',
    stderr: '',
  });
});

test('--format json has the published form', async () => {
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(diffImagesSchema);
  for (const given of [difference(), difference(before, before), { ...difference(), findings: undefined }]) {
    const { stdout } = await run(['--format', 'json'], given);
    assert.ok(validate(JSON.parse(stdout)), JSON.stringify(validate.errors));
  }
});

test('--format markdown and html, to a file too', async () => {
  const markdown = await run(['--format', 'markdown']);
  assert.match(markdown.stdout, /^### `store:a \(linux\/amd64\)` → /);
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-diff-'));
  try {
    const { status, stdout } = await run(['--format', 'html', '-o', 'd.html'], difference(), folder);
    assert.deepEqual([status, stdout], [0, '']);
    assert.match(await readFile(join(folder, 'd.html'), 'utf8'), /^<!DOCTYPE html>\n.*<\/html>\n$/s);
  } finally {
    await rm(folder, { recursive: true });
  }
});

function fileDifference(from: string, to: string): FileDifference {
  const { from: before, to: after } = difference();
  const side = (text: string) => ({ bytes: Buffer.from(text), sha256: text, program: undefined });
  const state = { type: 'file', mode: 0o644, uid: 0, gid: 0, size: 1, mtime: 0, sha256: 'a'.repeat(64) } as const;
  const none = { link: undefined, device: undefined, attributes: undefined };
  return {
    path: '/etc/x',
    same: from === to,
    from: before,
    to: after,
    aspects: ['mode', 'content'],
    before: { ...state, ...none },
    after: { ...state, ...none, mode: 0o600 },
    content: compareContents('etc/x', { from: side(from), to: side(to) }),
  };
}

async function runFile(given: FileDifference, ...flags: readonly string[]) {
  return runCaptured(['diff', 'store:a', 'store:b', '--path', '/etc/x', ...flags], {
    api: { diffFile: async () => given },
  });
}

test('--path is a unified difference', async () => {
  const { stdout } = await runFile(fileDifference('a\n\u001b[2J\r\n', 'b\n\u001b[2J\r\n'));
  assert.equal(
    stdout,
    '/etc/x: mode 0644 -> 0600\n--- a/etc/x\n+++ b/etc/x\n@@ -1,2 +1,2 @@\n-a\n+b\n \u{fffd}[2J\r\n',
  );
  const binary = await runFile(fileDifference('\0a', '\0b'), '--exit-code');
  assert.equal(binary.status, 1);
  assert.match(
    binary.stdout,
    /\n\/etc\/x: no text\n\/etc\/x: before: 1 bytes, sha256:a{64}\n\/etc\/x: after: 1 bytes, sha256:a{64}\n$/,
  );
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(diffFileSchema);
  for (const given of [fileDifference('a', 'b'), fileDifference('\0', '\0a'), fileDifference('a', 'a')]) {
    const { stdout: json } = await runFile(given, '--format', 'json');
    assert.ok(validate(JSON.parse(json)), JSON.stringify(validate.errors));
  }
});

test('--path as a document', async () => {
  const given = fileDifference('a <b>\t``` c\n', 'a\u001b[2J\n');
  const markdown = await runFile(given, '--format', 'markdown');
  assert.equal(
    markdown.stdout,
    `### \`/etc/x\`: \`store:a (linux/amd64)\` → \`store:b (linux/amd64)\`

- \`mode 0644 -> 0600\`

\`\`\`\`diff
--- a/etc/x
+++ b/etc/x
@@ -1 +1 @@
-a <b>\t\`\`\` c
+a\u{fffd}[2J
\`\`\`\`
`,
  );
  const { stdout } = await runFile(given, '--format', 'html');
  assert.match(stdout, /^<!DOCTYPE html>\n.*<span class="minus">-a &lt;b&gt;\t``` c<\/span>\n.*<\/html>\n$/s);
  const program = await runFile(fileDifference('\0a', '\0b'), '--format', 'html');
  assert.match(program.stdout, /<p>no text<\/p>\n<p>before: 1 bytes, /);
});

test('a lock and an image, and what there is no form for', async () => {
  for (const [argv, message] of [
    [['store:a', 'a.lock.json'], /store:a is an image and a.lock.json a lock/],
    [['./x', 'oci:dir'], /oci:dir is an image and .\/x a lock/],
    [['a.lock.json', 'b.lock.json', '--path', '/x'], /--path is about a file of images/],
  ] as const) {
    const { status, stderr } = await runCaptured(['diff', ...argv], {
      api: { diffFile: async () => fileDifference('a', 'b') },
    });
    assert.equal(status, 2);
    assert.match(stderr, message);
  }
});

test('the published schemas are up to date (npm run schema)', async () => {
  for (const [name, schema] of [
    ['diff-images', diffImagesSchema],
    ['diff-file', diffFileSchema],
  ] as const) {
    const published = await readFile(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8');
    assert.equal(published, schemaText(schema));
  }
});
