import type { CheckFile, CheckUser } from './types.ts';

const bits = { read: 4, write: 2, execute: 1 } as const;

/**
 * Whether a user may do that with a file or folder by its mode (path_resolution(7), "Permissions"). Root may do all, but
 * execute only what somebody may execute.
 */
export function isAllowed(file: CheckFile, right: keyof typeof bits, user: CheckUser): boolean {
  const bit = bits[right];
  if (user.uid === 0) return right !== 'execute' || file.type === 'directory' || (file.mode & 0o111) !== 0;
  if (file.uid === user.uid) return (file.mode & (bit << 6)) !== 0;
  if (user.gids.includes(file.gid)) return (file.mode & (bit << 3)) !== 0;
  return (file.mode & bit) !== 0;
}

/** `0755` */
export function modeText(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
