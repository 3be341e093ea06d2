import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, isSlimimageError } from '../../errors.ts';
import { parseStanza } from '../../formats/deb822/stanza.ts';
import { readInstalled } from './installed.ts';
import { packageRecord } from './record.ts';

const release = { suite: 'stable', codename: 'trixie', version: '13.2', origin: 'Debian', label: 'Debian' };
const origin = { archive: 'debian', suite: 'trixie', component: 'main', priority: 500, release };
const hash = 'ab'.repeat(32);

function record(text: string) {
  return packageRecord(parseStanza(text), origin, { architecture: 'amd64' });
}

test('a stanza of Packages becomes a record', () => {
  const text = `Package: libssl3t64
Source: openssl (3.5.1-1)
Version: 3.5.1-1+b1
Installed-Size: 7000
Architecture: amd64
Multi-Arch: same
Depends: libc6 (>= 2.38), libzstd1
Pre-Depends: dpkg
Breaks: openssh-client (<< 1:9.4p1)
Provides: libssl3 (= 3.5.1-1+b1), ssl
Section: libs
Priority: optional
Filename: pool/main/o/openssl/libssl3t64_3.5.1-1+b1_amd64.deb
Size: 2400000
SHA256: ${hash}
`;
  assert.deepEqual(record(text), {
    name: 'libssl3t64',
    version: '3.5.1-1+b1',
    architecture: 'amd64',
    source: { name: 'openssl', version: '3.5.1-1' },
    essential: false,
    priority: 'optional',
    section: 'libs',
    multiArch: 'same',
    preDepends: [[{ name: 'dpkg' }]],
    depends: [[{ name: 'libc6', operator: '>=', version: '2.38' }], [{ name: 'libzstd1' }]],
    recommends: [],
    conflicts: [],
    breaks: [{ name: 'openssh-client', operator: '<<', version: '1:9.4p1' }],
    replaces: [],
    provides: [{ name: 'libssl3', operator: '=', version: '3.5.1-1+b1' }, { name: 'ssl' }],
    installedSize: 7000,
    size: 2400000,
    sha256: hash,
    origin: { ...origin, path: 'pool/main/o/openssl/libssl3t64_3.5.1-1+b1_amd64.deb' },
  });
});

test("a source's name and version: given, given in part, or the binary's own", () => {
  const source = (line: string) => record(`Package: a\nVersion: 1-1\nArchitecture: all\n${line}`).source;
  assert.deepEqual(source(''), { name: 'a', version: '1-1' });
  assert.deepEqual(source('Source: s\n'), { name: 's', version: '1-1' });
  assert.deepEqual(source('Source: s (2)\n'), { name: 's', version: '2' });
});

test('a .deb takes size and hash from the file', () => {
  const stanza = parseStanza('Package: a\nVersion: 1\nArchitecture: all\nEssential: yes\n');
  const made = packageRecord(
    stanza,
    { ...origin, archive: 'file', path: './a.deb' },
    { architecture: 'amd64', file: { size: 12, sha256: hash } },
  );
  assert.deepEqual([made.size, made.sha256, made.origin.path, made.essential], [12, hash, './a.deb', true]);
});

test('a flat archive writes ./ before its paths', () => {
  assert.equal(record('Package: a\nVersion: 1\nArchitecture: all\nFilename: ./a.deb\n').origin.path, 'a.deb');
});

test('what cannot be is refused', () => {
  const refuses = (text: string, code: ErrorCode) =>
    assert.throws(
      () => record(text),
      (error) => isSlimimageError(error, code),
      text,
    );
  refuses('Package: a\nVersion: 1\n', 'DEB822_INVALID');
  refuses('Package: ../a\nVersion: 1\nArchitecture: all\n', 'DEB822_INVALID');
  refuses('Package: a\nVersion: 1/2\nArchitecture: all\n', 'DEB822_INVALID');
  refuses('Package: a\nVersion: 1\nArchitecture: all\nDepends: (\n', 'DEPENDENCY_INVALID');
  for (const path of ['../a.deb', '/a.deb', 'a//b.deb', 'a/../../b', 'a b', 'a?b', 'a\\b']) {
    refuses(`Package: a\nVersion: 1\nArchitecture: all\nFilename: ${path}\n`, 'PATH_UNSAFE');
  }
});

test('installed packages: status and status.d, without what was removed', () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  const stanza = (name: string, status?: string) =>
    `Package: ${name}\n${status === undefined ? '' : `Status: ${status}\n`}Version: 1\nArchitecture: amd64\n\n`;
  const records = readInstalled({
    architecture: 'amd64',
    status: encode(
      stanza('there', 'install ok installed') +
        stanza('half', 'install ok half-configured') +
        stanza('removed', 'deinstall ok config-files') +
        stanza('never', 'unknown ok not-installed'),
    ),
    statusD: [
      ['tzdata', encode(stanza('tzdata'))],
      ['tzdata.md5sums', encode('d41d8cd98f00b204e9800998ecf8427e  etc/x\n')],
    ],
  });
  assert.deepEqual(
    records.map((record) => record.name),
    ['there', 'half', 'tzdata'],
  );
});
