import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import { splitClearsigned } from '../formats/openpgp/armor.ts';
import { defaultPriority, parseRelease } from './release.ts';
import { checkRelease, isoTime } from './release-policy.ts';

const fixtures = new URL('../../../shared/fixtures/apt-oracle-bookworm/', import.meta.url);
const skip = existsSync(fixtures) ? false : 'fixtures apt-oracle-bookworm are missing';
const sum = 'a'.repeat(64);
const minimal = `Suite: stable\nCodename: trixie\nDate: Sat, 11 Jul 2026 10:16:37 UTC\nSHA256:\n ${sum} 12 main/binary-amd64/Packages\n`;

function debian(suite: string) {
  const document = readFileSync(new URL(`${suite}_InRelease`, fixtures), 'utf8');
  return parseRelease(splitClearsigned(document, suite).text, suite);
}

test('the Release of bookworm', { skip }, () => {
  const release = debian('bookworm');
  assert.equal(release.suite, 'oldstable');
  assert.equal(release.codename, 'bookworm');
  assert.equal(isoTime(release.date ?? 0), '2026-07-11T10:16:37Z');
  assert.equal(release.validUntil, undefined);
  assert.deepEqual(release.components, ['main', 'contrib', 'non-free-firmware', 'non-free']);
  assert.ok(release.architectures.includes('arm64'));
  assert.ok(release.acquireByHash && release.allIsInEveryIndex && !release.notAutomatic);
  assert.ok(release.files.size > 500);
  assert.ok((release.files.get('main/binary-amd64/Packages')?.size ?? 0) > 40_000_000);
});

test('bookworm-security writes its components with updates/ and is refused on 2026-11-26', { skip }, () => {
  const release = debian('bookworm-security');
  assert.deepEqual(release.components.slice(0, 2), ['main', 'contrib']);
  const policy = { suite: 'bookworm-security', checkValidUntil: true, name: 'debian-security bookworm-security' };
  checkRelease(release, { ...policy, now: new Date('2026-11-21') });
  checkRelease(release, { ...policy, now: new Date('2026-11-25T22:17:40Z') });
  assert.throws(
    () => checkRelease(release, { ...policy, now: new Date('2026-11-26') }),
    (error) => isSlimimageError(error, 'RELEASE_EXPIRED') && error.message.includes('2026-11-25T22:17:41Z'),
  );
  checkRelease(release, { ...policy, checkValidUntil: false, now: new Date('2026-11-26') });
});

test('a Release from the future is refused, beyond what clocks drift', () => {
  const release = parseRelease(minimal, 'x');
  const policy = { suite: 'trixie', checkValidUntil: true, name: 'x' };
  checkRelease(release, { ...policy, now: new Date('2026-07-11T10:12:00Z') });
  assert.throws(
    () => checkRelease(release, { ...policy, now: new Date('2026-07-11T10:10:00Z') }),
    (error) => isSlimimageError(error, 'RELEASE_NOT_YET_VALID'),
  );
});

test('a Release of another suite is refused; suite and codename both answer', () => {
  const release = parseRelease(minimal, 'x');
  const policy = { now: new Date('2026-11-21'), checkValidUntil: true, name: 'debian bookworm' };
  for (const suite of ['stable', 'trixie', undefined]) checkRelease(release, { ...policy, suite });
  for (const suite of ['bookworm', 'trixie-updates', 'stab', '']) {
    assert.throws(
      () => checkRelease(release, { ...policy, suite }),
      (error) => isSlimimageError(error, 'RELEASE_INVALID'),
      suite,
    );
  }
});

test('noble-updates, whose codename is noble, is not taken for noble', () => {
  const release = parseRelease(minimal.replace('stable', 'noble-updates').replace('trixie', 'noble'), 'x');
  const policy = { now: new Date('2026-11-21'), checkValidUntil: true, name: 'ubuntu noble' };
  checkRelease(release, { ...policy, suite: 'noble-updates' });
  assert.throws(
    () => checkRelease(release, { ...policy, suite: 'noble' }),
    (error) => isSlimimageError(error, 'RELEASE_INVALID'),
  );
});

test('Ubuntu pads the hour and Debian of old the day with a blank', () => {
  for (const [written, iso] of [
    ['Fri, 20 Nov 2026  2:27:59 UTC', '2026-11-20T02:27:59Z'],
    ['Sun,  1 Feb 2026 02:27:59 UTC', '2026-02-01T02:27:59Z'],
    ['Sun, 01 Feb 2026 02:27:59 +0000', '2026-02-01T02:27:59Z'],
  ] as const) {
    const release = parseRelease(minimal.replace(/^Date: .*$/m, `Date: ${written}`), 'x');
    assert.equal(isoTime(release.date ?? 0), iso);
  }
});

test('pin priorities as apt gives them', () => {
  assert.equal(defaultPriority(parseRelease(minimal, 'x')), 500);
  assert.equal(defaultPriority(parseRelease(`NotAutomatic: yes\n${minimal}`, 'x')), 1);
  assert.equal(defaultPriority(parseRelease(`NotAutomatic: yes\nButAutomaticUpgrades: yes\n${minimal}`, 'x')), 100);
});

test('what is malformed is refused', () => {
  const broken: Record<string, string> = {
    empty: '',
    'no table': 'Suite: x\n',
    'MD5 only': `Suite: x\nMD5Sum:\n ${'a'.repeat(32)} 1 Packages\n`,
    'short sum': minimal.replace(sum, 'abc'),
    'no size': minimal.replace(' 12 ', ' '),
    'negative size': minimal.replace(' 12 ', ' -1 '),
    'huge size': minimal.replace(' 12 ', ' 99999999999999999999 '),
    'path up': minimal.replace('main/', '../../'),
    'absolute path': minimal.replace('main/', '/main/'),
    'path with a query': minimal.replace('main/', 'main?/'),
    'two paragraphs': `Suite: a\n\n${minimal}`,
    'field twice': `Suite: a\n${minimal}`,
    'unreadable date': minimal.replace('10:16:37 UTC', '10:16:37 CEST'),
    'the same path twice': `${minimal} ${'b'.repeat(64)} 12 main/binary-amd64/Packages\n`,
  };
  for (const [what, text] of Object.entries(broken)) {
    assert.throws(
      () => parseRelease(text, 'dists/x/Release'),
      (error) => isSlimimageError(error, 'RELEASE_INVALID') && error.message.includes('dists/x/Release'),
      what,
    );
  }
});

test('fuzz: hostile Release files throw only SlimimageError', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'Date: ',
      'Valid-Until: ',
      'SHA256:\n',
      ' ',
      '\n',
      'Sat, 11 Jul 2026 10:16:37 UTC',
      `${sum} 1 a/b\n`,
      ':',
      '\t',
      'Components: ',
    ),
    fc.string({ maxLength: 16, unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 16 }), fc.boolean(), (pieces, valid) => {
      try {
        const release = parseRelease((valid ? minimal : '') + pieces.join(''), 'fuzz');
        for (const [path, file] of release.files)
          assert.ok(!path.includes('..') || !path.split('/').includes('..'), `${file}`);
      } catch (error) {
        assert.ok(isSlimimageError(error), String(error));
      }
    }),
    { numRuns: 10_000 },
  );
});
