/**
 * OpenPGP verification as apt does it with gpgv, by the `openpgp` library, which is imported only when a signature
 * has to be verified: it takes as long to load as to verify.
 *
 * One good signature of a trusted key is enough; a wrong signature of a trusted key refuses the text even beside a
 * good one (apt's gpgv method); signatures of unknown keys count for nothing. A key that has expired or was revoked
 * by the given date is not trusted (gpgv's EXPKEYSIG, REVKEYSIG), although it was good when it signed.
 */
import type { Key, Signature, VerifyMessageResult } from 'openpgp';
import { SlimimageError } from '../errors.ts';
import { splitClearsigned, splitKeyBlocks } from '../formats/openpgp/armor.ts';
import { decodeUtf8, decodeUtf8Strict } from '../util/text.ts';

/** A file of one or more public keys, armored or binary. */
export interface KeyFile {
  /** For messages: a path, or the name of a preset's key. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface VerifyOptions {
  /** The instant for which signatures and keys have to be valid. */
  readonly date: Date;
  /** What is verified, for messages. */
  readonly name: string;
}

export interface Verified {
  /** Full upper-case fingerprints of the primary keys whose signatures are good, sorted, each once. */
  readonly fingerprints: readonly string[];
  /** The verdict holds from here (seconds since the epoch) ... */
  readonly from: number;
  /** ... until a key or signature expires (seconds since the epoch, not included); undefined: it does not. */
  readonly until: number | undefined;
}

/** More signatures than any archive carries; each one costs time. */
const maxSignatures = 32;

/**
 * Verifies a clearsigned text (InRelease) and returns only what was signed.
 *
 * @throws SlimimageError SIGNATURE_INVALID, SIGNATURE_UNKNOWN_KEY, RELEASE_NOT_YET_VALID (signed in the future)
 */
export async function verifyClearsigned(
  document: Uint8Array,
  keys: readonly KeyFile[],
  options: VerifyOptions,
): Promise<Verified & { readonly text: string }> {
  const decoded = decodeUtf8Strict(document);
  if (decoded === undefined) throw invalid(options.name, 'it is not UTF-8 text');
  const { text } = splitClearsigned(decoded, options.name);
  const openpgp = await import('openpgp');
  const message = await parsed(options.name, () => openpgp.readCleartextMessage({ cleartextMessage: decoded }));
  // Two readers of one frame have to agree on what was signed.
  if (withoutLineEnds(message.getText()) !== withoutLineEnds(text))
    throw invalid(options.name, 'its frame is ambiguous');
  const trusted = await readTrusted(keys);
  checkCount(message.getSigningKeyIDs().length, options.name);
  const config = await policy();
  const { signatures } = await parsed(options.name, () =>
    openpgp.verify({ message, verificationKeys: trusted, date: options.date, config }),
  );
  return { text, ...(await judge(signatures, trusted, options)) };
}

/**
 * Verifies a detached signature (Release.gpg, armored or binary) over `data`.
 *
 * @throws SlimimageError SIGNATURE_INVALID, SIGNATURE_UNKNOWN_KEY, RELEASE_NOT_YET_VALID (signed in the future)
 */
export async function verifyDetached(
  data: Uint8Array,
  signature: Uint8Array,
  options: VerifyOptions & { readonly keys: readonly KeyFile[] },
): Promise<Verified> {
  const openpgp = await import('openpgp');
  const armored = decodeUtf8Strict(signature);
  const read = await parsed(options.name, () =>
    armored?.includes('-----BEGIN PGP')
      ? openpgp.readSignature({ armoredSignature: armored })
      : openpgp.readSignature({ binarySignature: signature }),
  );
  checkCount(read.packets.length, options.name);
  const message = await openpgp.createMessage({ binary: data });
  const trusted = await readTrusted(options.keys);
  const config = await policy();
  const about = { verificationKeys: trusted, date: options.date, config };
  const { signatures } = await parsed(options.name, () =>
    openpgp.verify({ message, signature: read, ...about, format: 'binary' }),
  );
  return judge(signatures, trusted, options);
}

/**
 * The keys of a file, for callers that only want to know whether it holds any.
 *
 * @throws SlimimageError CONFIG_INVALID where the file holds no public key.
 */
export async function readKeyFile(file: KeyFile): Promise<readonly Key[]> {
  const openpgp = await import('openpgp');
  const text = decodeUtf8(file.bytes.subarray(0, 64));
  try {
    if (!text.includes('-----BEGIN') && (file.bytes[0] ?? 0) >= 0x80) {
      return await openpgp.readKeys({ binaryKeys: file.bytes });
    }
    const blocks = splitKeyBlocks(decodeUtf8(file.bytes), file.name);
    const keys = (await Promise.all(blocks.map((armoredKeys) => openpgp.readKeys({ armoredKeys })))).flat();
    if (keys.length > 0) return keys;
  } catch (cause) {
    throw unreadable(file, cause);
  }
  throw unreadable(file, undefined);
}

function unreadable(file: KeyFile, cause: unknown): SlimimageError {
  return new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `${file.name} holds no OpenPGP public key that can be read`,
    hint: 'signed-by takes an armored (.asc) or binary (.gpg) export: gpg --armor --export KEY > archive.asc',
    cause,
  });
}

/** Parsing a keyring costs more than verifying: the suites of an archive share one KeyFile and its keys. */
const parsedKeys = new WeakMap<KeyFile, Promise<readonly Key[]>>();

async function readTrusted(files: readonly KeyFile[]): Promise<Key[]> {
  const keys = files.map((file) => {
    const known = parsedKeys.get(file) ?? readKeyFile(file);
    parsedKeys.set(file, known);
    return known;
  });
  return (await Promise.all(keys)).flat();
}

