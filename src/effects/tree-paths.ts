import { limits } from '../limits.ts';
import type { EffectEntry } from './types.ts';

/** What can be asked for one path. */
interface Lookup {
  get(path: string): EffectEntry | undefined;
}

/**
 * The path of the tree that an absolute path of a script leads to, links followed inside the root as the kernel does;
 * `last: false` leaves a link at the end as it is. Components that are not there are taken as written. Undefined for a
 * relative path and for a loop of links.
 */
export function followPath(tree: Lookup, path: string, { last }: { readonly last: boolean }): string | undefined {
  if (!path.startsWith('/') || path.includes('\0') || path.length > limits.pathBytes) return undefined;
  const pending = components(path).reverse();
  const done: string[] = [];
  for (let hops = 0; pending.length > 0; ) {
    const name = pending.pop() as string;
    if (name === '..') {
      done.pop();
      continue;
    }
    done.push(name);
    const entry = tree.get(done.join('/'));
    if (entry?.type !== 'symlink' || (pending.length === 0 && !last)) continue;
    hops += 1;
    if (hops > limits.symlinkHops) return undefined;
    const target = entry.linkTarget ?? '';
    done.pop();
    if (target.startsWith('/')) done.length = 0;
    pending.push(...components(target).reverse());
  }
  return done.join('/');
}

/** What a program finds at an absolute path, links followed. */
export function entryAt(tree: Lookup, path: string): EffectEntry | undefined {
  const place = followPath(tree, path, { last: true });
  return place === undefined ? undefined : tree.get(place);
}

function components(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}
