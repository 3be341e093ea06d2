import { limits } from '../limits.ts';
import type { CheckFile, CheckTree } from './types.ts';

/** Where a path leads: the links on the way, and the folders that are walked through. */
export interface FollowedPath {
  /** Undefined where there is nothing. */
  readonly file: CheckFile | undefined;
  /** Path of what was found, or of what would have been. */
  readonly path: string;
  readonly links: readonly CheckFile[];
  readonly folders: readonly CheckFile[];
}

/** Follows a path as a process in the image would: links are resolved inside the root, `..` never leaves it. */
export function followPath(tree: CheckTree, path: string): FollowedPath {
  const pending = split(path).reverse();
  const done: string[] = [];
  const links: CheckFile[] = [];
  const folders = new Map<string, CheckFile>();
  const missing = (at: string): FollowedPath => {
    const rest = pending.filter((name) => name !== '..').reverse();
    return { file: undefined, path: [at, ...rest].join('/'), links, folders: [...folders.values()] };
  };
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '..') {
      done.pop();
      continue;
    }
    done.push(name);
    const at = done.join('/');
    const entry = tree.get(at);
    if (entry === undefined) return missing(at);
    if (entry.type === 'symlink') {
      links.push(entry);
      if (links.length > limits.symlinkHops) return missing(at);
      const target = entry.linkTarget ?? '';
      done.pop();
      if (target.startsWith('/')) done.length = 0;
      pending.push(...split(target).reverse());
    } else if (entry.type === 'directory') folders.set(at, entry);
    else if (pending.length > 0) return missing(at);
  }
  const at = done.join('/');
  const file = carrierOf(tree, tree.get(at));
  return { file, path: at, links, folders: [...folders.values()].filter((folder) => folder.path !== at) };
}

/** Every name of a file has its content; only one of them says what that is. */
function carrierOf(tree: CheckTree, entry: CheckFile | undefined): CheckFile | undefined {
  if (entry?.type !== 'hardlink') return entry;
  const carrier = tree.get(entry.linkTarget ?? '');
  return carrier === undefined ? undefined : { ...carrier, path: entry.path };
}

function split(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}
