import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, packages } from '../../test/support/universe.ts';
import type { PackageRecord } from '../distro/types.ts';
import { renderConflicts } from './render.ts';
import type { SolverPolicy } from './types.ts';

/** The refusal as the user reads it, compared with a drawing of it. */
function refuses(
  { world, request, policy }: { world: readonly PackageRecord[]; request: string; policy?: Partial<SolverPolicy> },
  drawing: string,
): void {
  const answer = ask(world, request, policy ?? {});
  assert.ok(!answer.ok, 'there is an answer');
  assert.equal(renderConflicts(answer.conflicts), drawing.replace(/^\n/, '').replace(/\n *$/, ''));
}

test('an unknown name, with what may have been meant', () => {
  const world = packages('nginx', 'nginx-light', 'bash');
  refuses({ world, request: 'ngnix' }, 'ngnix: no archive has a package of that name\n  did you mean nginx?');
  refuses({ world, request: 'quux' }, 'quux: no archive has a package of that name');
  refuses({ world, request: 'bash:arm64' }, 'bash:arm64: no archive has a package of that name\n  did you mean bash?');
});

test('a virtual name, with its providers in the order in which a dependency would take them', () => {
  const world = packages('gawk; Provides: awk', 'mawk; Provides: awk; Priority: required');
  refuses({ world, request: 'awk' }, 'awk: awk is a virtual package; name one that provides it\n  mawk, gawk');
});

test('a version that is not there, with those that are', () => {
  const world = packages('a 1; Suite: trixie', 'a 2; Suite: trixie-security', 'a 1; Suite: trixie-updates');
  refuses(
    { world, request: 'a=3' },
    'a=3: there is no such version of a\n  there is 2 (trixie-security), 1 (trixie, trixie-updates)',
  );
});

test('a dependency without any candidate, at the end of a chain', () => {
  const world = packages('app; Depends: lib', 'lib; Depends: core (>= 2), old', 'core 1');
  refuses(
    { world, request: 'app' },
    `
lib 1 cannot be installed: it needs core (>= 2)
  lib comes by app -> lib
  core 1: its version does not do`,
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
  x 1: its version does not do
  y 1: it is not Multi-Arch: allowed
  gone: no archive has it
  q 1: it provides v without a version
  p 1: it provides v in version 2
  w 1: the request leaves w out`,
  );
});

test('an older version that would do says what stands before it', () => {
  const world = packages('app; Depends: lib (<< 2)', 'lib 1', 'lib 2');
  refuses(
    { world, request: 'app' },
    `
app 1 cannot be installed: it needs lib (<< 2)
  lib 2: its version does not do
  lib 1: version 2 takes precedence`,
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
postfix 1 and exim 1 cannot be together: postfix conflicts with mta
  postfix comes by web -> a -> postfix
  exim is asked for by exim`,
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
  db comes by app -> db
  engine1 1: its own dependencies cannot be met
    engine1 1 cannot be installed: it needs libold (>= 5)
      engine1 comes by app -> db -> engine1
      libold 4: its version does not do
  engine2 1: it brings tool 1 and base 1, which cannot be together
    tool 1 and base 1 cannot be together: tool breaks base (<< 2)
      tool comes by app -> db -> engine2 -> tool
      base comes by app -> db -> base`,
  );
});

test('what is installed already', () => {
  const world = packages('app; Conflicts: old', 'new; Depends: libc (>= 2)');
  const installed = packages('old', 'libc 1');
  refuses(
    { world, request: 'app', policy: { installed } },
    'app 1 and old 1 cannot be together: app conflicts with old\n  app is asked for by app\n  old is installed already',
  );
  refuses(
    { world, request: 'new', policy: { installed } },
    'new 1 cannot be installed: it needs libc (>= 2)\n  libc 1: its version does not do',
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
  lost: no archive has it`,
  );
});
