/**
 * Everything that slimimage refuses, it refuses with a SlimimageError: what failed and on which object (`message`),
 * what to do next (`hint`), and a code that scripts can rely on. A plain `Error` that reaches the user is a bug.
 */

/** Who has to act decides the exit status: 1 the answer is no, 2 the user's mistake, 3 the world's. */
export type ExitStatus = 1 | 2 | 3;

const statusByCode = {
  // The user's mistake: configuration, requests, inputs.
  CONFIG_SYNTAX: 2,
  CONFIG_INVALID: 2,
  CONFIG_NOT_FOUND: 2,
  USAGE: 2,
  REFERENCE_INVALID: 2,
  PACKAGE_UNKNOWN: 2,
  UNSATISFIABLE: 2,
  FILE_CONFLICT: 2,
  SOURCE_INVALID: 2,
  ACCOUNT_INVALID: 2,
  IMAGE_NOT_FOUND: 2,
  PLATFORM_UNAVAILABLE: 2,
  LOCK_NOT_FOUND: 2,
  LOCK_INVALID: 2,
  /** The configuration has moved since the lock was made. */
  LOCK_OUTDATED: 2,
  OUTPUT_INVALID: 2,
  /** A maintainer script does what is not reproduced, to a path of the image. */
  SCRIPT_NOT_REPRODUCED: 2,
  /** The check before writing found that the image would not run. */
  IMAGE_BROKEN: 2,
  /** A key to sign with that can't be read or used. */
  KEY_INVALID: 2,
  /** The image has no paper (SBOM, provenance) of that kind. */
  PAPER_NOT_FOUND: 2,
  // The world's: network, archives, disk, engines.
  NETWORK: 3,
  HTTP_STATUS: 3,
  HTTP_REDIRECT_LOOP: 3,
  HTTP_REDIRECT_UNSAFE: 3,
  HTTP_AUTH: 3,
  DOWNLOAD_TOO_LARGE: 3,
  DOWNLOAD_SHORT: 3,
  DIGEST_MISMATCH: 3,
  OFFLINE: 3,
  ARCHIVE_INVALID: 3,
  SIGNATURE_INVALID: 3,
  SIGNATURE_UNKNOWN_KEY: 3,
  RELEASE_EXPIRED: 3,
  RELEASE_NOT_YET_VALID: 3,
  RELEASE_INVALID: 3,
  STORE: 3,
  STORE_CORRUPT: 3,
  ENGINE: 3,
  /** A layer that its publisher alone may give away, and that is not in the image. */
  LAYER_FOREIGN: 3,
  /** A registry that answers against its specification. */
  REGISTRY_INVALID: 3,
  IO: 3,
  RUNTIME_UNSUPPORTED: 3,
  // Hostile or damaged bytes, wherever they came from.
  XML_INVALID: 3,
  GVARIANT_INVALID: 3,
  GSCHEMA_INVALID: 3,
  MIME_INVALID: 3,
  AR_INVALID: 3,
  DEB_INVALID: 3,
  TAR_INVALID: 3,
  DEB822_INVALID: 3,
  ELF_INVALID: 3,
  /** An /etc/ld.so.cache. */
  LIBRARY_CACHE_INVALID: 3,
  /** A Java key store. */
  KEYSTORE_INVALID: 3,
  COMPRESSION_INVALID: 3,
  LIMIT_EXCEEDED: 3,
  PATH_UNSAFE: 3,
  OCI_INVALID: 3,
  VERSION_INVALID: 3,
  DEPENDENCY_INVALID: 3,
  // Not a failure of anything: the user pressed Ctrl-C or the caller's signal fired.
  ABORTED: 3,
} as const satisfies Record<string, ExitStatus>;

export type ErrorCode = keyof typeof statusByCode;

export interface SlimimageErrorOptions {
  readonly code: ErrorCode;
  /** What failed, with the object's name. One sentence, no trailing full stop needed, never a secret. */
  readonly message: string;
  /** What to type or change next. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

export class SlimimageError extends Error {
  override readonly name = 'SlimimageError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(options: SlimimageErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
  }

  /** Process exit status that this error stands for. */
  get exitStatus(): ExitStatus {
    return statusByCode[this.code];
  }
}

export function isSlimimageError(value: unknown, code?: ErrorCode): value is SlimimageError {
  return value instanceof SlimimageError && (code === undefined || value.code === code);
}
