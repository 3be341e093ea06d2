/** A Release document as fetched, and what vouches for it. */
import { type Verified, verifyClearsigned, verifyDetached } from '../codecs/openpgp.ts';
import { splitClearsigned } from '../formats/openpgp/armor.ts';
import type { Memo } from '../store/memo.ts';
import { digestOf } from '../util/digest.ts';
import { decodeUtf8, decodeUtf8Strict } from '../util/text.ts';
import type { TrustedKeys } from './key-sets.ts';

/** InRelease (signed in itself), or Release with Release.gpg. */
export interface SignedDocument {
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array | undefined;
}

const namespace = 'release-verdict';

export interface VerifyReleaseOptions {
  readonly keys: TrustedKeys;
  readonly date: Date;
  /** For messages: `debian dists/trixie/InRelease`. */
  readonly name: string;
  /** Verdicts are remembered here by content and keys, so that a known document needs no cryptography. Undefined: none is believed. */
  readonly memo: Memo | undefined;
}

/**
 * The signed text and its signers. A remembered verdict holds for the same bytes and keys, as long as no key expires.
 *
 * @throws SlimimageError SIGNATURE_INVALID, SIGNATURE_UNKNOWN_KEY
 */
export async function verifyRelease(
  document: SignedDocument,
  options: VerifyReleaseOptions,
): Promise<{ readonly text: string; readonly fingerprints: readonly string[] }> {
  const { memo, name, date, keys } = options;
  const key = [digestOf(document.bytes), digestOf(document.signature ?? ''), keys.id].join(' ');
  const known = readVerdict(await memo?.get(namespace, key));
  const now = Math.floor(date.getTime() / 1000);
  if (known !== undefined && known.from <= now && (known.until === undefined || now < known.until)) {
    return { text: signedText(document, name), fingerprints: known.fingerprints };
  }
  const verified =
    document.signature === undefined
      ? await verifyClearsigned(document.bytes, keys.files, { date, name })
      : await verifyDetached(document.bytes, document.signature, { date, name, keys: keys.files });
  const { fingerprints, from, until } = verified;
  await memo?.set(namespace, key, { fingerprints, from, ...(until === undefined ? {} : { until }) });
  return { text: signedText(document, name), fingerprints };
}

function signedText(document: SignedDocument, name: string): string {
  if (document.signature !== undefined) return decodeUtf8(document.bytes);
  return splitClearsigned(decodeUtf8Strict(document.bytes) ?? '', name).text;
}

function readVerdict(value: unknown): Verified | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { fingerprints, from, until } = value as Record<string, unknown>;
  if (!Array.isArray(fingerprints) || !fingerprints.every((entry) => typeof entry === 'string')) return undefined;
  if (typeof from !== 'number' || (until !== undefined && typeof until !== 'number')) return undefined;
  return { fingerprints, from, until };
}
