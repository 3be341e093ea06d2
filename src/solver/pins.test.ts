import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, debianVersions, fullPolicy, packages, requests, universeOf } from '../../test/support/universe.ts';
import type { PackageRecord, ReleaseFacts, Universe } from '../distro/types.ts';
import { readPins, readSuite } from './pins.ts';
import { resolve } from './resolve.ts';
import type { Pin } from './types.ts';

const releases: Readonly<Record<string, ReleaseFacts>> = {
  trixie: { suite: 'stable', codename: 'trixie', version: '13.2', origin: 'Debian', label: 'Debian' },
  'trixie-backports': {
    suite: 'stable-backports',
    codename: 'trixie-backports',
    version: '',
    origin: 'Debian Backports',
    label: 'Debian Backports',
  },
  nodistro: { suite: 'nodistro', codename: 'nodistro', version: '', origin: '. nodistro', label: 'Node' },
};

/** As `packages`, with what the Release of each suite says. */
function world(...lines: readonly string[]): readonly PackageRecord[] {
  return packages(...lines).map((record) => ({
    ...record,
    origin: { ...record.origin, release: releases[record.origin.suite] },
  }));
}

/** `PACKAGES | FIELD=VALUE ... | PRIORITY`. */
function pin(text: string): Pin {
  const [names = '', match = '', priority] = text.split('|').map((part) => part.trim());
  const fields = Object.fromEntries(match.split(', ').map((field) => field.split('=')));
  return {
    text,
    packages: names === '*' ? [] : names.split(' '),
    match: 'glob' in fields ? { type: 'version', glob: fields.glob } : { type: 'release', ...fields },
    priority: Number(priority),
  };
}

/** Priorities of the records, each a version of its own. */
function priorities(records: readonly PackageRecord[], ...pins: readonly string[]): string {
  const judge = readPins(pins.map(pin), { architecture: 'amd64' });
  return records.map((record) => judge([record]).priority).join(' ');
}

const nginx = world(
  'nginx 1.26; Suite: trixie; Source: web',
  'nginx 1.28; Suite: trixie-backports; Pin: 100; Source: web',
);

test('without pins the suites have their own priorities', () => {
  assert.equal(priorities(nginx), '500 100');
});

test('by version: what begins like it, globs, expressions; whatever the suite', () => {
  assert.equal(priorities(nginx, 'nginx | glob=1.2* | 990'), '990 990');
  assert.equal(priorities(nginx, 'nginx | glob=1.28 | 990'), '500 990');
  assert.equal(priorities(nginx, 'nginx | glob=1.2 | 990'), '500 100');
  assert.equal(priorities(nginx, 'nginx | glob=?.?8 | 990'), '500 990');
  assert.equal(priorities(nginx, 'nginx | glob=/6$/ | 990'), '990 100');
});

test('by name: literal, glob, expression, source, architecture', () => {
  for (const names of ['nginx', 'ngin?', 'NGIN*', '/^ngi/', 'src:web', 'src:w*', 'x nginx', 'nginx:amd64', 'nginx:any'])
    assert.equal(priorities(nginx, `${names} | glob=1.28 | 7`), '500 7', names);
  for (const names of ['NGINX', 'ngin', 'src:nginx', 'web', 'nginx:arm64', '/^x/', 'ngin?:arm64'])
    assert.equal(priorities(nginx, `${names} | glob=1.28 | 7`), '500 100', names);
});

test('by release: every field has to fit', () => {
  for (const match of [
    'name=trixie',
    'name=stable',
    'name=13*',
    'name=13.2',
    'suite=stable',
    'codename=trixie',
    'version=13*',
    'label=Debian',
    'origin=debian',
    'origin=Debian, suite=st*e, component=main',
  ]) {
    assert.equal(priorities(nginx, `nginx | ${match} | 7`), '7 100', match);
  }
  assert.equal(priorities(nginx, 'nginx | archive=debian | 7'), '7 7');
  for (const match of ['suite=trixie', 'codename=stable', 'name=13', 'name=trixie, origin=Ubuntu', 'component=contrib'])
    assert.equal(priorities(nginx, `nginx | ${match} | 7`), '500 100', match);
});

