import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, isEqual } from './apt/classify.ts';
import { preferencesOf } from './apt/preferences.ts';
import { Random } from './apt/random.ts';
import { tableOf } from './apt/table.ts';
import type { Answer } from './apt/types.ts';

const two = installs('nginx=1:amd64', 'libc6=2:amd64');
const three = installs('nginx=1:amd64', 'libc6=2:amd64', 'zlib1g=3:amd64');
const broken: Answer = { refused: 'broken: nginx' };

test('answers are equal in any order, and refusals whatever they say', () => {
  assert.ok(isEqual(two, installs('libc6=2:amd64', 'nginx=1:amd64')));
  assert.ok(isEqual(broken, { refused: 'unknown: nginx' }));
  assert.ok(!isEqual(two, three));
  assert.ok(!isEqual(two, installs('nginx=1:amd64', 'libc6=3:amd64')));
  assert.ok(!isEqual(two, broken));
});

test('a difference has a class where our answer is valid, and only then', async () => {
  const cases: readonly [apt: Answer, ours: Answer, fault: string | undefined, expected: string][] = [
    [three, two, undefined, 'equally-valid'],
    [two, three, undefined, "unexplained: our answer has 3 packages, apt's 2"],
    [three, two, 'libc6 conflicts', 'unexplained: libc6 conflicts'],
    [broken, two, undefined, 'apt-gives-up'],
    [broken, two, 'libc6 conflicts', 'unexplained: libc6 conflicts'],
    [{ refused: 'virtual: nginx' }, two, undefined, 'unexplained: apt refuses: virtual: nginx'],
    [two, { refused: 'no' }, undefined, 'unexplained: we refuse: no'],
    [three, installs('libc6=2:amd64'), undefined, 'unexplained: the answer is not one to nginx'],
  ];
  for (const [apt, ours, fault, expected] of cases) {
    const judged = await classify({ apt, ours, packages: ['nginx'] }, async () => fault);
    const text = judged.class === 'unexplained' ? `${judged.class}: ${judged.evidence}` : judged.class;
    assert.equal(text, expected);
  }
  const excluded = await classify({ apt: broken, ours: two, packages: ['nginx', 'libc6-'] }, async () => undefined);
  assert.equal(excluded.evidence, 'the answer is not one to libc6-');
});

test('the same seed draws the same', () => {
  const draw = (seed: string) => {
    const random = new Random(seed);
    return Array.from({ length: 5 }, () => random.below(1000));
  };
  assert.deepEqual(draw('1 trixie'), draw('1 trixie'));
  assert.notDeepEqual(draw('1 trixie'), draw('2 trixie'));
  assert.ok(draw('1 trixie').every((number) => number >= 0 && number < 1000));
});

test('pins are written as apt_preferences(5) has them', () => {
  const pins = [
    {
      text: '',
      packages: ['nginx', 'src:curl'],
      match: { type: 'release', codename: 'trixie', origin: 'Debian' },
      priority: 990,
    },
    { text: '', packages: [], match: { type: 'version', glob: '1.2*' }, priority: -1 },
  ] as const;
  assert.equal(
    preferencesOf(pins),
    'Package: nginx src:curl\nPin: release n=trixie, o=Debian\nPin-Priority: 990\n\nPackage: *\nPin: version 1.2*\nPin-Priority: -1\n',
  );
});

test('the table counts by group, by kind and over all', () => {
  const difference = {
    group: 'trixie',
    draw: { kind: 'single', packages: ['nginx'] },
    class: 'equally-valid',
    evidence: '',
    apt: three,
    ours: two,
  } as const;
  const table = tableOf([
    { group: 'trixie', kind: 'single', asked: 50, refusedByBoth: 1, differences: [difference] },
    { group: 'trixie', kind: 'pair', asked: 10, refusedByBoth: 0, differences: [] },
  ]);
  const cells = table.map((line) => line.split(/ {2,}/).join('|'));
  assert.deepEqual(cells, [
    '|asked|identical|%|refused by both|equally-valid|apt-gives-up|unexplained',
    'trixie, single|50|49|98.00|1|1|0|0',
    'trixie, pair|10|10|100.00|0|0|0|0',
    'all single|50|49|98.00|1|1|0|0',
    'all pair|10|10|100.00|0|0|0|0',
    'singles, pairs and hard ones|60|59|98.33|1|1|0|0',
    'all|60|59|98.33|1|1|0|0',
  ]);
});

function installs(...install: readonly string[]): Answer {
  return { install };
}
