import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PruneFile, PruneInput, PrunePackage } from './facts.ts';
import { prunePackages } from './prune.ts';

interface Sketch {
  readonly isRoot?: boolean;
  readonly needs?: string;
  readonly files?: readonly PruneFile[];
  readonly postinst?: string;
}

function packageOf(name: string, { isRoot = false, needs = '', files = [], postinst }: Sketch = {}): PrunePackage {
  return {
    name,
    version: '1',
    isRoot,
    needs: needs === '' ? [] : needs.split(' '),
    files,
    scripts: postinst === undefined ? {} : { postinst },
  };
}

function file(path: string, more: Partial<PruneFile> = {}): PruneFile {
  return { path, type: 'file', mode: 0o755, size: 100, ...more };
}

function elf(path: string, needed: string, more: Partial<PruneFile> = {}): PruneFile {
  const facts = { needed: needed === '' ? [] : needed.split(' '), versionsNeeded: {}, versionsDefined: [] };
  return file(path, { elf: facts, ...more });
}

function library(path: string, soname: string, versions: readonly string[] = []): PruneFile {
  return file(path, { elf: { soname, needed: [], versionsNeeded: {}, versionsDefined: versions } });
}

/** `debconf no-evidence listed`, and `+perl-base interpreter` for what stays. */
function outcome(packages: readonly PrunePackage[], more: Partial<PruneInput> = {}): readonly string[] {
  const { cuts, kept } = prunePackages({ packages, started: [], hasOthers: false, isBelow: () => false, ...more });
  return [
    ...cuts.map((cut) => `${cut.package} ${cut.grade} ${cut.candidacy.type}`),
    ...kept.map((one) => `+${one.package} ${one.evidence.type}`),
  ];
}

const starts: Partial<PruneFile> = { reach: { starts: true } };
const debconf = packageOf('debconf', {
  needs: 'perl-base',
  files: [file('usr/bin/debconf', { shebang: '/usr/bin/perl -w' })],
});
const perl = packageOf('perl-base', { needs: 'libcrypt1', files: [elf('usr/bin/perl', 'libcrypt.so.1', starts)] });
const crypt = packageOf('libcrypt1', { files: [library('usr/lib/libcrypt.so.1', 'libcrypt.so.1')] });

function server(needs: string, ...files: readonly PruneFile[]): PrunePackage {
  return packageOf('server', { isRoot: true, needs, files });
}

test('a listed package goes with all that only it needs', () => {
  assert.deepEqual(outcome([server('debconf', elf('usr/bin/dash', '')), debconf, perl, crypt]), [
    'debconf no-evidence listed',
    'libcrypt1 proven orphan',
    'perl-base no-evidence listed',
  ]);
});

test('it is proven where nothing that stays starts what it is told, and no word of what starts programs may mean it', () => {
  assert.deepEqual(outcome([server('debconf', elf('usr/sbin/server', '', starts)), debconf, perl, crypt]), [
    'debconf proven listed',
    'libcrypt1 proven orphan',
    'perl-base proven listed',
  ]);
  const words = elf('usr/sbin/server', '', { reach: { starts: true, words: 'perl' } });
  assert.deepEqual(outcome([server('perl-base', words), perl, crypt]), [
    'libcrypt1 proven orphan',
    'perl-base no-evidence listed',
  ]);
});

test('nothing is proven beside files that nobody read', () => {
  const packages = [server('debconf', elf('usr/sbin/server', '')), debconf];
  assert.deepEqual(outcome(packages, { hasOthers: true }), ['debconf no-evidence listed']);
});

test('what is reached stays, and what it needs', () => {
  const script = file('usr/bin/helper', { shebang: '/usr/bin/env -S perl -w' });
  assert.deepEqual(outcome([server('debconf', script), debconf, perl, crypt]), [
    'debconf no-evidence listed',
    '+perl-base interpreter',
  ]);
});

