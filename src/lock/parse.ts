import * as v from 'valibot';
import { isSlimimageError, SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { parseJson } from '../oci/parse.ts';
import { withoutControls } from '../util/printable.ts';
import { encodeUtf8 } from '../util/text.ts';
import { canonicalLock } from './encode.ts';
import { inputsDigest } from './inputs-digest.ts';
import { keyProblem } from './json-keys.ts';
import { lockSchema } from './schema.ts';
import type { LockDocument } from './types.ts';

export interface ParseLockOptions {
  /** The file's name, for messages; undefined: `the lock`. */
  readonly name?: string | undefined;
  /** Bytes; undefined: `limits.lockBytes`. */
  readonly maxBytes?: number | undefined;
}

/**
 * Reads a lock file strictly: what is unknown, out of bounds or there twice is refused, and so are inputs that do not
 * have the digest beside them. The answer is sorted.
 * @throws SlimimageError LOCK_INVALID, LIMIT_EXCEEDED
 */
export function parseLock(source: Uint8Array | string, options: ParseLockOptions = {}): LockDocument {
  const name = options.name ?? 'the lock';
  const value = readJson(typeof source === 'string' ? encodeUtf8(source) : source, name, options);
  refuseOtherForms(value, name);
  const result = v.safeParse(lockSchema, value, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const path = v.getDotPath(issue);
    throw invalid(name, withoutControls(`${path === null ? '' : `${path}: `}${issue.message}`).slice(0, 300));
  }
  const { configuration } = result.output;
  if (inputsDigest(configuration.inputs) !== configuration.digest) {
    throw invalid(name, 'configuration.digest is not the digest of configuration.inputs');
  }
  return canonicalLock(result.output);
}

function readJson(bytes: Uint8Array, name: string, { maxBytes = limits.lockBytes }: ParseLockOptions): unknown {
  const value = parseBytes(bytes, name, maxBytes);
  const problem = keyProblem(new TextDecoder().decode(bytes));
  if (problem !== undefined) throw invalid(name, withoutControls(problem).slice(0, 300));
  return value;
}

function parseBytes(bytes: Uint8Array, name: string, maxBytes: number): unknown {
  try {
    return parseJson(bytes, name, { maxBytes });
  } catch (cause) {
    if (!isSlimimageError(cause, 'OCI_INVALID')) throw cause;
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    if (text.startsWith('\ufeff'))
      throw invalid(name, 'it begins with a byte order mark, which JSON does not have', cause);
    const line = text.split('\n').findIndex((one) => /^(?:<{7}|={7}|>{7}|\|{7})(?:\s|$)/.test(one)) + 1;
    if (line > 0) throw unmerged(name, line);
    throw new SlimimageError({ code: 'LOCK_INVALID', message: cause.message, hint: anew, cause });
  }
}

function unmerged(name: string, line: number): SlimimageError {
  return new SlimimageError({
    code: 'LOCK_INVALID',
    message: `${name} has the marks of a merge that is not finished, in line ${line}`,
    hint: 'Take one of its sides whole, then make the lock anew: slimimage lock',
  });
}

/** Before everything else: of another form nothing but its number is known. */
function refuseOtherForms(value: unknown, name: string): void {
  const version: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'lockVersion') : undefined;
  if (version === undefined) throw invalid(name, 'it has no lockVersion, so it is no lock of slimimage');
  if (typeof version !== 'number' || version <= 1) return;
  throw new SlimimageError({
    code: 'LOCK_INVALID',
    message: `${name} was written by a newer slimimage: its lockVersion is ${version}, and this one knows 1`,
    hint: 'Update slimimage.',
  });
}

const anew = 'Make it anew: slimimage lock';

function invalid(name: string, reason: string, cause?: unknown): SlimimageError {
  return new SlimimageError({ code: 'LOCK_INVALID', message: `${name} is not valid: ${reason}`, hint: anew, cause });
}
