import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readAlternativeCall } from './alternative-calls.ts';
import { formatAlternative, playAlternatives } from './alternative-groups.ts';
import { alternatives } from './alternatives.ts';
import { scriptCalls } from './script-calls.ts';
import { effectInput, picture, type TreeLiteral } from './testing.ts';

function made(options: {
  readonly scripts: Readonly<Record<string, string>>;
  readonly tree: TreeLiteral;
}): Readonly<Record<string, string>> {
  const packages = Object.entries(options.scripts).map(([name, postinst]) => ({ name, scripts: { postinst } }));
  const input = effectInput({ ...options, packages });
  return picture(alternatives(input, scriptCalls(input)));
}

const mawk = `update-alternatives --install /usr/bin/awk awk /usr/bin/mawk 5 \\
  --slave /usr/bin/nawk nawk /usr/bin/mawk --slave /usr/share/man/man1/awk.1.gz awk.1.gz /usr/share/man/man1/mawk.1.gz`;
const gawk = mawk.replaceAll('mawk', 'gawk').replace(' 5 ', ' 10 ');

test('the best choice of all packages, its slaves as far as their files are there, and what remembers them', () => {
  assert.deepEqual(made({ scripts: { mawk, gawk }, tree: { 'usr/bin/mawk': '', 'usr/bin/gawk': '' } }), {
    'etc/alternatives/awk': '-> /usr/bin/gawk',
    'usr/bin/awk': '-> /etc/alternatives/awk',
    'etc/alternatives/nawk': '-> /usr/bin/gawk',
    'usr/bin/nawk': '-> /etc/alternatives/nawk',
    'var/lib/dpkg/alternatives/awk': `file 0644 auto
/usr/bin/awk
awk.1.gz
/usr/share/man/man1/awk.1.gz
nawk
/usr/bin/nawk

/usr/bin/gawk
10
/usr/share/man/man1/gawk.1.gz
/usr/bin/gawk
/usr/bin/mawk
5
/usr/share/man/man1/mawk.1.gz
/usr/bin/mawk

`,
  });
});

test('a choice that is not in the image leaves the place to the next', () => {
  const { 'usr/bin/awk': link, 'etc/alternatives/awk': choice } = made({
    scripts: { mawk, gawk },
    tree: { 'usr/bin/mawk': '', 'usr/bin/gawk': { type: 'symlink', linkTarget: '../lib/gone' } },
  });
  assert.deepEqual([link, choice], ['-> /etc/alternatives/awk', '-> /usr/bin/mawk']);
  assert.deepEqual(made({ scripts: { mawk, gawk }, tree: {} }), {});
});

test('a link below a folder that is a link; a packaged file in its place stays', () => {
  const scripts = { nc: 'update-alternatives --install /bin/nc nc /bin/nc.openbsd 50' };
  const bin = { bin: { type: 'symlink', linkTarget: 'usr/bin' }, 'usr/bin/nc.openbsd': '' } as const;
  assert.deepEqual(Object.keys(made({ scripts, tree: bin })), [
    'etc/alternatives/nc',
    'usr/bin/nc',
    'var/lib/dpkg/alternatives/nc',
  ]);
  assert.deepEqual(Object.keys(made({ scripts, tree: { ...bin, 'usr/bin/nc': 'the package has one' } })), [
    'etc/alternatives/nc',
    'var/lib/dpkg/alternatives/nc',
  ]);
});

test('of two choices of one priority the first that was installed stays', () => {
  const call = (name: string) => `update-alternatives --install /usr/bin/x x /usr/bin/${name} 5`;
  const tree = { 'usr/bin/a': '', 'usr/bin/b': '' };
  assert.equal(made({ scripts: { a: call('a'), b: call('b') }, tree })['etc/alternatives/x'], '-> /usr/bin/a');
  assert.equal(made({ scripts: { a: call('b'), b: call('a') }, tree })['etc/alternatives/x'], '-> /usr/bin/b');
});

