import * as v from 'valibot';
import { parseLocation } from '../oci/location.ts';
import { checked, choice, described, flag, integer, list, object, parsedBy, text } from './schema-parts.ts';
import { checkImagePath } from './values/image-path.ts';
import { parseMode } from './values/mode.ts';

const owner = text('an owner such as nonroot, 65532 or 1000:1000', /^[a-z0-9_][a-z0-9_-]*(:[a-z0-9_][a-z0-9_-]*)?$/);
/** A number is what an editor sees; the parser hands over its letters. */
const mode = v.union(
  [parsedBy(text('a mode such as 0755'), parseMode), integer('a mode', 0, 7777)],
  'expected a mode such as 0755',
);
const imagePath = checked(text('an absolute path in the image', /^\//), checkImagePath);

export const file = v.union(
  [
    checked(
      text(
        'SOURCE:PATH such as ./app:/app',
        /^[^\0]+:\/[^\0]*$/,
        'the path in the image is absolute, for example ./app:/app',
      ),
      (value) => checkImagePath(value.slice(value.lastIndexOf(':/') + 1)),
    ),
    checked(
      object(
        {
          source: v.pipe(
            text('a path', /^[^\0]+$/),
            v.description('A file or folder, relative to this file; with image an absolute path in that image.'),
          ),
          path: v.pipe(
            imagePath,
            v.description('Where it goes. With a slash at the end: into that folder, keeping its name.'),
          ),
          image: described(
            parsedBy(text('an image such as store:base'), parseLocation),
            'The image to copy from. Without it, files of this machine are copied.',
          ),
          owner: described(owner, 'USER or USER:GROUP, by name or id. By default root (0:0).'),
          mode: described(mode, 'Octal permissions of the files. By default 0755 for executables and 0644 for others.'),
          ignore: described(
            list(text('a pattern', /^[^\0\n]+$/), '["*.log"]'),
            'Patterns, as in .dockerignore, of what is not copied. A .dockerignore in the folder counts too.',
          ),
        },
        '{ source: ./app, path: /app }',
      ),
      ({ source, image }) => (image === undefined ? undefined : checkImagePath(source)),
    ),
  ],
  'expected SOURCE:PATH such as ./app:/app, or a map such as { source: ./app, path: /app }',
);

export const pathEntry = v.union(
  [
    checked(
      text(
        'a folder such as /data/',
        /\/$/,
        'a folder alone ends in a slash; others are maps: { path: /etc/app.conf, content: "" }',
      ),
      checkImagePath,
    ),
    checked(
      object(
        {
          path: v.pipe(imagePath, v.description('The path to make or change. A slash at the end means a folder.')),
          type: described(
            choice(['directory', 'file', 'symlink', 'hardlink', 'permissions']),
            'What to make. May be left out where content, link or hardlink tell it; without any of them, permissions of what is there are changed.',
          ),
          owner: described(owner, 'USER or USER:GROUP, by name or id. By default root (0:0).'),
          mode: described(mode, 'Octal permissions. By default 0755 for folders and 0644 for files.'),
          content: described(text('text'), 'The text of a file.'),
          link: described(text('a path', /^[^\0\n]+$/), 'The target of a symbolic link, absolute or relative.'),
          hardlink: described(imagePath, 'The file that shares its content with this path.'),
          recursive: described(flag(), 'Whether permissions apply to everything below the path too.'),
        },
        '{ path: /data, type: directory, owner: nonroot }',
      ),
      checkPathEntry,
    ),
  ],
  'expected a folder such as /data/, or a map such as { path: /data, type: directory }',
);

interface PathEntryShape {
  readonly path: string;
  readonly type?: PathType | undefined;
  readonly owner?: string | undefined;
  readonly mode?: string | number | undefined;
  readonly content?: string | undefined;
  readonly link?: string | undefined;
  readonly hardlink?: string | undefined;
  readonly recursive?: boolean | undefined;
}

export type PathType = 'directory' | 'file' | 'symlink' | 'hardlink' | 'permissions';

/** The type that an entry of `paths:` has, written or not. */
export function pathTypeOf(entry: PathEntryShape): PathType {
  if (entry.type !== undefined) return entry.type;
  if (entry.content !== undefined) return 'file';
  if (entry.link !== undefined) return 'symlink';
  if (entry.hardlink !== undefined) return 'hardlink';
  return entry.path.endsWith('/') ? 'directory' : 'permissions';
}

function checkPathEntry(entry: PathEntryShape): string | undefined {
  const type = pathTypeOf(entry);
  const only = (key: string, owners: readonly PathType[]) =>
    owners.includes(type) ? undefined : `a ${type} has no "${key}"`;
  if (type === 'symlink' && entry.link === undefined)
    return 'a symlink needs its target\nfor example { path: /a, link: /b }';
  if (type === 'hardlink' && entry.hardlink === undefined) return 'a hardlink needs "hardlink: PATH"';
  if (type === 'permissions' && entry.owner === undefined && entry.mode === undefined) {
    return 'expected what to make here: type, content, link, mode or owner\nfor example { path: /data, type: directory }';
  }
  return (
    (entry.content === undefined ? undefined : only('content', ['file'])) ??
    (entry.link === undefined ? undefined : only('link', ['symlink'])) ??
    (entry.hardlink === undefined ? undefined : only('hardlink', ['hardlink'])) ??
    (entry.recursive === undefined ? undefined : only('recursive', ['permissions'])) ??
    (entry.mode === undefined ? undefined : only('mode', ['directory', 'file', 'permissions']))
  );
}