test('each kind of evidence', () => {
  const candidate = (...files: readonly PruneFile[]) => packageOf('procps', { files });
  const evidence = (kept: PruneFile, wanted: PruneFile, more: Partial<PruneInput> = {}) =>
    outcome([server('procps', kept), candidate(wanted)], more);
  const lib = library('usr/lib/libproc2.so.0', 'libproc2.so.0');
  const ps = elf('usr/bin/ps', '');
  const named = (reach: NonNullable<PruneFile['reach']>) => elf('usr/sbin/server', '', { reach });
  const stays = (type: string) => [`+procps ${type}`];
  assert.deepEqual(evidence(elf('usr/sbin/server', 'libproc2.so.0'), lib), stays('library'));
  assert.deepEqual(evidence(named({ libraries: 'libproc2.so.0', opens: true }), lib), stays('dlopen'));
  assert.deepEqual(evidence(named({ paths: '/bin/ps' }), ps), stays('command'));
  assert.deepEqual(evidence(named({ commands: 'ps' }), ps), stays('command'));
  assert.deepEqual(evidence(named({ words: 'ps', starts: true }), ps), stays('command'));
  assert.deepEqual(evidence(named({ words: 'ps' }), ps), ['procps proven listed']);
  assert.deepEqual(evidence(file('etc/server.conf', { mode: 0o644, reach: { words: 'ps' } }), ps), stays('command'));
  assert.deepEqual(
    evidence(file('etc/server.conf', { mode: 0o644, reach: { paths: '/bin/ps' } }), ps),
    stays('configuration'),
  );
  assert.deepEqual(evidence(named({}), ps, { started: ['/usr/bin/ps'] }), stays('command'));
  assert.deepEqual(evidence(named({}), ps, { started: ['ps'] }), stays('command'));
  const folder = { path: 'usr/lib/procps', type: 'directory', mode: 0o755, size: 0 };
  assert.deepEqual(evidence(named({ paths: '/usr/lib/procps' }), folder), stays('configuration'));
});

test('a symbol version that no library which stays has', () => {
  const needing = file('usr/sbin/server', {
    elf: { needed: ['libp.so.1'], versionsNeeded: { 'libp.so.1': ['P_2'] }, versionsDefined: [] },
  });
  const own = library('usr/lib/private/libp.so.1', 'libp.so.1', ['P_1']);
  const better = packageOf('procps', { files: [library('usr/lib/libp.so.1', 'libp.so.1', ['P_1', 'P_2'])] });
  assert.deepEqual(outcome([server('procps', needing, own), better]), ['+procps library']);
});

test('a script without its interpreter reaches nothing', () => {
  const openssl = packageOf('openssl', { files: [elf('usr/bin/openssl', '')] });
  const script = file('usr/sbin/update-ca-certificates', { shebang: '/bin/sh', reach: { commands: 'openssl' } });
  const packages = [server('openssl', script), openssl];
  assert.deepEqual(outcome(packages), ['openssl proven listed']);
  assert.deepEqual(outcome(packages, { isBelow: (path) => path === 'usr/bin/sh' }), ['+openssl command']);
});

test('a script among data counts where a link leads to it', () => {
  const wrapper = file('usr/share/server/wrapper', { shebang: '/usr/bin/perl' });
  const link: PruneFile = {
    path: 'usr/bin/server',
    type: 'symlink',
    mode: 0o777,
    size: 0,
    linkTarget: '../share/server/wrapper',
  };
  assert.deepEqual(outcome([server('perl-base', wrapper), perl]), ['perl-base proven listed']);
  assert.deepEqual(outcome([server('perl-base', wrapper, link), perl, crypt]), ['+perl-base interpreter']);
});

test('a module is reached where its language has an interpreter', () => {
  const module = packageOf('debconf', { files: [file('usr/share/perl5/Debconf/Client.pm', { mode: 0o644 })] });
  const importing = file('usr/share/perl5/Own.pm', {
    mode: 0o644,
    reach: { imports: 'perl:Debconf::Client perl:strict' },
  });
  assert.deepEqual(outcome([server('debconf', importing), module]), ['debconf proven listed']);
  assert.deepEqual(outcome([server('debconf', importing, file('usr/bin/perl')), module]), ['+debconf import']);
});

test('a service of PAM keeps its common files, and these their modules', () => {
  const service = file('etc/pam.d/server', { mode: 0o644, reach: { words: 'common-auth pam_env.so' } });
  const runtime = packageOf('libpam-runtime', { needs: 'libpam-modules' });
  const modules = packageOf('libpam-modules', { files: [file('usr/lib/security/pam_env.so')] });
  assert.deepEqual(outcome([server('libpam-runtime', service), runtime, modules]), [
    '+libpam-modules configuration',
    '+libpam-runtime configuration',
  ]);
  const pam = library('usr/lib/libpam.so.0', 'libpam.so.0');
  assert.deepEqual(outcome([server('libpam-runtime', pam), runtime, modules]), [
    'libpam-runtime proven listed',
    '+libpam-modules dlopen',
  ]);
});

test('without a place in the list it takes a proof, and every dependant to call it from a script', () => {
  const tool = packageOf('install-tool', { files: [file('usr/bin/install-tool')] });
  const calling = (...files: readonly PruneFile[]) =>
    packageOf('server', { isRoot: true, needs: 'install-tool', files, postinst: 'install-tool --add server\n' });
  assert.deepEqual(outcome([calling(elf('usr/sbin/server', '')), tool]), ['install-tool proven scripts']);
  assert.deepEqual(outcome([calling(elf('usr/bin/dash', '')), tool]), ['+install-tool kept']);
  assert.deepEqual(outcome([server('install-tool', elf('usr/sbin/server', '')), tool]), []);
});

