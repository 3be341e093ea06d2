import type { ListedPath } from './types.ts';

/**
 * The paths that dpkg's own lists of files name, at the place where they are: folders that are links are followed, what
 * is diverted is where the diversion puts it.
 *
 * @param lists path -> bytes of `var/lib/dpkg/info/*.list` and `var/lib/dpkg/diversions`
 */
export function packagedPaths(
  paths: readonly ListedPath[],
  lists: ReadonlyMap<string, Uint8Array>,
): ReadonlySet<string> {
  const links = new Map(paths.flatMap(({ path, target }) => (target === undefined ? [] : [[path, target]])));
  const diversions = readDiversions(linesOf(lists.get('var/lib/dpkg/diversions')));
  const packaged = new Set<string>();
  for (const [list, bytes] of lists) {
    if (!list.endsWith('.list')) continue;
    const name = list.replace(/^.*\/|\.list$/g, '').replace(/:.*$/, '');
    for (const line of linesOf(bytes)) {
      const diversion = diversions.get(line);
      const path = diversion !== undefined && diversion.by !== name ? diversion.to : line;
      packaged.add(placeOf(path.slice(1), links));
    }
  }
  return packaged;
}

/** Where a path is once the links on its way, not one at its end, are followed. */
function placeOf(path: string, links: ReadonlyMap<string, string>, depth = 0): string {
  const parts = path.split('/');
  for (let count = 1; count < parts.length; count++) {
    const target = links.get(parts.slice(0, count).join('/'));
    if (target === undefined || depth > 20) continue;
    const base = target.startsWith('/') ? [] : parts.slice(0, count - 1);
    return placeOf(normal([...base, ...target.split('/'), ...parts.slice(count)]), links, depth + 1);
  }
  return path;
}

function normal(parts: readonly string[]): string {
  const plain: string[] = [];
  for (const part of parts) {
    if (part === '..') plain.pop();
    else if (part !== '' && part !== '.') plain.push(part);
  }
  return plain.join('/');
}

/** Three lines each: from, to, package (`:` for the administrator's own). */
function readDiversions(lines: readonly string[]): ReadonlyMap<string, { readonly to: string; readonly by: string }> {
  const diversions = new Map<string, { readonly to: string; readonly by: string }>();
  for (let at = 0; at + 2 < lines.length; at += 3) {
    diversions.set(lines[at] ?? '', { to: lines[at + 1] ?? '', by: lines[at + 2] ?? '' });
  }
  return diversions;
}

function linesOf(bytes: Uint8Array | undefined): readonly string[] {
  return new TextDecoder()
    .decode(bytes)
    .split('\n')
    .filter((line) => line !== '' && line !== '/.');
}
