import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { processorTime } from '../../../test/support/processor-time.ts';
import { fixedBetween } from './fixed.ts';
import { parseChangelog } from './parse.ts';

const openssl = `openssl (3.0.17-1~deb12u3) bookworm-security; urgency=medium

  * CVE-2025-9230 (Out-of-bounds read & write in RFC 3211 KEK Unwrap).
    Further reading: cve-2025-9230 again.
  * CVE-2025-15467

 -- Sebastian Siewior <s@example.org>  Fri, 26 Sep 2025 23:48:29 +0200

openssl (3.0.17-1~deb12u2) bookworm; urgency=medium, binary-only=yes

  [ Two People ]
  * Correct the soname.

 -- Sebastian Siewior <s@example.org>  Sat, 06 Sep 2025 12:03:49 +0200

openssl (1:0.9.4-1) unstable experimental; Urgency=HIGH
  * First.
  * CVE-2020-0001
 -- Old <o@example.org> Mon, 1 Jan 2001 01:02:03 -0530
`;

test('every entry with package, version, distributions, urgency, date and text', () => {
  const entries = parseChangelog(openssl);
  assert.deepEqual(
    entries.map(({ text, ...entry }) => ({ ...entry, lines: text.split('\n').length })),
    [
      {
        package: 'openssl',
        version: '3.0.17-1~deb12u3',
        distributions: ['bookworm-security'],
        urgency: 'medium',
        date: Date.parse('2025-09-26T21:48:29Z') / 1000,
        lines: 3,
      },
      {
        package: 'openssl',
        version: '3.0.17-1~deb12u2',
        distributions: ['bookworm'],
        urgency: 'medium',
        date: Date.parse('2025-09-06T10:03:49Z') / 1000,
        lines: 2,
      },
      {
        package: 'openssl',
        version: '1:0.9.4-1',
        distributions: ['unstable', 'experimental'],
        urgency: 'high',
        date: Date.parse('2001-01-01T06:32:03Z') / 1000,
        lines: 2,
      },
    ],
  );
  assert.equal(entries[1]?.text, '  [ Two People ]\n  * Correct the soname.');
});

test('what is no entry is passed over', () => {
  const text = [
    '# Older entries have been removed from this changelog.',
    '\ufeffnonsense (1) x',
    'a (1) unstable; urgency=low',
    '',
    'a line that should be indented',
    '  * change (2) of; something',
    'b (2-1+b1) sid; urgency=low',
    '  * no trailer above',
    ' -- B <b@example.org>  yesterday',
    '  * between entries',
    'vim: tw=72',
    'Old Changelog:',
    'c (3) unstable; urgency=low',
  ].join('\n');
  assert.deepEqual(
    parseChangelog(text).map(({ package: name, version, date, text: changes }) => [name, version, date, changes]),
    [
      ['a', '1', undefined, '  * change (2) of; something'],
      ['b', '2-1+b1', undefined, '  * no trailer above'],
    ],
  );
  assert.deepEqual(parseChangelog(''), []);
  assert.deepEqual(parseChangelog('a (1) unstable; urgency=low').length, 1, 'cut off');
});

const versions = { compare: (a: string, b: string) => Number(a) - Number(b) };

test('the CVEs between two versions: the old one’s own are not among them, each once, in order', () => {
  const text = [
    '5 CVE-2026-11111',
    '4 CVE-2024-13176, cve-2024-9143',
    '3 CVE-2023-0001 CVE-2024-9143',
    '2 CVE-2022-0001',
  ]
    .map((line) => `a (${line[0]}) x; urgency=low\n  * ${line.slice(2)}\n -- A <a@example.org>  x\n`)
    .join('\n');
  const entries = parseChangelog(text);
  assert.deepEqual(fixedBetween(entries, { after: '2', upTo: '4', versions }), [
    'CVE-2023-0001',
    'CVE-2024-9143',
    'CVE-2024-13176',
  ]);
  assert.deepEqual(fixedBetween(entries, { after: '4', upTo: '4', versions }), []);
  assert.deepEqual(fixedBetween([], { after: '1', upTo: '9', versions }), []);
});

test('several CVEs of one year in one word', () => {
  const changes =
    'CVE-2026-3333/4444, CVE-2026-{5555, 66666}/CVE-2026-7777/x, CVE-2026-{1}, CVE-2026-12345678901234567890';
  const entries = parseChangelog(`a (2) x; urgency=low\n  * ${changes}\n -- A <a@example.org>  x\n`);
  assert.deepEqual(fixedBetween(entries, { after: '1', upTo: '2', versions }), [
    'CVE-2026-3333',
    'CVE-2026-4444',
    'CVE-2026-5555',
    'CVE-2026-7777',
    'CVE-2026-66666',
  ]);
});

test('a CVE that the package is said not to be affected by is none that is fixed', () => {
  const changes = `Fix CVE-2026-1111; not affected by CVE-2026-2222, CVE-2026-3333
    and CVE-2026-4444. Fix CVE-2026-5555, which is not vulnerable to CVE-2026-6666/7777 (but CVE-2026-8888)`;
  const entries = parseChangelog(`a (2) x; urgency=low\n  * ${changes}\n -- A <a@example.org>  x\n`);
  assert.deepEqual(fixedBetween(entries, { after: '1', upTo: '2', versions }), [
    'CVE-2026-1111',
    'CVE-2026-5555',
    'CVE-2026-8888',
  ]);
});

test('fuzz: any text is read, in time that grows with it', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'a (1) x; urgency=low\n',
      ' -- A <a@b>  Mon, 1 Jan 2001 01:02:03 +0000\n',
      '\n',
      '  * CVE-2024-1234\n',
    ),
    fc.constantFrom('a (', ')', ';', ' -- ', '> ', '<', 'urgency=', 'CVE-2024-', '\r\n', '\t', ' '),
    fc.string({ unit: 'binary', maxLength: 10 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const entries = parseChangelog(pieces.join(''));
      for (const { version, date } of entries) assert.ok(version !== '' && !Number.isNaN(date));
      fixedBetween(entries, { after: '0', upTo: '1', versions: { compare: (a, b) => a.length - b.length } });
    }),
    { numRuns: 3000 },
  );
  for (const hostile of [
    'a (1)'.padEnd(300_000, ' x'),
    `a (1) x; u\n  * ${'not affected by'.padEnd(300_000, ' and CVE-1-')}`,
    `a (1) x; u\n  * ${'not affected by '.repeat(20_000)}`,
    `a (1) x; u\n  * ${'not'.padEnd(300_000)}`,
    ' -- '.padEnd(300_000, '> '),
    'a'.repeat(300_000),
    ' '.repeat(300_000),
  ]) {
    const took = processorTime(() =>
      fixedBetween(parseChangelog(`${hostile}\n`.repeat(3)), { after: '0', upTo: '1', versions }),
    );
    assert.ok(took < 1000);
  }
});
