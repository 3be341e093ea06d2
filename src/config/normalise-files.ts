import { resolve } from 'node:path';
import type { RawConfig } from './schema.ts';
import { pathTypeOf } from './schema-files.ts';
import type { FileSetting, PathSetting } from './spec.ts';
import { cleanImagePath } from './values/image-path.ts';
import { resolveLocation } from './values/location.ts';
import { parseMode } from './values/mode.ts';

export function normaliseFile(raw: NonNullable<RawConfig['files']>[number], directory: string): FileSetting {
  const entry = typeof raw === 'string' ? splitShortForm(raw) : raw;
  return {
    source: entry.image === undefined ? resolve(directory, entry.source) : cleanImagePath(entry.source),
    image: entry.image && resolveLocation(entry.image, directory),
    path: withTrailingSlash(entry.path),
    owner: entry.owner,
    mode: modeOf(entry.mode),
    ignore: entry.ignore ?? [],
  };
}

export function normalisePath(raw: NonNullable<RawConfig['paths']>[number]): PathSetting {
  const entry = typeof raw === 'string' ? { path: raw } : raw;
  const type = pathTypeOf(entry);
  const base = { path: cleanImagePath(entry.path), owner: entry.owner };
  const mode = modeOf(entry.mode);
  switch (type) {
    case 'directory':
      return { ...base, type, mode };
    case 'file':
      return { ...base, type, mode, content: entry.content ?? '' };
    case 'symlink':
      return { ...base, type, target: entry.link ?? '' };
    case 'hardlink':
      return { ...base, type, target: cleanImagePath(entry.hardlink ?? '') };
    case 'permissions':
      return { ...base, type, mode, recursive: entry.recursive ?? false };
  }
}

type LongForm = Exclude<NonNullable<RawConfig['files']>[number], string>;

/** `./app:/app`: the last `:/` divides, so a source may have colons. */
function splitShortForm(text: string): LongForm {
  const colon = text.lastIndexOf(':/');
  return { source: text.slice(0, colon), path: text.slice(colon + 1) };
}

/** At the end of `path:` a slash has a meaning: into that folder. */
function withTrailingSlash(path: string): string {
  const clean = cleanImagePath(path);
  return path.endsWith('/') && clean !== '/' ? `${clean}/` : clean;
}

function modeOf(mode: string | number | undefined): number | undefined {
  return mode === undefined ? undefined : parseMode(String(mode));
}