test('a word names a program of a package that its own package depends on, or one that means nothing else', () => {
  const words = elf('usr/sbin/server', '', { reach: { starts: true, words: 'ps run-ps' } });
  const procps = packageOf('procps', { files: [elf('usr/bin/ps', '')] });
  const between = packageOf('between', { isRoot: true, needs: 'procps' });
  const calling = { ...server('procps', words), scripts: { postinst: '#!/bin/sh\nps aux\n' } };
  assert.deepEqual(outcome([server('procps', words), procps]), ['+procps command']);
  assert.deepEqual(outcome([server('between', words), between, procps]), ['procps no-evidence listed']);
  assert.deepEqual(outcome([calling, procps]), ['procps no-evidence listed'], 'its script is what needs it');
  const telling = packageOf('procps', { files: [elf('usr/bin/run-ps', '')] });
  assert.deepEqual(outcome([server('between', words), between, telling]), ['+procps command']);
});

test('what only a cut package needs stays unless it is proven that nothing reaches it', () => {
  const orphan = (...files: readonly PruneFile[]) => [
    packageOf('debconf', { needs: 'orphan' }),
    packageOf('orphan', { files }),
  ];
  const outcomeOf = (kept: PruneFile, ...files: readonly PruneFile[]) =>
    outcome([server('debconf', kept), ...orphan(...files)]);
  const goes = ['debconf proven listed', 'orphan proven orphan'];
  const stays = ['debconf proven listed', '+orphan kept'];
  const tool = elf('usr/bin/tool', '');
  assert.deepEqual(outcomeOf(elf('usr/sbin/server', ''), tool), goes);
  const starting = (words: string) => elf('usr/sbin/server', '', { reach: { starts: true, words } });
  assert.deepEqual(outcomeOf(starting('other'), tool), goes);
  assert.deepEqual(outcomeOf(starting('tool'), tool), stays);
  assert.deepEqual(outcomeOf(starting('tool'), elf('usr/bin/tool-sub', '')), stays, 'tool-%s');
  assert.deepEqual(outcomeOf(elf('usr/bin/bash', ''), tool), stays, 'it starts what it is told');
  const audit = library('usr/lib/libaudit.so.1', 'libaudit.so.1');
  const opening = (words: string) => elf('usr/sbin/server', '', { reach: { opens: true, makes: true, words } });
  assert.deepEqual(outcomeOf(opening('other'), audit), goes);
  assert.deepEqual(outcomeOf(opening('audit'), audit), stays, 'lib%s.so');
  assert.deepEqual(outcomeOf(elf('usr/bin/node', ''), audit), stays, 'its programs may load anything');
  assert.deepEqual(outcomeOf(opening('plugins'), library('usr/lib/plugins/own.so', 'own.so')), stays, 'a plugin');
  assert.deepEqual(outcomeOf(opening('Socket'), library('usr/lib/x/perl/5.40/auto/Socket.so', '')), goes, 'of Perl');
  const nss = library('usr/lib/libnss_x.so.2', 'libnss_x.so.2');
  assert.deepEqual(outcomeOf(elf('usr/sbin/server', ''), nss), goes);
  assert.deepEqual(outcomeOf(library('usr/lib/libc.so.6', 'libc.so.6'), nss), stays, 'nsswitch.conf');
  const naming = (paths: string) => file('etc/server.conf', { mode: 0o644, reach: { paths } });
  const data = file('usr/share/words/english', { mode: 0o644 });
  assert.deepEqual(outcomeOf(naming('/usr/share/other'), data), goes);
  assert.deepEqual(outcomeOf(naming('/usr/share/words'), data), stays, 'it may list the folder');
  assert.deepEqual(outcomeOf(naming('/usr/share/words/english'), data), [
    'debconf proven listed',
    '+orphan configuration',
  ]);
});

test('the order of packages decides nothing', () => {
  const script = file('usr/bin/helper', { shebang: '/usr/bin/perl' });
  const other = packageOf('other', { isRoot: true, files: [file('usr/bin/another', { shebang: '/usr/bin/perl' })] });
  const packages = [server('debconf', script), other, debconf, perl, crypt];
  const pruned = (list: readonly PrunePackage[]) =>
    prunePackages({ packages: list, started: [], hasOthers: false, isBelow: () => false });
  assert.deepEqual(pruned(packages.toReversed()), pruned(packages));
});
