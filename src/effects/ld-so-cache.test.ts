import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ElfFacts } from '../formats/elf/facts.ts';
import { encodeLibraryCache } from '../formats/ldcache/encode.ts';
import { parseLibraryCache } from '../formats/ldcache/parse.ts';
import { libraryCache } from './ld-so-cache.ts';
import { effectInput, elfNeeding, type TreeLiteral } from './testing.ts';

const folder = 'usr/lib/x86_64-linux-gnu';
const layout: TreeLiteral = {
  lib: { type: 'symlink', linkTarget: 'usr/lib' },
  'etc/ld.so.conf': 'include /etc/ld.so.conf.d/*.conf\n',
  'etc/ld.so.conf.d/x86_64-linux-gnu.conf': '# Multiarch\n/lib/x86_64-linux-gnu\n/usr/lib/x86_64-linux-gnu\n',
  'usr/lib': { type: 'directory' },
  [folder]: { type: 'directory' },
};

test('libraries are listed by soname, in the folders of ldconfig, by the name that comes first', () => {
  const result = made({
    'etc/ld.so.conf.d/fakeroot.conf': '/usr/lib/special/ # why\n/nowhere\n',
    'usr/lib/special/libpre-1.so': library({ soname: 'libpre.so.0' }),
    [`${folder}/libfoo.so.1.2`]: library({ soname: 'libfoo.so.1' }),
    [`${folder}/libfoo.so.1`]: { type: 'symlink', linkTarget: 'libfoo.so.1.2' },
    [`${folder}/libfoo.so`]: { type: 'symlink', linkTarget: 'libfoo.so.1.2' },
    [`${folder}/libplain.so`]: library({}),
    [`${folder}/libscript.so`]: 'GROUP ( libfoo.so.1 )',
    [`${folder}/liblink.so.3`]: { type: 'symlink', linkTarget: '/etc/alternatives/liblink' },
    'etc/alternatives/liblink': { type: 'symlink', linkTarget: `/${folder}/impl/liblink.so.3` },
    [`${folder}/impl/liblink.so.3`]: library({ soname: 'liblink.so.3' }),
    [`${folder}/libdangling.so.3`]: { type: 'symlink', linkTarget: 'nothing' },
    [`${folder}/plugin.so`]: library({ soname: 'plugin.so' }),
    'usr/lib/libold.so.1': library({ soname: 'libold.so.1', machine: 'i386', bits: 32 }),
    'usr/lib/libother.so.1': library({ soname: 'libother.so.1', machine: 'aarch64' }),
  });
  assert.deepEqual(result, {
    cache: [
      '/usr/lib/special/libpre.so.0 303',
      '/lib/x86_64-linux-gnu/libplain.so 303',
      '/lib/libold.so.1 3',
      '/lib/x86_64-linux-gnu/liblink.so.3 303',
      '/lib/x86_64-linux-gnu/libfoo.so.1 303',
      '/lib/x86_64-linux-gnu/libfoo.so 303',
    ],
    links: ['usr/lib/special/libpre.so.0 -> libpre-1.so'],
    generator: 'ldconfig (Debian GLIBC 2.41-12) stable release version 2.41',
  });
});

test('of two files with one soname the newer name is linked; glibc-hwcaps has files and no links', () => {
  const result = made({
    [`${folder}/libfoo.so.1.9`]: library({ soname: 'libfoo.so.1' }),
    [`${folder}/libfoo.so.1.10`]: library({ soname: 'libfoo.so.1' }),
    [`${folder}/glibc-hwcaps`]: { type: 'directory' },
    [`${folder}/glibc-hwcaps/x86-64-v3`]: { type: 'directory' },
    [`${folder}/glibc-hwcaps/x86-64-v3/libfoo.so.1.10`]: library({ soname: 'libfoo.so.1' }),
    [`${folder}/glibc-hwcaps/README`]: 'no folder',
  });
  assert.deepEqual(result.cache, [
    '/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libfoo.so.1.10 303 x86-64-v3',
    '/lib/x86_64-linux-gnu/libfoo.so.1 303',
  ]);
  assert.deepEqual(result.links, [`${folder}/libfoo.so.1 -> libfoo.so.1.10`]);
});

test('no libc6, no cache; one that is there stays', () => {
  assert.deepEqual(libraryCache(effectInput({ tree: layout })), []);
  const packages = [{ name: 'libc6', version: '2.41-12' }];
  assert.deepEqual(libraryCache(effectInput({ tree: { ...layout, 'etc/ld.so.cache': 'mine' }, packages })), []);
  const donors = {
    'libc-bin': { 'etc/ld.so.conf': 'include /etc/ld.so.conf.d/*.conf', 'etc/ld.so.conf.d/libc.conf': '/opt/lib' },
  };
  const tree = { 'opt/lib/libapp.so.1': library({ soname: 'libapp.so.1' }) };
  const cache = libraryCache(effectInput({ tree, packages, donors })).at(-1)?.content as Uint8Array;
  assert.equal(parseLibraryCache(cache).entries[0]?.path, '/opt/lib/libapp.so.1');
});

test('on another image its entries stay, and new libraries join them', () => {
  const text = { 'etc/passwd': '', 'etc/ld.so.cache': '' };
  const generator = 'ldconfig (Debian GLIBC 2.41-12) stable release version 2.41';
  const entry = { name: 'libc.so.6', path: '/lib/x86_64-linux-gnu/libc.so.6', flags: 0x0303 };
  const below = encodeLibraryCache({ generator, byteOrder: 'little', entries: [entry] });
  const on = (tree: TreeLiteral) => {
    const input = effectInput({
      tree: { ...layout, ...text, ...tree },
      settings: { existing: { passwd: '', group: '' } },
    });
    const read = (path: string) => (path === 'etc/ld.so.cache' ? below : input.tree.read(path));
    return libraryCache({ ...input, tree: { ...input.tree, read } });
  };
  const content = on({ [`${folder}/libnew.so.1`]: library({ soname: 'libnew.so.1' }) }).at(-1)?.content as Uint8Array;
  const cache = parseLibraryCache(content);
  assert.deepEqual(
    [cache.generator, ...cache.entries.map(({ name }) => name)],
    [generator, 'libnew.so.1', 'libc.so.6'],
  );
  assert.deepEqual(on({}), []);
});

function made(tree: TreeLiteral) {
  const entries = libraryCache(
    effectInput({ tree: { ...layout, ...tree }, packages: [{ name: 'libc6', version: '2.41-12' }] }),
  );
  const cache = parseLibraryCache(entries.at(-1)?.content as Uint8Array);
  return {
    cache: cache.entries.map(({ path, flags, hwcaps }) => {
      return `${path} ${flags.toString(16)}${hwcaps === undefined ? '' : ` ${hwcaps.name}`}`;
    }),
    links: entries.slice(0, -1).map(({ path, linkTarget }) => `${path} -> ${linkTarget}`),
    generator: cache.generator,
  };
}

function library(changes: Partial<ElfFacts>) {
  return { type: 'file' as const, elf: { ...elfNeeding('libc.so.6'), ...changes } };
}