/** SHA-1 and MD5 never vouch for a text, and RSA keys below 2048 bits neither, as in apt's gpgv. */
async function policy() {
  const { enums } = await import('openpgp');
  const { md5, ripemd, sha1 } = enums.hash;
  return { rejectMessageHashAlgorithms: new Set([md5, ripemd, sha1]), minRSABits: 2047 };
}

type Outcome =
  | ({ readonly type: 'good' } & Verified)
  | { readonly type: 'unknown'; readonly keyId: string }
  /** The bytes are not what a trusted key signed. */
  | { readonly type: 'wrong'; readonly keyId: string; readonly because: string }
  /** Right bytes, but an expired key, a weak hash, ...: counts for nothing. */
  | { readonly type: 'worthless'; readonly keyId: string; readonly because: string };

async function judge(
  results: readonly VerifyMessageResult['signatures'][number][],
  keys: readonly Key[],
  options: VerifyOptions,
): Promise<Verified> {
  const outcomes = await Promise.all(results.map((result) => judgeOne(result, keys, options.date)));
  const wrong = outcomes.find((outcome) => outcome.type === 'wrong');
  if (wrong) throw invalid(options.name, `the signature of key ${wrong.keyId} is wrong (${wrong.because})`);
  const good = outcomes.filter((outcome) => outcome.type === 'good');
  if (good.length > 0) return combine(good);
  const worthless = outcomes.filter((outcome) => outcome.type === 'worthless');
  if (worthless.some(({ because }) => /creation time is in the future/i.test(because))) throw fromFuture(options);
  if (worthless.length > 0) {
    throw invalid(options.name, worthless.map(({ keyId, because }) => `key ${keyId}: ${because}`).join('; '));
  }
  const unknown = outcomes.filter((outcome) => outcome.type === 'unknown').map((outcome) => outcome.keyId);
  if (unknown.length === 0) throw invalid(options.name, 'it carries no signature');
  throw new SlimimageError({
    code: 'SIGNATURE_UNKNOWN_KEY',
    message: `${options.name} is signed by ${unknown.join(', ')}, none of which is trusted for this archive`,
    hint: `get the key from whoever runs the archive and name it: signed-by: [archive.asc] (gpg --armor --export ${unknown[0]} > archive.asc)`,
  });
}

/** Far more often a wrong clock here than a wrong one there. */
function fromFuture({ name, date }: VerifyOptions): SlimimageError {
  return new SlimimageError({
    code: 'RELEASE_NOT_YET_VALID',
    message: `${name} was signed later than ${date.toISOString()}, which is now`,
    hint: 'set the clock of this machine',
  });
}

async function judgeOne(
  result: VerifyMessageResult['signatures'][number],
  keys: readonly Key[],
  date: Date,
): Promise<Outcome> {
  const keyId = result.keyID.toHex().toUpperCase();
  const key = keys.find((candidate) => candidate.getKeys(result.keyID).length > 0);
  if (key === undefined) return { type: 'unknown', keyId };
  try {
    await result.verified;
  } catch (cause) {
    const because = reason(cause);
    const mismatch = /digest did not match|verification failed|algorithm used to sign/i.test(because);
    return { type: mismatch ? 'wrong' : 'worthless', keyId, because };
  }
  try {
    // The library asks only whether the key was good when it signed; gpgv asks whether it still is.
    const signing = await key.getSigningKey(result.keyID, date);
    const ends = [
      await key.getExpirationTime(),
      await signing.getExpirationTime(),
      ...(await signatureEnds(result.signature)),
    ];
    return {
      type: 'good',
      fingerprints: [key.getFingerprint().toUpperCase()],
      from: Math.floor(date.getTime() / 1000),
      until: earliest(ends),
    };
  } catch (cause) {
    return { type: 'worthless', keyId, because: reason(cause) };
  }
}

async function signatureEnds(signature: Promise<Signature>): Promise<(Date | number | null)[]> {
  return (await signature).packets.map((packet) => packet.getExpirationTime());
}

function earliest(ends: readonly (Date | number | null)[]): number | undefined {
  const seconds = ends.filter((end) => end instanceof Date).map((end) => Math.floor(end.getTime() / 1000));
  return seconds.length === 0 ? undefined : Math.min(...seconds);
}

/** All of them were verified for the same date; the verdict holds as long as one of them does. */
function combine(good: readonly Verified[]): Verified {
  const ends = good.map((one) => one.until);
  return {
    fingerprints: [...new Set(good.flatMap((one) => one.fingerprints))].sort(),
    from: Math.max(...good.map((one) => one.from)),
    // The earliest end: after it the list of fingerprints would no longer be true.
    until: ends.some((end) => end !== undefined) ? Math.min(...ends.filter((end) => end !== undefined)) : undefined,
  };
}

function checkCount(count: number, name: string): void {
  if (count > maxSignatures) throw invalid(name, `it carries ${count} signatures`);
}

/** The library throws plain errors at malformed packets; none of them may leave. */
async function parsed<T>(name: string, parse: () => Promise<T>): Promise<T> {
  try {
    return await parse();
  } catch (cause) {
    throw invalid(name, `its signature is malformed (${reason(cause)})`, cause);
  }
}

function withoutLineEnds(text: string): string {
  return text.replaceAll('\r', '').replace(/\n+$/, '');
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function invalid(name: string, because: string, cause?: unknown): SlimimageError {
  return new SlimimageError({
    code: 'SIGNATURE_INVALID',
    message: `${name} is refused: ${because}`,
    hint: 'the file was changed on its way, or the mirror is broken: try again, or another mirror',
    cause,
  });
}
