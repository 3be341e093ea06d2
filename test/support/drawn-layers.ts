import type { LayerEntry } from '../../src/rootfs/entry.ts';
import { ancestorPaths, baseName, isWithin, joinPath, parentPath } from '../../src/rootfs/path.ts';
import { Rootfs, type RootfsNode } from '../../src/rootfs/rootfs.ts';
import type { DebFile } from './deb.ts';
import type { SampleLayer } from './images.ts';

const link = (linkTarget: string): DebFile => ({ type: 'symlink', linkTarget, mode: 0o777 });
const names = ['a', 'b', 'c', 'd', 'é', 'x y', '.e', 'wh'];

/** A sequence drawn by a seed: every step is legal on what the layers below and the steps before make. */
export function drawnSequence(seed: number): readonly SampleLayer[] {
  const random = generator(seed);
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const layers: SampleLayer[] = [
    [
      ['t/', ''],
      ['t/a/', ''],
      ['t/a/b/', ''],
      ['t/a/b/c', 'c'],
      ['t/x', 'x'],
      ['t/l', link('a')],
    ],
  ];
  const count = 3 + Math.floor(random() * 4);
  while (layers.length < count) {
    const layer: (readonly [string, DebFile])[] = [];
    const tryStep = (name: string, entry: DebFile) => {
      const path = name.replace(/\/$/, '');
      const tree = rootfsOf([...layers, layer]);
      const real = joinPath(tree.resolve(parentPath(path))?.entry.path ?? '', baseName(path));
      // What was listed in this layer, and what the way to this path leads through, has to stay: Docker comes back to it.
      const ways = [...layer.map(([other]) => other.replace(/\/$/, '')), path];
      if (ways.slice(0, -1).includes(path)) return;
      const needed = ways.flatMap((way) => [...ancestorPaths(way), ...(way === path ? [] : [way])]);
      const target = typeof entry === 'object' && entry.type === 'hardlink' ? [entry.linkTarget ?? ''] : [];
      const kept = [...needed.map((way) => tree.resolve(way, { followLast: false })?.entry.path ?? way), ...target];
      if (kept.some((other) => isWithin(other, real)) && !name.endsWith('/')) return;
      if (kept.some((other) => isWithin(other, real)) && tree.get(real)?.entry.type !== 'directory') return;
      try {
        treeOf([...layers, [...layer, [name, entry]]]);
        layer.push([name, entry]);
      } catch {
        // Not possible on this tree.
      }
    };
    for (let step = 0; step < 3; step++) {
      // Nothing below what is hidden already: Docker would make its folders again.
      const left = treeOf([...layers, layer]);
      const victim = pick(left.filter(({ entry }) => entry.path !== 't'));
      if (victim === undefined) continue;
      const { path, type } = victim.entry;
      if (type === 'directory' && random() < 0.4) tryStep(`${path}/.wh..wh..opq`, '');
      else tryStep(joinPath(parentPath(path), `.wh.${baseName(path)}`), '');
    }
    for (let step = 0; step < 10; step++) {
      const now = treeOf([...layers, layer]);
      const folders = now.filter(({ entry }) => entry.type === 'directory' || entry.type === 'symlink');
      const files = now.filter(({ entry }) => entry.type === 'file');
      const path = joinPath(pick(folders)?.entry.path ?? 't', pick(names) ?? 'a');
      const owner = { uid: Math.floor(random() * 3), gid: Math.floor(random() * 3) };
      const mode = [0o644, 0o600, 0o4755, 0o2711, 0o777][Math.floor(random() * 5)] ?? 0o644;
      const kind = random();
      if (kind < 0.35) tryStep(path, { content: `${seed} ${layers.length} ${step}`, mode, ...owner });
      else if (kind < 0.6) tryStep(`${path}/`, { type: 'directory', mode: mode | 0o111, ...owner });
      else if (kind < 0.7)
        tryStep(`${pick(folders)?.entry.path ?? 't'}/`, { type: 'directory', mode: 0o751, ...owner });
      else if (kind < 0.85) tryStep(path, link(pick(['.', '..', '/t/a', 'b', '/t/a/../a/b', 'nowhere', '/t']) ?? '.'));
      else {
        const target = pick(files)?.entry;
        const { uid = 0, gid = 0 } = target ?? {};
        if (target !== undefined)
          tryStep(path, { type: 'hardlink', linkTarget: target.path, mode: target.mode, uid, gid });
      }
    }
    layers.push(layer);
  }
  return layers;
}

/** @throws where a layer can't be, or has a path whose folder no layer lists */
function treeOf(layers: readonly SampleLayer[]): readonly RootfsNode[] {
  const nodes = [...rootfsOf(layers).walk()];
  if (nodes.some(({ implicit }) => implicit)) throw new Error('a folder that no layer lists');
  return nodes;
}

function rootfsOf(layers: readonly SampleLayer[]): Rootfs {
  return Rootfs.of(layers.map((layer) => layer.map(([name, entry]) => entryOf(name, entry))));
}

function entryOf(name: string, given: DebFile): LayerEntry {
  const { content = '', xattrs: _, ...entry } = typeof given === 'string' ? { content: given } : given;
  const type = entry.type ?? (name.endsWith('/') ? 'directory' : 'file');
  const rest = { mode: 0o644, uid: 0, gid: 0, mtime: 0, ...entry };
  return { ...rest, path: name.replace(/\/$/, ''), type, size: content.length };
}

/** mulberry32: small, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
