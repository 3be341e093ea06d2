import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import { compareStrings } from '../util/text.ts';
import { diffRootfs } from './diff.ts';
import type { LayerEntry } from './entry.ts';
import { confinePath } from './path.ts';
import { Rootfs } from './rootfs.ts';

/** `d etc`, `f etc/passwd text`, `l bin -> usr/bin`, `h copy -> etc/passwd`; a mode may follow the letter: `f4755 su`. */
function layer(...lines: string[]): LayerEntry[] {
  return lines.map((line): LayerEntry => {
    const [, letter = '', mode, path = '', target, text = ''] =
      /^([dflhp])([0-7]*) (\S*)(?: -> (\S+)| (\S*))?$/.exec(line) ?? assert.fail(line);
    const types = { d: 'directory', f: 'file', l: 'symlink', h: 'hardlink', p: 'fifo' } as const;
    const type = types[letter as keyof typeof types];
    const defaultMode = { directory: 0o755, file: 0o644, symlink: 0o777, hardlink: 0o644, fifo: 0o600 }[type];
    return {
      path,
      type,
      mode: mode ? Number.parseInt(mode, 8) : defaultMode,
      uid: 0,
      gid: 0,
      mtime: 0,
      size: text.length,
      ...(target === undefined ? {} : { linkTarget: target }),
      ...(type === 'file' ? { sha256: text } : {}),
    };
  });
}

/** Path to `TYPE MODE CONTENT-OR-TARGET LAYER`; `?` marks a folder that no layer lists. */
function picture(rootfs: Rootfs): Record<string, string> {
  const lines: Record<string, string> = {};
  for (const { entry, layer: index, implicit } of rootfs.walk()) {
    const what = entry.sha256 ?? entry.linkTarget ?? '';
    const type = `${entry.type}${implicit ? '?' : ''}`;
    lines[entry.path] = `${type} ${entry.mode.toString(8)} ${what} @${index}`.replace('  ', ' ');
  }
  return lines;
}

/** A line a change: `+ path`, `~ path`, `- path`, by path. */
function changesOf(rootfs: Rootfs, layer: number): string[] {
  const signs = { added: '+', changed: '~', removed: '-' };
  const lines = (rootfs.changes[layer] ?? []).map(({ type, path }) => `${signs[type]} ${path}`);
  return lines.sort((a, b) => compareStrings(a.slice(2), b.slice(2)));
}

/** `PATH: SIZE from WRITER, lost by KILLER`. */
function lostFrom(rootfs: Rootfs): string[] {
  return rootfs.lost.map(
    ({ path, size, writtenBy, lostBy }) => `${path}: ${size} from ${writtenBy}, lost by ${lostBy}`,
  );
}

function refused(code: 'OCI_INVALID' | 'PATH_UNSAFE', ...layers: LayerEntry[][]): void {
  assert.throws(
    () => Rootfs.of(layers),
    (error) => isSlimimageError(error, code),
  );
}

