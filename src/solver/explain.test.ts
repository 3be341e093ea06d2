import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, packages } from '../../test/support/universe.ts';
import type { PackageRecord } from '../distro/types.ts';
import { renderAdvice } from './advice.ts';
import { renderConflicts } from './render.ts';
import type { SolverPolicy } from './types.ts';

/** The refusal as the user reads it, compared with a drawing of it. */
function refuses(
  { world, request, policy }: { world: readonly PackageRecord[]; request: string; policy?: Partial<SolverPolicy> },
  drawing: string,
): void {
  const answer = ask(world, request, policy ?? {});
  assert.ok(!answer.ok, 'there is an answer');
  const advice = renderAdvice(answer.conflicts);
  const text = `${renderConflicts(answer.conflicts)}${advice === undefined ? '' : `\nhint: ${advice}`}`;
  assert.equal(text, drawing.replace(/^\n/, '').replace(/\n *$/, ''));
}

test('an unknown name, with what may have been meant', () => {
  const world = packages('nginx', 'nginx-light', 'bash');
  refuses(
    { world, request: 'ngnix' },
    `
ngnix: no archive has a package of that name
  did you mean nginx?`,
  );
  refuses(
    { world, request: 'quux' },
    `
quux: no archive has a package of that name
hint: check the name, or name the archive that has quux under archives:`,
  );
  refuses(
    { world, request: 'bash:arm64' },
    `
bash:arm64: an image for amd64 has no package for arm64
hint: write bash, or make an image for arm64: see --platform`,
  );
});

test('a virtual name, with its providers in the order in which a dependency would take them', () => {
  const world = packages('gawk; Provides: awk', 'mawk; Provides: awk; Priority: required');
  refuses(
    { world, request: 'awk' },
    `
awk is not a package but a name that 2 packages provide
  mawk 1 (the usual choice)
  gawk 1
hint: write mawk in place of awk`,
  );
  refuses(
    { world, request: 'mawk awk-' },
    `
awk-: awk is not a package but a name that 2 packages provide
  mawk 1 (the usual choice)
  gawk 1
hint: leave out packages by their own names: mawk-`,
  );
});

test('the usual choice is the one that Debian calls a default', () => {
  const world = packages('exim; Provides: mta, default-mta', 'default-mail; Provides: mail', 'x; Provides: mta, mail');
  refuses(
    { world, request: 'mta mail' },
    `
mta is not a package but a name that 2 packages provide
  exim 1 (the usual choice)
  x 1
mail is not a package but a name that 2 packages provide
  default-mail 1 (the usual choice)
  x 1
hint: write exim in place of mta
      write default-mail in place of mail`,
  );
});

test('a version of a name that is only provided', () => {
  refuses(
    { world: packages('gawk 5; Provides: awk'), request: 'awk=5' },
    `
awk=5: awk is not a package but a name that another package provides
  gawk 5
hint: write gawk in place of awk=5`,
  );
});

test('a version or suite that is not there, with those that are', () => {
  const world = packages('a 1; Suite: trixie', 'a 2; Suite: trixie-security', 'a 1; Suite: trixie-updates');
  const there = `
  there is 2 (trixie-security)
  there is 1 (trixie, trixie-updates)
hint: write a=2, or a for the version that is preferred`;
  refuses({ world, request: 'a=3' }, `a=3: no archive has version 3 of a${there}`);
  refuses({ world, request: 'a/sid' }, `a/sid: no archive has a in sid${there}`);
});

test('the beginning of a version that is there', () => {
  refuses(
    { world: packages('a 1.26-1', 'a 1.28-1'), request: 'a=1.26' },
    `
a=1.26: no archive has version 1.26 of a
  there is 1.28-1 (stable)
  there is 1.26-1 (stable)
hint: write a=1.26* for what begins like that, or a for the version that is preferred`,
  );
});

test('two versions of one package', () => {
  const world = packages('a 1', 'a 2', 'b; Depends: a (>= 2)');
  refuses(
    { world, request: 'a=1 a=2' },
    `
a 1 and a 2 cannot be in one image: they are two versions of one package
  a 1 is asked for by a=1
  a 2 is asked for by a=2
hint: keep one of a=1 and a=2`,
  );
  refuses(
    { world, request: 'a=1 b' },
    `
a 1 and a 2 cannot be in one image: they are two versions of one package
  a 1 is asked for by a=1
  a 2 comes in through b -> a (>= 2)
hint: leave out a=1 or b`,
  );
});

