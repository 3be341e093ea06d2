import { SlimimageError } from '../../errors.ts';
import { limits } from '../../limits.ts';

/** A path of a tree, with the links that led there. Paths are relative to the root. */
export interface FollowedPath {
  readonly path: string;
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

/**
 * Where a program gets by a path, links resolved inside the root, the last one too. What is missing is taken as written.
 * @param linkTarget what the link at a path says; undefined for what is no link
 * @throws SlimimageError PATH_UNSAFE for a loop of links
 */
export function followLinks(path: string, linkTarget: (path: string) => string | undefined): FollowedPath {
  const links: { path: string; target: string }[] = [];
  const pending = components(path).reverse();
  const done: string[] = [];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '..') {
      done.pop();
      continue;
    }
    done.push(name);
    const target = linkTarget(done.join('/'));
    if (target === undefined) continue;
    links.push({ path: done.join('/'), target });
    if (links.length > limits.symlinkHops)
      throw new SlimimageError({ code: 'PATH_UNSAFE', message: `${path} goes through a loop of symbolic links` });
    done.pop();
    if (target.startsWith('/')) done.length = 0;
    pending.push(...components(target).reverse());
  }
  return { path: done.join('/'), links };
}

function components(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}
