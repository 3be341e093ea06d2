import { aliasNames } from '../rootfs/usr-aliases.ts';
import type { UsrLayout } from './types.ts';

/** Top-level folders that a merged layout keeps below /usr (usrmerge's own list). */
const aliased = /^(?:bin|sbin|lib|lib32|lib64|libo32|libx32)(?=\/)/;

/** Where a path of a package lies in an image. The folder names alone (`lib`, a link in merged images) stay as they are. */
export function placePath(path: string, layout: UsrLayout): string {
  return layout === 'merged' && aliased.test(path) ? `usr/${path}` : path;
}

/** A directory entry named like an alias is the merged directory itself. */
export function placeDirectory(path: string, layout: UsrLayout): string {
  return layout === 'merged' && (aliasNames as readonly string[]).includes(path)
    ? `usr/${path}`
    : placePath(path, layout);
}