test('the first that fits decides, those that name packages before those for all', () => {
  const general = '* | name=* | 3';
  assert.equal(priorities(nginx, general), '3 3');
  assert.equal(priorities(nginx, general, 'nginx | glob=1.28 | 7'), '3 7');
  assert.equal(priorities(nginx, 'ngin* | glob=1.28 | 8', 'nginx | glob=1.28 | 7'), '500 8');
  assert.equal(priorities(nginx, '* | name=trixie | 5', general), '5 3');
});

test('never is never, where only a pin that names the package forbids less', () => {
  assert.equal(priorities(nginx, '* | name=trixie | -1', 'nginx | name=trixie | 7'), '7 100');
  assert.equal(priorities(nginx, '* | name=trixie | -32768', 'nginx | name=trixie | 7'), '-32768 100');
  assert.equal(priorities(nginx, '* | name=trixie | 7', '* | name=stable | -32768'), '-32768 100');
});

test('a version of several suites has the highest of their priorities, and a pin for one of them is for the version', () => {
  const both = world('a 1; Suite: trixie', 'a 1; Suite: trixie-backports; Pin: 100');
  const priority = (...pins: readonly string[]) => readPins(pins.map(pin), { architecture: 'amd64' })(both).priority;
  assert.equal(priority(), 500);
  assert.equal(priority('* | name=trixie | -1'), 100);
  assert.equal(priority('* | name=trixie-backports | 900'), 900);
  assert.equal(priority('a | name=trixie-backports | 50'), 50);
});

test('a suite goes by its names and by the version of its distribution', () => {
  const [stable, backports] = nginx.map(({ origin }) => origin);
  assert.ok(stable !== undefined && backports !== undefined);
  const fits = (text: string) => [readSuite(text)(stable), readSuite(text)(backports)].map(Number).join('');
  assert.deepEqual(
    ['trixie', 'stable', 'trixie-backports', 'stable-backports', '13.2', '13*', 'sid', '*-backports'].map(fits),
    ['10', '10', '01', '01', '10', '10', '00', '01'],
  );
});

/** What is installed for a request, or what the refusal says there is. */
function chosen(records: readonly PackageRecord[], request: string, ...pins: readonly string[]): string {
  const answer = ask(records, request, { pins: pins.map(pin) });
  if (answer.ok) return answer.resolution.packages.map(({ record }) => `${record.name} ${record.version}`).join(', ');
  return answer.conflicts
    .map((conflict) => ('available' in conflict ? `no: ${conflict.available.join(', ')}` : `no: ${conflict.type}`))
    .join('; ');
}

test('the candidate is what the pins make it', () => {
  assert.equal(chosen(nginx, 'nginx'), 'nginx 1.26');
  assert.equal(chosen(nginx, 'nginx', 'nginx | name=stable-backports | 990'), 'nginx 1.28');
  assert.equal(chosen(nginx, 'nginx', 'nginx | glob=1.26* | 50'), 'nginx 1.28');
  assert.equal(chosen(nginx, 'nginx', '* | name=* | 500'), 'nginx 1.28');
});

test('a version that is pinned away is taken where it is asked for by version or suite, and not otherwise', () => {
  const never = 'nginx | glob=* | -1';
  assert.equal(
    chosen(nginx, 'nginx', never),
    `no: 1.28 (trixie-backports; forbidden by the pin "${never}"), 1.26 (trixie; forbidden by the pin "${never}")`,
  );
  assert.equal(chosen(nginx, 'nginx=1.26', never), 'nginx 1.26');
  assert.equal(chosen(nginx, 'nginx=1.2*', never), 'nginx 1.28');
  assert.equal(chosen(nginx, 'nginx/stable', never), 'nginx 1.26');
  assert.equal(chosen(nginx, 'nginx/stable-backports', never), 'nginx 1.28');
});

