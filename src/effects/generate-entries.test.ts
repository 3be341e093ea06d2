import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateEntries } from './generate-entries.ts';
import { effectInput } from './testing.ts';

const base = 'dev proc run sys tmp root home var/tmp usr/bin usr/lib usr/sbin'.split(' ');
const tree = Object.fromEntries(base.map((path) => [path, { type: 'directory' } as const]));

test('all effects together: sorted, every path once, at the time of the image', () => {
  const result = generateEntries(effectInput({ tree, packages: [{ name: 'libc6' }, { name: 'redis' }] }));
  const paths = result.entries.map(({ path }) => path);
  assert.deepEqual(paths, [...new Set(paths)].sort());
  assert.deepEqual(paths, [
    'bin',
    'etc/group',
    'etc/passwd',
    'home/nonroot',
    'lib',
    'lib64',
    'sbin',
    'usr/lib64',
    'var/lib/dpkg/status.d/libc6',
    'var/lib/dpkg/status.d/libc6.md5sums',
    'var/lib/dpkg/status.d/redis',
    'var/lib/dpkg/status.d/redis.md5sums',
    'var/lock',
    'var/run',
  ]);
  assert.ok(result.entries.every(({ mtime, because }) => mtime === 1_700_000_000 && because !== ''));
  assert.equal(result.user.text, '65532:65532');
});

test('an image of plain files gets nothing that nobody asked for', () => {
  const result = generateEntries(effectInput({ tree: { app: 'binary' }, settings: { base: 'none' } }));
  assert.deepEqual(result.entries, []);
  assert.equal(result.user.text, '65532:65532');
});

test('the order of the input says nothing', () => {
  const one = { 'usr/lib/sysusers.d/a.conf': 'u zebra -\n', 'usr/lib/sysusers.d/b.conf': 'u antelope -\n' };
  const other = { 'usr/lib/sysusers.d/a.conf': 'u antelope -\n', 'usr/lib/sysusers.d/b.conf': 'u zebra -\n' };
  const passwd = (files: typeof one) => generateEntries(effectInput({ tree: { ...tree, ...files } })).accounts;
  assert.deepEqual(passwd(one), passwd(other));
});
