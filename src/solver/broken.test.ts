import assert from 'node:assert/strict';
import { test } from 'node:test';
import { debianVersions, fullPolicy, requests } from '../../test/support/universe.ts';
import { openUniverse } from '../distro/debian/universe.ts';
import { buildPackagesIndex } from '../formats/deb822/packages-index.ts';
import { bytesSource, openPackagesIndex } from '../formats/deb822/packages-reader.ts';
import { encodeUtf8 } from '../util/text.ts';
import { renderAdvice } from './advice.ts';
import { renderConflicts } from './render.ts';
import { resolve } from './resolve.ts';
import type { SolverPolicy } from './types.ts';

/** Stanzas from lines like `app 1; Depends: lib (>=`, asked as an archive's index is. */
function archive(...lines: readonly string[]) {
  const stanzas = lines.map((line) => {
    const [head = '', ...fields] = line.split('; ');
    const [name, ...version] = head.split(' ');
    return [`Package: ${name}`, `Version: ${version.join(' ') || '1'}`, 'Architecture: amd64', ...fields, '\n'].join(
      '\n',
    );
  });
  const bytes = encodeUtf8(stanzas.join(''));
  const index = openPackagesIndex(buildPackagesIndex(bytes), bytesSource(bytes));
  const origin = { archive: 'acme', suite: 'stable', component: 'main', priority: 500 };
  return openUniverse({ architecture: 'amd64', indexes: [{ index, origin }] });
}

/** `NAME VERSION, ...`, or the refusal as it is read. */
function answer(universe: ReturnType<typeof archive>, request: string, policy: Partial<SolverPolicy> = {}): string {
  const options = { policy: { ...fullPolicy, ...policy }, versions: debianVersions };
  const found = resolve(universe, requests(request), options);
  if (found.ok)
    return found.resolution.packages.map(({ record: { name, version } }) => `${name} ${version}`).join(', ');
  return `${renderConflicts(found.conflicts)}\nhint: ${renderAdvice(found.conflicts)}`;
}

const world = archive(
  'app; Depends: lib (>= 2',
  'uses-app; Depends: app | tool',
  'needs-app; Depends: app',
  'tool',
  'shy; Provides: editor',
  'bold; Provides: editor, (no',
  'writer; Depends: editor',
  'lost; Filename: ../../etc/passwd',
  'odd 1 2',
  'old 1',
  'old 2; Breaks: a | b',
  'needs-old; Depends: old',
  'ghost; Provides: spirit; Recommends: !!!',
  'twice; Depends: a; Depends: b',
);

test('what stands beside a stanza that cannot be read stays usable', () => {
  assert.equal(answer(world, 'uses-app'), 'tool 1, uses-app 1');
  assert.equal(answer(world, 'writer'), 'shy 1, writer 1');
  assert.equal(answer(world, 'editor'), 'shy 1');
  assert.equal(answer(world, 'needs-app', { omit: new Set(['app']) }), 'needs-app 1');
  assert.equal(answer(world, 'tool app-'), 'tool 1');
});

test('a request for it is refused with archive, suite, version and field', () => {
  assert.equal(
    answer(world, 'app'),
    `app 1 cannot be installed: its stanza in acme stable cannot be read
  Depends of app: "lib (>= 2" is no package relation
hint: leave out app, or have the archive acme repaired`,
  );
  assert.match(answer(world, 'bold'), /Provides of bold: "\(no" is no package relation/);
  assert.match(answer(world, 'lost'), /Filename "..\/..\/etc\/passwd", which is no path inside the archive/);
  assert.match(answer(world, 'odd'), /odd 1 2 cannot be installed.*\n.*Version "1 2", which cannot be/);
  assert.match(answer(world, 'twice'), /^twice \? cannot be installed: its stanza in acme stable cannot be read/);
  assert.match(answer(world, 'spirit'), /^spirit: ghost 1 cannot be installed: its stanza/);
});

test('no lower version steps in unasked', () => {
  assert.match(answer(world, 'old'), /^old 2 cannot be.*\n.*\nhint: write old=1, or have the archive acme repaired$/);
  assert.equal(answer(world, 'old=1'), 'old 1');
  assert.equal(answer(world, 'needs-old old=1'), 'needs-old 1, old 1');
  assert.match(answer(world, 'old=2'), /^old=2: old 2 cannot be installed: its stanza in acme stable cannot be read/);
  const pins = [{ text: 'old', packages: ['old'], match: { type: 'version', glob: '2' }, priority: -1 }] as const;
  assert.equal(answer(world, 'needs-old', { pins }), 'needs-old 1, old 1');
});

test('where a package needs it, the refusal says what is wrong with it', () => {
  assert.equal(
    answer(world, 'needs-app'),
    `needs-app 1 cannot be installed: it needs app
  app 1 (stable): its stanza cannot be read: Depends of app: "lib (>= 2" is no package relation
hint: leave out needs-app, or have the archive of app repaired`,
  );
  assert.equal(
    answer(world, 'needs-old'),
    `needs-old 1 cannot be installed: it needs old
  old 2 (stable): its stanza cannot be read: Breaks of old: "a | b" has alternatives, which this field cannot have
  old 1 (stable): version 2 is preferred to it
hint: ask for that version: old=1`,
  );
});