test('a dependency without any candidate, at the end of a chain', () => {
  const world = packages('app; Depends: lib', 'lib; Depends: core (>= 2), old', 'core 1');
  refuses(
    { world, request: 'app' },
    `
lib 1 cannot be installed: it needs core (>= 2)
  lib comes in through app -> lib
  core 1 (stable): too old
hint: ask for another version of app, or name an archive that has core (>= 2) under archives:`,
  );
});

test('what comes near and why it does not do', () => {
  const world = packages(
    'app; Depends: x (>= 2) | y:any | gone | v (= 3) | w',
    'x 1',
    'y',
    'p; Provides: v (= 2)',
    'q; Provides: v',
    'w',
  );
  refuses(
    { world, request: 'app w-' },
    `
app 1 cannot be installed: it needs x (>= 2) | y:any | gone | v (= 3) | w
  x 1 (stable): too old
  y 1 (stable): it is not "Multi-Arch: allowed", as y:any wants
  gone: no archive has it
  q 1 (stable): it provides v without a version
  p 1 (stable): it provides v in version 2
  w 1 (stable): the request "w-" leaves it out
hint: take w- out of packages:, or leave out app`,
  );
});

test('an older version that would do says what stands before it', () => {
  const world = packages('app; Depends: lib (<< 2)', 'lib 1', 'lib 2');
  refuses(
    { world, request: 'app' },
    `
app 1 cannot be installed: it needs lib (<< 2)
  lib 2 (stable): too new
  lib 1 (stable): version 2 is taken in its place
hint: ask for that version: lib=1`,
  );
});

test('what pins keep out', () => {
  const world = packages('app; Depends: lib', 'lib 1', 'lib 2; Suite: backports');
  const pin = { text: 'lib: never', packages: ['lib'], match: { type: 'version', glob: '*' }, priority: -1 } as const;
  refuses(
    { world, request: 'app', policy: { pins: [pin] } },
    `
app 1 cannot be installed: it needs lib
  lib 2 (backports): the pin "lib: never" keeps it out
  lib 1 (stable): the pin "lib: never" keeps it out
hint: change that pin, or leave out app`,
  );
  refuses(
    { world, request: 'lib', policy: { pins: [pin] } },
    `
lib: pins leave no version of lib
  there is 2 (backports; forbidden by the pin "lib: never")
  there is 1 (stable; forbidden by the pin "lib: never")
hint: change the pins of lib, or leave out lib`,
  );
});

test('two requests that cannot be together, with both ways', () => {
  const world = packages(
    'web; Depends: a',
    'a; Depends: postfix',
    'postfix; Provides: mta; Conflicts: mta',
    'exim; Provides: mta',
    'other',
  );
  refuses(
    { world, request: 'other web exim' },
    `
postfix 1 and exim 1 cannot be in one image
  postfix conflicts with mta, which exim provides
  postfix comes in through web -> a -> postfix
hint: leave out web or exim`,
  );
});

test('all that stands between two requests is told', () => {
  const world = packages(
    'postfix; Provides: mta; Conflicts: mta',
    'exim; Provides: mta; Conflicts: mta; Depends: exim-config',
    'exim-config; Conflicts: postfix',
    'postfix-db; Conflicts: exim-config',
    'mailer; Depends: postfix, postfix-db',
  );
  refuses(
    { world, request: 'postfix exim' },
    `
postfix 1 and exim 1 cannot be in one image
  postfix conflicts with mta, which exim provides
  exim conflicts with mta, which postfix provides
  exim-config, which comes in through exim, conflicts with postfix
hint: leave out postfix or exim`,
  );
  refuses(
    { world, request: 'mailer exim' },
    `
exim 1 and postfix 1 cannot be in one image
  exim conflicts with mta, which postfix provides
  postfix conflicts with mta, which exim provides
  postfix-db, which comes in through mailer, conflicts with exim-config (exim-config comes in through exim)
  exim-config, which comes in through exim, conflicts with postfix
  postfix comes in through mailer -> postfix
hint: leave out exim or mailer`,
  );
});

test('alternatives that all fail, each with its own reason', () => {
  const world = packages(
    'app; Depends: db',
    'db; Depends: engine1 | engine2, base',
    'engine1; Depends: libold (>= 5)',
    'libold 4',
    'engine2; Depends: tool',
    'tool; Breaks: base (<< 2)',
    'base 1',
  );
  refuses(
    { world, request: 'app' },
    `
db 1 cannot be installed: it needs engine1 | engine2
  db comes in through app -> db
  engine1 1: it needs libold (>= 5)
    libold 4 (stable): too old
  engine2 1: tool 1 breaks base (<< 2)
    tool comes in through engine2 -> tool
    base comes in through app -> db -> base
hint: ask for another version of app, or name an archive that has libold (>= 5) under archives:`,
  );
});