test('removed, set by hand, set back', () => {
  const tree = { 'usr/bin/a': '', 'usr/bin/b': '' };
  const install = (name: string, priority: number) =>
    `update-alternatives --install /usr/bin/x x /usr/bin/${name} ${priority}\n`;
  const choice = (...calls: readonly string[]) => made({ scripts: { p: calls.join('') }, tree })['etc/alternatives/x'];
  const both = [install('a', 1), install('b', 2)];
  assert.equal(choice(...both, 'update-alternatives --remove x /usr/bin/b\n'), '-> /usr/bin/a');
  assert.equal(choice(...both, 'update-alternatives --set x /usr/bin/a\n'), '-> /usr/bin/a');
  assert.equal(
    choice(...both, 'update-alternatives --set x /usr/bin/a\nupdate-alternatives --auto x'),
    '-> /usr/bin/b',
  );
  assert.equal(choice(...both, 'update-alternatives --quiet --remove-all x\n'), undefined);
});

test('words that only a shell would know, and what update-alternatives refuses, ask for nothing', () => {
  for (const call of [
    '--install /usr/bin/x x /usr/bin/a',
    '--install usr/bin/x x /usr/bin/a 5',
    '--install /usr/bin/x ../x /usr/bin/a 5',
    '--install /usr/bin/../x x /usr/bin/a 5',
    '--install /usr/bin/x x /usr/bin/a high',
    '--install /usr/bin/x x /usr/bin/\0 5',
    '--display x',
  ]) {
    assert.equal(readAlternativeCall(call.split(' ')), undefined, call);
  }
});

const tool = '/usr/bin/update-alternatives';

test('any calls leave what the real update-alternatives leaves', { skip: !existsSync(tool) }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'slimimage-alternatives-'));
  const names = fc.constantFrom('a', 'b', 'c');
  const call = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ install: names, priority: fc.integer({ min: 1, max: 3 }), slave: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ remove: names }) },
    { weight: 1, arbitrary: fc.record({ set: names }) },
  );
  try {
    let run = 0;
    fc.assert(
      fc.property(fc.array(call, { minLength: 2, maxLength: 6 }), (calls) => {
        const root = join(folder, String(run++));
        for (const name of ['', 'alt', 'admin', 'bin']) mkdirSync(join(root, name));
        for (const name of ['a', 'b', 'c', 'c-slave']) writeFileSync(join(root, 'bin', name), '');
        const bin = (name: string) => join(root, 'bin', name);
        const words = calls.map((one) => {
          if ('remove' in one) return ['--remove', 'x', bin(one.remove)];
          if ('set' in one) return ['--set', 'x', bin(one.set)];
          const slave = ['--slave', bin('y-link'), 'y', bin(`${one.install}-slave`)];
          const install = ['--install', bin('x-link'), 'x', bin(one.install), String(one.priority)];
          return one.slave ? [...install, ...slave] : install;
        });
        const folders = ['--altdir', join(root, 'alt'), '--admindir', join(root, 'admin'), '--log', '/dev/null'];
        for (const one of words) spawnSync(tool, ['--quiet', ...folders, ...one], { env: { LC_ALL: 'C' } });
        const sourced = words.flatMap((one) => {
          const read = readAlternativeCall(one);
          return read === undefined ? [] : [{ call: read, source: '', isDoubtful: false }];
        });
        const group = playAlternatives(sourced, existsSync)[0];
        const admin = join(root, 'admin', 'x');
        assert.equal(group && formatAlternative(group), existsSync(admin) ? readFileSync(admin, 'utf8') : undefined);
        if (group !== undefined) assert.equal(readlinkSync(join(root, 'alt/x')), group.current.path);
        assert.equal(
          readdirSync(join(root, 'alt')).includes('y'),
          group?.current.path === bin('c') && group.current.slaves.has('y'),
        );
      }),
      { numRuns: 40 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