describe('Rootfs', () => {
  it('stacks layers: files replaced, folders updated, the last of equal paths counts', () => {
    const rootfs = Rootfs.of([
      layer('d etc', 'f etc/a one', 'f etc/b one', 'f etc/b later'),
      layer('d700 etc', 'f600 etc/a two', 'd etc/c'),
    ]);
    assert.deepEqual(picture(rootfs), {
      etc: 'directory 700 @1',
      'etc/a': 'file 600 two @1',
      'etc/b': 'file 644 later @0',
      'etc/c': 'directory 755 @1',
    });
    assert.equal(rootfs.size, 4);
  });

  it('hides by whiteouts, wherever they stand, nothing of their own layer', () => {
    const rootfs = Rootfs.of([
      layer('d a', 'f a/x 1', 'f a/y 1', 'd b', 'f b/z 1'),
      layer('f a/x 2', 'f a/.wh.x', 'f a/.wh.y', 'f .wh.b', 'f .wh.nothing', 'f nowhere/.wh.x'),
    ]);
    assert.deepEqual(picture(rootfs), { a: 'directory 755 @0', 'a/x': 'file 644 2 @1' });
    assert.equal(rootfs.size, 2);
  });

  it('hides everything in an opaque folder, and forgets what AUFS left', () => {
    const rootfs = Rootfs.of([
      layer('d a', 'f a/x 1', 'd a/b', 'f a/b/y 1'),
      layer('d a', 'f a/new 2', 'f a/.wh..wh..opq', 'f .wh..wh.plnk', 'f .wh..wh.aufs/x'),
    ]);
    assert.deepEqual(picture(rootfs), { a: 'directory 755 @1', 'a/new': 'file 644 2 @1' });
  });

  it('hides nothing of where a link leads that the layer replaces by a folder of its own', () => {
    const rootfs = Rootfs.of([
      layer('d a', 'f a/x 1', 'l link -> a', 'l other -> a'),
      layer('d link', 'f link/.wh..wh..opq', 'f link/.wh.x', 'f link/new 2', 'f other/.wh.none'),
    ]);
    assert.deepEqual(picture(rootfs), {
      a: 'directory 755 @0',
      'a/x': 'file 644 1 @0',
      link: 'directory 755 @1',
      'link/new': 'file 644 2 @1',
      other: 'symlink 777 a @0',
    });
  });

  it('replaces a folder by a file or link with all that is in it, and a file by a folder', () => {
    const rootfs = Rootfs.of([
      layer('d a', 'd a/b', 'f a/b/x 1', 'f c 1', 'd lib', 'f lib/old 1'),
      layer('f a 2', 'd c', 'f c/y 2', 'l lib -> usr/lib', 'd usr', 'd usr/lib'),
    ]);
    assert.deepEqual(picture(rootfs), {
      a: 'file 644 2 @1',
      c: 'directory 755 @1',
      'c/y': 'file 644 2 @1',
      lib: 'symlink 777 usr/lib @1',
      usr: 'directory 755 @1',
      'usr/lib': 'directory 755 @1',
    });
  });

  it('writes and hides through links to folders, and a folder entry replaces the link', () => {
    const base = layer('d usr', 'd usr/lib', 'f usr/lib/old 1', 'l lib -> usr/lib', 'l abs -> /usr/../usr/lib');
    const through = Rootfs.of([base, layer('f lib/x 2', 'f abs/y 2', 'f lib/.wh.old')]);
    assert.deepEqual(Object.keys(picture(through)), ['abs', 'lib', 'usr', 'usr/lib', 'usr/lib/x', 'usr/lib/y']);
    const replaced = Rootfs.of([base, layer('d lib', 'f lib/x 2')]);
    assert.equal(replaced.get('lib/x')?.layer, 1);
    assert.equal(replaced.get('usr/lib/x'), undefined);
  });

  it('makes missing folders', () => {
    assert.deepEqual(picture(Rootfs.of([layer('f a/b/x 1')])), {
      a: 'directory? 755 @0',
      'a/b': 'directory? 755 @0',
      'a/b/x': 'file 644 1 @0',
    });
  });

  it('gives hard links the file that they share, also of a lower layer, and keeps it when a name is replaced', () => {
    const rootfs = Rootfs.of([layer('f4755 su 1', 'h again -> su'), layer('h third -> su', 'f su 2')]);
    assert.deepEqual(picture(rootfs), {
      again: 'file 4755 1 @0',
      su: 'file 644 2 @1',
      third: 'file 4755 1 @1',
    });
    assert.deepEqual(rootfs.get('third')?.origin, { layer: 0, index: 0 });
    assert.equal(rootfs.get('third')?.inode, rootfs.get('again')?.inode);
    assert.notEqual(rootfs.get('su')?.inode, rootfs.get('again')?.inode);
    const self = Rootfs.of([layer('f a 1'), layer('h a -> a')]);
    assert.deepEqual(picture(self), { a: 'file 644 1 @0' });
  });

  it('refuses what can not be', () => {
    refused('OCI_INVALID', layer('f a 1', 'f a/b 1'));
    refused('OCI_INVALID', layer('h a -> nothing'));
    refused('OCI_INVALID', layer('d a', 'h b -> a'));
    refused('OCI_INVALID', layer('f  1'));
    refused('OCI_INVALID', layer('l a -> b', 'l b -> a', 'f a/x 1'));
    refused('PATH_UNSAFE', layer('d a', 'f a/.wh...'));
    refused('PATH_UNSAFE', layer('f .wh.'));
    refused('PATH_UNSAFE', layer('f .wh.a/b'));
    const deep = Array.from({ length: 200 }, () => 'x').join('/');
    refused('PATH_UNSAFE', layer(`d ${deep}`, `l l -> ${deep}`, `f l/${deep} 1`));
  });

  it('resolves as a process inside would', () => {
    const rootfs = Rootfs.of([
      layer(
        'd usr',
        'd usr/bin',
        'f usr/bin/python3.13 py',
        'l usr/bin/python3 -> python3.13',
        'l bin -> usr/bin',
        'l up -> ../../../../usr/bin/./python3',
        'l loop -> loop',
        'l dangling -> /nowhere',
        'l abs -> /bin/python3',
      ),
    ]);
    for (const path of ['bin/python3', '/bin/../bin/python3', 'up', 'abs', '../abs']) {
      assert.equal(rootfs.resolve(path)?.entry.path, 'usr/bin/python3.13', path);
    }
    assert.equal(rootfs.resolve('abs', { followLast: false })?.entry.type, 'symlink');
    for (const path of ['loop', 'dangling', 'usr/bin/python3/x', 'usr/bin/python3/..', 'no']) {
      assert.equal(rootfs.resolve(path), undefined, path);
    }
    assert.equal(rootfs.resolve('/')?.entry.path, '');
    assert.deepEqual(
      rootfs.list('bin')?.map(({ entry }) => entry.path),
      ['usr/bin/python3', 'usr/bin/python3.13'],
    );
    assert.equal(rootfs.list('abs'), undefined);
  });

  it('tells two trees apart', () => {
    const a = Rootfs.of([layer('d etc', 'f etc/x 1', 'f etc/gone 1', 'l l -> a')]);
    const b = Rootfs.of([layer('d700 etc', 'f etc/x 2', 'f etc/new 1', 'f l 1')]);
    const { added, removed, changed } = diffRootfs(a, b);
    assert.deepEqual(
      added.map(({ path }) => path),
      ['etc/new'],
    );
    assert.deepEqual(
      removed.map(({ path }) => path),
      ['etc/gone'],
    );
    assert.deepEqual(
      changed.map(({ path, aspects }) => [path, aspects]),
      [
        ['etc', ['mode']],
        ['etc/x', ['content']],
        ['l', ['type']],
      ],
    );
    assert.deepEqual(diffRootfs(a, a), { added: [], removed: [], changed: [] });
  });

  it('tells what each layer did to the tree below it', () => {
    const rootfs = Rootfs.of([
      layer('d etc', 'f etc/a 1', 'd old', 'd old/deep', 'f old/deep/x 1', 'l bin -> usr/bin', 'f usr/bin/sh 1'),
      layer('d etc', 'f etc/a 1', 'f etc/.wh.nothing', 'f .wh.old', 'f bin/new 1', 'f usr/bin/.wh.sh'),
      layer('d700 etc', 'f etc/b 1', 'f .wh.etc', 'l etc/a -> b', 'd usr/bin', 'f usr/bin/.wh..wh..opq'),
      layer(),
    ]);
    assert.deepEqual(changesOf(rootfs, 0), [
      ...['+ bin', '+ etc', '+ etc/a', '+ old', '+ old/deep', '+ old/deep/x', '+ usr', '+ usr/bin', '+ usr/bin/sh'],
    ]);
    assert.deepEqual(changesOf(rootfs, 1), [
      ...['~ etc/a', '- old', '- old/deep', '- old/deep/x', '+ usr/bin/new', '- usr/bin/sh'],
    ]);
    assert.deepEqual(changesOf(rootfs, 2), ['~ etc', '~ etc/a', '+ etc/b', '- usr/bin/new']);
    assert.deepEqual(changesOf(rootfs, 3), []);
    const [folder] = rootfs.changes[2]?.filter(({ path }) => path === 'etc') ?? [];
    assert.deepEqual([folder?.before?.entry.mode, folder?.after?.entry.mode], [0o755, 0o700]);
  });

  it('tells the outcome of a layer that has second thoughts, and each state as it was then', () => {
    const rootfs = Rootfs.of([
      layer('d a', 'f a/x 1', 'f b 1'),
      layer('d700 a', 'f a 2', 'd a', 'f a/x 3', 'f c 1', 'l c -> b', 'f b/.wh.x'),
      layer('d711 a', 'f .wh.b'),
    ]);
    assert.deepEqual(changesOf(rootfs, 1), ['~ a/x', '+ c']);
    assert.deepEqual(changesOf(rootfs, 2), ['~ a', '- b']);
    const modes = rootfs.changes.map((changes) => changes.find(({ path }) => path === 'a')?.after?.entry.mode);
    assert.deepEqual(modes, [0o755, undefined, 0o711]);
  });

  it('attributes lost content to the layer that wrote it and the one that took its last name', () => {
    const rootfs = Rootfs.of([
      layer('f a 1', 'f a 22', 'd d', 'f d/x 333', 'f d/empty', 'h d/y -> d/x', 'f kept 4444', 'h again -> kept'),
      layer('f .wh.a plain', 'f d/.wh.x', 'f .wh..wh.aufs 55', 'h d/z -> kept', 'f kept 666666'),
      layer('f .wh.d', 'f .wh.again'),
    ]);
    assert.deepEqual(lostFrom(rootfs), [
      'a: 1 from 0, lost by 0',
      '.wh.a: 5 from 1, lost by 1',
      'a: 2 from 0, lost by 1',
      '.wh..wh.aufs: 2 from 1, lost by 1',
      'd/x: 3 from 0, lost by 2',
      'kept: 4 from 0, lost by 2',
    ]);
    const moved = Rootfs.of([layer('d a', 'f a/b 1'), layer('h a -> a/b')]);
    assert.deepEqual([lostFrom(moved), picture(moved)], [[], { a: 'file 644 1 @1' }]);
  });

  it('takes 100,000 files in a moment', () => {
    const entries: LayerEntry[] = layer('d usr');
    for (let folder = 0; folder < 1000; folder++) {
      entries.push(...layer(`d usr/${folder}`));
      for (let file = 0; file < 100; file++)
        entries.push({ ...entries[0], path: `usr/${folder}/${file}`, type: 'file' } as LayerEntry);
    }
    const rootfs = Rootfs.of([entries, entries]);
    assert.equal(rootfs.size, 101_001);
    assert.equal([...rootfs.walk('usr/7')].length, 100);
  });

  it('keeps its promises for any layers', () => {
    const name = fc.constantFrom('a', 'b', 'c', '.wh.a', '.wh.b', '.wh..wh..opq');
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const target = fc.constantFrom('a', '/b', '../c', 'a/b', '..', '/', 'b/../a/c');
    const entry = fc.tuple(fc.constantFrom('d', 'f', 'l', 'h'), path, target).map(([letter, where, to]) => {
      if (letter === 'l') return `l ${where} -> ${to}`;
      if (letter === 'h') return `h ${where} -> ${where.split('/').at(-1)}`;
      return letter === 'd' ? `d ${where}` : `f ${where} ${to}`;
    });
    const layers = fc.array(fc.array(entry, { maxLength: 8 }), { maxLength: 4 });
    fc.assert(
      fc.property(layers, (lines) => {
        let rootfs: Rootfs;
        try {
          rootfs = Rootfs.of(lines.map((each) => layer(...each)));
        } catch (error) {
          assert.ok(isSlimimageError(error), String(error));
          return;
        }
        let count = 0;
        for (const node of rootfs.walk()) {
          count++;
          assert.equal(rootfs.get(node.entry.path), node);
          assert.equal(confinePath(node.entry.path), node.entry.path);
          assert.notEqual(node.entry.type, 'hardlink');
          assert.ok(!node.entry.path.includes('.wh.'));
          const parent = rootfs.get(node.entry.path.split('/').slice(0, -1).join('/'));
          assert.equal(parent?.entry.type, 'directory');
        }
        assert.equal(rootfs.size, count);
        const written = lines.flatMap((each) => layer(...each)).filter(({ type }) => type === 'file');
        assert.equal(sum(written), visibleBytes(rootfs) + sum(rootfs.lost));
        assert.deepEqual(replayed(rootfs), Object.keys(picture(rootfs)).sort(compareStrings));
      }),
      { numRuns: 10_000 },
    );
  });
});

function sum(sized: readonly { readonly size: number }[]): number {
  return sized.reduce((total, { size }) => total + size, 0);
}

/** Each content once, however many names it has. */
function visibleBytes(rootfs: Rootfs): number {
  return sum([...new Map([...rootfs.walk()].map(({ inode, entry }) => [inode, entry])).values()]);
}

/** The paths that the changes of all layers leave. */
function replayed(rootfs: Rootfs): string[] {
  const paths = new Set<string>();
  for (const { type, path, before } of rootfs.changes.flat()) {
    if (path === '') continue;
    assert.equal(paths.has(path), type !== 'added', path);
    assert.equal(before === undefined, type === 'added', path);
    if (type === 'removed') paths.delete(path);
    else paths.add(path);
  }
  return [...paths].sort(compareStrings);
}
