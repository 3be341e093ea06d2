import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { encodeByteText } from '../util/byte-text.ts';

export interface ConfineOptions {
  /** `refuse` (default): a leading `/` is an error. `strip`: it means the root, as container engines read layers. */
  readonly absolute?: 'refuse' | 'strip' | undefined;
  /** What the path was found in, for messages. */
  readonly what?: string | undefined;
  /** Bytes (names that are not UTF-8 count as util/byte-text.ts writes them); default `limits.pathBytes`. */
  readonly maxBytes?: number | undefined;
  /** Components; default `limits.pathDepth`. */
  readonly maxDepth?: number | undefined;
}

/**
 * The one way in which a path of an archive or image becomes a path of a tree: relative to the root, `/`-separated,
 * without `.`, empty or `..` components; the root itself is ''. `./usr//bin/x/` becomes `usr/bin/x`.
 *
 * @throws SlimimageError PATH_UNSAFE for `..` anywhere (also where it would stay inside), an absolute path,
 * NUL, or a path beyond the limits.
 */
export function confinePath(path: string, options: ConfineOptions = {}): string {
  if (path.includes('\0')) throw unsafe(path, 'holds a NUL byte', options);
  if (byteLength(path) > (options.maxBytes ?? limits.pathBytes)) throw unsafe(path, 'is too long', options);
  if (path.startsWith('/') && options.absolute !== 'strip') throw unsafe(path, 'is absolute', options);
  if (isPlain(path)) return checkDepth(path, options);
  const components: string[] = [];
  for (const component of path.split('/')) {
    if (component === '' || component === '.') continue;
    if (component === '..') throw unsafe(path, 'holds ".."', options);
    components.push(component);
  }
  return checkDepth(components.join('/'), options);
}

/** The folder that holds `path`; '' for a path at the root and for the root itself. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** The last component; '' for the root. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `name` below the folder `parent`; both already confined. */
export function joinPath(parent: string, name: string): string {
  if (parent === '') return name;
  return name === '' ? parent : `${parent}/${name}`;
}

/** Every folder above `path` but the root, outermost first: `a/b/c` gives `a`, `a/b`. */
export function* ancestorPaths(path: string): Generator<string> {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) yield path.slice(0, slash);
}

/** Whether `path` is `folder` or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/** The common case, which needs no splitting: no dot at a component's start, no empty component. */
function isPlain(path: string): boolean {
  if (path.startsWith('.') || path.startsWith('/') || path.endsWith('/')) return false;
  return !path.includes('//') && !path.includes('/.');
}

function checkDepth(path: string, options: ConfineOptions): string {
  let depth = path === '' ? 0 : 1;
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) depth++;
  if (depth > (options.maxDepth ?? limits.pathDepth)) throw unsafe(path, 'is too deep', options);
  return path;
}

function byteLength(text: string): number {
  // A UTF-16 unit is at most three bytes of UTF-8: only long paths need to be encoded to be measured.
  return text.length * 3 <= limits.pathBytes ? text.length : encodeByteText(text).length;
}

function unsafe(path: string, reason: string, { what }: ConfineOptions): SlimimageError {
  const shown = path.length > 120 ? `${path.slice(0, 120)}...` : path;
  return new SlimimageError({
    code: 'PATH_UNSAFE',
    message: `${what === undefined ? '' : `${what}: `}path ${JSON.stringify(shown)} ${reason}`,
    hint: 'The archive is damaged or hostile: nothing of it is used.',
  });
}
