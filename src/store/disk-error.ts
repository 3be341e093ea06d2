import { type ErrorCode, isSlimimageError, SlimimageError } from '../errors.ts';

const hints: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space, or remove unused data with "slimimage cache prune".',
  EDQUOT: 'The disk quota is used up: free some space, or remove unused data with "slimimage cache prune".',
  EROFS: 'The file system is read-only: choose another folder (SLIMIMAGE_STORE names the local store).',
  EACCES:
    'Permission denied: make the folder writable for this user, or choose another one (SLIMIMAGE_STORE names the local store).',
  EPERM:
    'Permission denied: make the folder writable for this user, or choose another one (SLIMIMAGE_STORE names the local store).',
  EMFILE: 'Too many open files: raise the limit with "ulimit -n".',
  ENFILE: 'Too many open files: raise the limit with "ulimit -n".',
  ENOTDIR: 'A file is where a folder is expected.',
};

/** A failed file operation as a SlimimageError; one that already is one passes through. */
export function diskError(cause: unknown, message: string, code: ErrorCode = 'STORE'): SlimimageError {
  if (isSlimimageError(cause)) return cause;
  const reason = errorCode(cause);
  return new SlimimageError({
    code,
    message: `${message}${reason === undefined ? '' : ` (${reason})`}`,
    hint: reason === undefined ? undefined : hints[reason],
    cause,
  });
}

/** The `code` of a system error (`ENOENT`), or undefined. */
export function errorCode(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}

export function isMissing(cause: unknown): boolean {
  const code = errorCode(cause);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
