import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { elfSource, readElf } from '../formats/elf/read-elf.ts';
import { readReach } from './read-reach.ts';

function reachOf(path: string, text: string, shebang?: string) {
  const source = elfSource(new TextEncoder().encode(text));
  return readReach({ path, elf: undefined, shebang, ...source });
}

test('a shell script: names where commands stand, paths anywhere, nothing of comments', () => {
  const text = [
    '# run dpkg',
    'if openssl version; then LANG=C ucf a b; fi',
    'list=$(ps aux | grep x) && command -v ip >/dev/null',
    'exec /usr/sbin/nginx "$@"   # and adduser',
  ].join('\n');
  const reach = reachOf('usr/bin/tool', text, '/bin/sh');
  assert.deepEqual(reach, { paths: '/usr/sbin/nginx', commands: 'exec fi grep ip list openssl ps ucf' });
});

test('Perl: modules, and programs where they are run or quoted', () => {
  const text =
    'use Debconf::Client::ConfModule;\nsystem("ps -ef");\nopen(P, "-|", "top", "x"); my $text = "free it";\n';
  assert.deepEqual(reachOf('usr/bin/tool', text, '/usr/bin/perl -w'), {
    imports: 'perl:Debconf::Client::ConfModule',
    commands: 'ps top',
    words: 'free ps top',
  });
});

test('Python and Ruby modules, and what they run', () => {
  assert.deepEqual(reachOf('usr/lib/python3/a.py', 'import os\nfrom debconf import X\nsubprocess.run(["ip", "a"])\n'), {
    imports: 'python:debconf python:os',
    commands: 'ip',
  });
  assert.deepEqual(reachOf('usr/lib/ruby/a.rb', "require 'debian/x'\n"), { imports: 'ruby:debian/x' });
});

test('libraries that programs of an interpreter load by name', () => {
  const text = "import ctypes.util\nctypes.CDLL('libaudit.so.1')\nctypes.util.find_library('cap-ng')\n";
  assert.deepEqual(reachOf('usr/lib/python3/dist-packages/a.py', text), {
    libraries: 'libaudit.so.1',
    imports: 'python:ctypes',
    words: 'cap-ng libaudit.so.1',
    opens: true,
    makes: true,
  });
});

test('settings: paths; of PAM what is included and loaded', () => {
  assert.deepEqual(reachOf('etc/a.conf', 'run=/bin/ps, http://x/usr/bin/y\n#no\n'), {
    paths: '/bin/ps',
    words: 'http run',
  });
  assert.deepEqual(reachOf('etc/pam.d/a', '@include common-auth\nauth required pam_env.so\n# pam_no.so\n'), {
    words: 'common-auth pam_env.so',
  });
  assert.equal(reachOf('usr/share/a.txt', '/bin/ps'), undefined);
});

const program = '/usr/bin/env';

test('a real program that starts others', { skip: !existsSync(program) && `there is no ${program}` }, () => {
  const source = elfSource(readFileSync(program));
  const reach = readReach({ path: 'usr/bin/env', elf: readElf(source), shebang: undefined, ...source });
  assert.equal(reach?.starts, true);
  assert.match(` ${reach?.paths} `, / \/usr\/share\/locale /);
  assert.equal(reach?.opens, undefined);
});

test('no bytes make it throw', () => {
  const elf = {
    machine: 'x86_64',
    bits: 64,
    type: 'shared',
    needed: ['a'],
    versionsNeeded: {},
    versionsDefined: [],
  } as const;
  const facts = { ...elf, hardening: { pie: false, relro: 'none', nx: false, canary: false } } as const;
  const start = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('a.py', 'etc/a', 'b.sh', 'elf'), (tail, path) => {
      const bytes = path === 'elf' ? Uint8Array.from([...start, ...tail]) : tail;
      readReach({ path, elf: path === 'elf' ? facts : undefined, shebang: undefined, ...elfSource(bytes) });
    }),
    { numRuns: 3000 },
  );
});
