import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMaintainer } from './maintainer.ts';

const cases: readonly (readonly [text: string, name: string, address: string | undefined, group: boolean])[] = [
  ['Matthias Klose <doko@debian.org>', 'Matthias Klose', 'doko@debian.org', false],
  [
    'GNU Libc Maintainers <debian-glibc@lists.debian.org>',
    'GNU Libc Maintainers',
    'debian-glibc@lists.debian.org',
    true,
  ],
  ['Debian zlib <team+zlib@tracker.debian.org>', 'Debian zlib', 'team+zlib@tracker.debian.org', true],
  ['Jörg "山田" Müller <j@example.org>', 'Jörg "山田" Müller', 'j@example.org', false],
  ['"Anna, B." <a@example.org>', 'Anna, B.', 'a@example.org', false],
  ['<a@example.org>', 'a@example.org', 'a@example.org', false],
  ['somebody', 'somebody', undefined, false],
  ['somebody <at home>', 'somebody <at home>', undefined, false],
];

for (const [text, name, address, group] of cases) {
  test(`${text} is ${group ? 'a group' : 'a person'}`, () => {
    assert.deepEqual(parseMaintainer(text), { name, address, group });
  });
}
