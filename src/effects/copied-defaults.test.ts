import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loginFiles, nameServiceSwitch, postgresqlFiles } from './copied-defaults.ts';
import { terminfo } from './terminfo.ts';
import { effectInput, elfNeeding, picture } from './testing.ts';

test('nsswitch.conf comes from libc-bin where libc6 is', () => {
  const donors = { 'libc-bin': { 'usr/share/libc-bin/nsswitch.conf': 'hosts: files dns\n' } };
  const packages = [{ name: 'libc6' }];
  assert.deepEqual(picture(nameServiceSwitch(effectInput({ donors, packages }))), {
    'etc/nsswitch.conf': 'file 0644 hosts: files dns\n',
  });
  assert.deepEqual(nameServiceSwitch(effectInput({ donors })), []);
  assert.deepEqual(nameServiceSwitch(effectInput({ donors, packages, tree: { 'etc/nsswitch.conf': 'mine' } })), []);
});

test('login files only for a shell and a login that are there', () => {
  const tree = {
    'usr/share/base-files/profile': 'P',
    'usr/share/base-files/dot.profile': 'D',
    'usr/share/base-files/dot.bashrc': 'B',
    'usr/share/base-files/motd': 'M',
  };
  const made = (more: Readonly<Record<string, string>>) =>
    picture(loginFiles(effectInput({ tree: { ...tree, ...more } })));
  assert.deepEqual(made({}), {});
  assert.deepEqual(made({ 'usr/bin/sh': '' }), { 'etc/profile': 'file 0644 P', 'root/.profile': 'file 0644 D' });
  assert.deepEqual(made({ 'usr/bin/bash': '', 'usr/sbin/sshd': '', 'etc/profile': 'mine' }), {
    'root/.profile': 'file 0644 D',
    'root/.bashrc': 'file 0644 B',
    'etc/motd': 'file 0644 M',
  });
});

test('what the postinst of postgresql-common copies and makes', () => {
  const tree = { 'usr/share/postgresql-common/createcluster.conf': 'ssl = on\n', 'usr/sbin/pg_updatedicts': '' };
  assert.deepEqual(picture(postgresqlFiles(effectInput({ tree, packages: [{ name: 'postgresql-common' }] }))), {
    'var/cache/postgresql': 'directory 0755',
    'var/cache/postgresql/dicts': 'directory 0755',
    'etc/postgresql-common/createcluster.conf': 'file 0644 ssl = on\n',
  });
  assert.deepEqual(postgresqlFiles(effectInput({ tree })), []);
});

test('terminal descriptions come with a program that reads them', () => {
  const donors = {
    'ncurses-base': {
      'usr/share/terminfo/x/xterm': 'X',
      'usr/share/terminfo/d/dumb': 'D',
      'usr/share/terminfo/v/vt100': 'V',
      'usr/lib/terminfo/l/linux': 'L',
    },
  };
  const program = (needed: string) => ({ 'usr/bin/less': { elf: elfNeeding('libc.so.6', needed) } });
  assert.deepEqual(picture(terminfo(effectInput({ donors, tree: program('libtinfo.so.6') }))), {
    'usr/share/terminfo/d/dumb': 'file 0644 D',
    'usr/lib/terminfo/l/linux': 'file 0644 L',
    'usr/share/terminfo/x/xterm': 'file 0644 X',
  });
  assert.deepEqual(terminfo(effectInput({ donors, tree: program('libz.so.1') })), []);
  const installed = { ...program('libtinfo.so.6'), 'usr/share/terminfo/x/xterm': '' };
  assert.equal(picture(terminfo(effectInput({ donors, tree: installed })))['usr/share/terminfo/x/xterm'], undefined);
});