test('alternatives that fail because of one thing are told together', () => {
  const world = packages(
    'base; Depends: awk',
    'mawk; Provides: awk; Depends: libc',
    'gawk; Provides: awk; Depends: libc, gone',
    'nawk; Provides: awk; Depends: libc',
    'libc; Depends: gcc',
    'gcc',
  );
  refuses(
    { world, request: 'base gcc-' },
    `
base 1 cannot be installed: it needs awk
  nawk 1: libc cannot be installed: it needs gcc
    libc comes in through nawk -> libc
    gcc 1 (stable): the request "gcc-" leaves it out
  likewise mawk 1
  gawk 1: it needs gone
    gone: no archive has it
hint: take gcc- out of packages:, or leave out base`,
  );
});

test('of a long way its ends', () => {
  const names = Array.from({ length: 14 }, (_, at) => `p${at}`);
  const world = packages(...names.map((name, at) => `${name}; Depends: ${names[at + 1] ?? 'gone'}`));
  refuses(
    { world, request: 'p0' },
    `
p13 1 cannot be installed: it needs gone
  p13 comes in through p0 -> p1 -> p2 -> ... -> p10 -> p11 -> p12 -> p13
  gone: no archive has it
hint: name the archive that has gone under archives:, or its .deb under packages:`,
  );
});

test('long lists are cut', () => {
  const many = Array.from({ length: 20 }, (_, at) => `p${String(at).padStart(2, '0')}`);
  const world = packages(
    `app; Depends: ${many.map((name) => `${name} (>= 2)`).join(' | ')}`,
    ...many.map((name) => `${name}; Provides: v`),
  );
  refuses(
    { world, request: 'v' },
    `
v is not a package but a name that 20 packages provide
  p19 1
  p18 1
  p17 1
  p16 1
  p15 1
  p14 1
  p13 1
  p12 1
  p11 1
  p10 1
  p09 1
  p08 1
  p07 1
  p06 1
  p05 1
  and 5 more
hint: write one of them in place of v`,
  );
  refuses(
    { world, request: 'app' },
    `
app 1 cannot be installed: it needs p00 (>= 2) | p01 (>= 2) | p02 (>= 2) | p03 (>= 2) | p04 (>= 2) | p05 (>= 2) | 14 more
  p00 1 (stable): too old
  p01 1 (stable): too old
  p02 1 (stable): too old
  p03 1 (stable): too old
  p04 1 (stable): too old
  p05 1 (stable): too old
  and 14 more
hint: ask for another version of app, or name an archive that has p00 (>= 2), p01 (>= 2) or p02 (>= 2) under archives:`,
  );
});

test('what is installed already', () => {
  const world = packages('app; Conflicts: old', 'new; Depends: libc (>= 2)');
  const installed = packages('old', 'libc 1');
  refuses(
    { world, request: 'app', policy: { installed } },
    `
app 1 and old 1 cannot be in one image
  app conflicts with old
  old 1 is in the image below already
hint: leave app out, or build on another image (on:)`,
  );
  refuses(
    { world, request: 'new', policy: { installed } },
    `
new 1 cannot be installed: it needs libc (>= 2)
  libc 1 (in the image below): too old
hint: leave new out, or build on another image (on:)`,
  );
});

test('every request that fails on its own is explained', () => {
  const world = packages('a; Depends: gone', 'b; Depends: lost', 'c');
  refuses(
    { world, request: 'a b c' },
    `
a 1 cannot be installed: it needs gone
  gone: no archive has it
b 1 cannot be installed: it needs lost
  lost: no archive has it
hint: name the archive that has gone under archives:, or its .deb under packages:
      name the archive that has lost under archives:, or its .deb under packages:`,
  );
});

test('one remedy for several requests is told once', () => {
  const world = packages('a; Depends: lib', 'b; Depends: lib', 'lib');
  refuses(
    { world, request: 'a b lib-' },
    `
a 1 cannot be installed: it needs lib
  lib 1 (stable): the request "lib-" leaves it out
b 1 cannot be installed: it needs lib
  lib 1 (stable): the request "lib-" leaves it out
hint: take lib- out of packages:`,
  );
});
