import type { SpecLayer } from './layer.ts';
import type { PathSetting } from './spec.ts';

/**
 * Lays `over` on `under`, as `extends:` and flags do:
 * - lists of packages, suites, files, paths and the like are appended, without exact repetitions;
 * - pins are put before those below, because the first that fits decides;
 * - files lie on the paths of what is extended, as on its files; within one file, paths lie on files;
 * - archives, users and groups are appended, one of the same name is replaced;
 * - maps (env, labels, annotations, mirrors) are merged key by key;
 * - everything else is replaced, `platforms`, `entrypoint` and `cmd` too. A new entrypoint without a cmd drops the
 *   old cmd, which belonged to the old entrypoint (as ENTRYPOINT does in a Dockerfile).
 */
export function mergeLayers(under: SpecLayer, over: SpecLayer): SpecLayer {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    if (value !== undefined) merged[key] = combine(key, merged[key], value);
  }
  if (over.entrypoint !== undefined && over.cmd === undefined) delete merged['cmd'];
  if ((over.files ?? []).length > 0 && under.paths !== undefined) {
    const below = under.paths.map((path) => putBeneath(path, unique(under.files ?? []).length));
    merged['paths'] = combine('paths', below, over.paths ?? []);
  }
  // Every member is one of either layer's, or two of the same kind combined.
  return merged as SpecLayer;
}

const appended = new Set<keyof SpecLayer & string>([
  'suites',
  'packages',
  'omit',
  'keep',
  'include',
  'exclude',
  'specialPermissions',
  'files',
  'paths',
  'certificates',
  'locales',
  'accept',
  'allow',
  'ports',
  'volumes',
]);
const prepended = new Set<keyof SpecLayer & string>(['pins']);
const appendedByName = new Set<keyof SpecLayer & string>(['archives', 'users', 'groups']);
const mergedMaps = new Set<keyof SpecLayer & string>(['env', 'labels', 'annotations', 'mirrors']);

function combine(key: string, under: unknown, over: unknown): unknown {
  if (under === undefined) return over;
  if (includes(mergedMaps, key)) return { ...Object(under), ...Object(over) };
  if (!Array.isArray(under) || !Array.isArray(over)) return over;
  if (includes(appendedByName, key)) {
    const names = new Set(over.map((item: { name: string }) => item.name));
    return [...under.filter((item: { name: string }) => !names.has(item.name)), ...over];
  }
  if (includes(prepended, key)) return unique([...over, ...under]);
  return includes(appended, key) ? unique([...under, ...over]) : over;
}

/** Permissions are of what is there in the end, and a hard link may name a file that comes later. */
function putBeneath(path: PathSetting, files: number): PathSetting {
  return path.type === 'permissions' || path.type === 'hardlink' ? path : { afterFiles: files, ...path };
}

/** Each value once, the first one kept; values are plain data. */
function unique(values: readonly unknown[]): readonly unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function includes(set: ReadonlySet<string>, key: string): boolean {
  return set.has(key);
}