test('dependencies, alternatives and providers pass over what is pinned away', () => {
  const mail = world('a; Depends: mta', 'exim; Provides: mta', 'postfix; Provides: mta', 'b; Depends: exim | postfix');
  assert.equal(chosen(mail, 'b'), 'b 1, exim 1');
  assert.equal(chosen(mail, 'b', 'exim | glob=* | -1'), 'b 1, postfix 1');
  assert.equal(chosen(mail, 'a', 'postfix | glob=* | -1'), 'a 1, exim 1');
  assert.equal(chosen(mail, 'a', 'postfix exim | glob=* | -1'), 'no: unmet');
  assert.equal(chosen(mail, 'mta', 'postfix | glob=* | -1'), 'exim 1');
  assert.equal(
    chosen(mail, 'mta', 'postfix exim | glob=* | -1').replaceAll('postfix exim | glob=* | -1', 'PIN'),
    'no: postfix 1 (forbidden by the pin "PIN"), exim 1 (forbidden by the pin "PIN")',
  );
  assert.equal(chosen(world('v', 'p; Provides: v'), 'v', 'v | glob=* | -1'), 'p 1');
});

test('name/suite takes from the suite what its dependencies need, and no more', () => {
  const suites = [
    ...world('app 1; Suite: trixie; Depends: lib', 'lib 1; Suite: trixie', 'base 1; Suite: trixie'),
    ...world(
      'app 2; Suite: trixie-backports; Pin: 100; Depends: lib (>= 2), base (>= 1)',
      'lib 2; Suite: trixie-backports; Pin: 100; Depends: deep (>= 2)',
      'base 2; Suite: trixie-backports; Pin: 100',
      'deep 2; Suite: trixie-backports; Pin: 100',
      'lib 3; Suite: experimental; Pin: 200; Depends: deep (>= 2)',
      'deep 1; Suite: trixie',
    ),
  ];
  assert.equal(chosen(suites, 'app'), 'app 1, lib 1');
  assert.equal(chosen(suites, 'app/trixie-backports'), 'app 2, base 1, deep 2, lib 2');
  assert.equal(chosen(suites, 'lib=1 app/trixie-backports'), 'no: unmet');
  assert.equal(chosen(suites, 'lib=3 app/trixie-backports'), 'app 2, base 1, deep 2, lib 3');
});

test('name/suite follows a way of any length and gives up on one that branches without end', () => {
  const one = (name: string, fields: string) =>
    world(`${name} 2; Suite: new; Pin: 100; Depends: ${fields}`, `${name} 3; Suite: trixie`);
  const length = 20_000;
  const way = Array.from({ length }, (_, at) => one(`d${at}`, `d${at + 1} (= 2)`)).flat();
  const long = resolve(mapped([...way, ...world(`d${length} 2; Suite: new; Pin: 100`)]), requests('d0/new'), {
    policy: fullPolicy,
    versions: debianVersions,
  });
  assert.ok(long.ok && long.resolution.packages.length === length + 1);

  const levels = Array.from({ length: 26 }, (_, at) =>
    ['a', 'b'].flatMap((side) => one(`${side}${at}`, `a${at + 1} (= 2) | b${at + 1} (= 2)`)),
  ).flat();
  const last = ['a26', 'b26'].flatMap((name) => one(name, 'nothere'));
  assert.equal(chosen([...levels, ...last], 'a0/new'), 'no: unmet');
  assert.match(chosen([...levels, ...world('b26 2; Suite: new; Pin: 100')], 'a0/new'), /^a0 2, .*b26 2/);
});

/** A universe that is asked by name many times. */
function mapped(records: readonly PackageRecord[]): Universe {
  const byName = Map.groupBy(records, ({ name }) => name);
  return { ...universeOf(records), candidates: (name) => byName.get(name) ?? [], providers: () => [] };
}
