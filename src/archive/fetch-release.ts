/** The Release of one suite: fetched when it has changed, verified, of today, and never older than the last one. */
import { momentOf } from '../config/values/timestamp.ts';
import { isSlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { HttpError } from '../net/http-error.ts';
import type { HttpDocument, Validators } from '../net/types.ts';
import { sha256Hex } from '../util/digest.ts';
import { type ArchiveContext, offlineError } from './context.ts';
import type { TrustedKeys } from './key-sets.ts';
import { isFlat, joinPath, suiteFolder, urlOf } from './location.ts';
import { politeClient } from './polite-client.ts';
import { parseRelease, type Release } from './release.ts';
import { checkRelease, isoTime } from './release-policy.ts';
import { type KnownRelease, readKnownRelease, rememberRelease, sourceOf, stateKey } from './release-state.ts';
import { type SignedDocument, type VerifyReleaseOptions, verifyRelease } from './signed-release.ts';
import { indexUrls } from './snapshot.ts';
import { tryMirrors } from './try-mirrors.ts';
import type { ArchiveSpec, VerifiedRelease } from './types.ts';

/** A suite whose Release was accepted. */
export interface OpenedSuite {
  readonly spec: ArchiveSpec;
  readonly suite: string;
  readonly release: Release;
  /** Which of its indexes are read, is chosen later. */
  readonly verified: Omit<VerifiedRelease, 'indexes'>;
}

/**
 * @throws SlimimageError SIGNATURE_INVALID, SIGNATURE_UNKNOWN_KEY, RELEASE_INVALID, RELEASE_EXPIRED,
 * RELEASE_NOT_YET_VALID, OFFLINE, CONFIG_INVALID, and what an HttpClient throws. Nothing of a refused Release is kept.
 */
export async function fetchRelease(
  spec: ArchiveSpec,
  suite: string,
  options: { readonly keys: TrustedKeys; readonly context: ArchiveContext },
): Promise<OpenedSuite> {
  const { keys } = options;
  const context = { ...options.context, http: politeClient(options.context.http, [spec]) };
  const asked: Asked = { spec, suite, folder: suiteFolder(suite), keys, context };
  const key = stateKey(spec, suite, keys);
  const known = await readKnownRelease(context.store, key);
  if (context.offline) {
    if (known === undefined) throw offlineError(`the Release of ${title(asked)}`);
    return accept(known.document, asked);
  }
  const mirrors = { archive: spec.name, signal: context.signal };
  return tryMirrors(indexUrls(spec), (url) => fetchFrom(url, { asked, key, known }), mirrors);
}

interface Asked {
  readonly spec: ArchiveSpec;
  readonly suite: string;
  readonly folder: string;
  readonly keys: TrustedKeys;
  readonly context: ArchiveContext;
}

async function fetchFrom(
  url: string,
  options: { readonly asked: Asked; readonly key: string; readonly known: KnownRelease | undefined },
): Promise<OpenedSuite> {
  const { asked, key, known } = options;
  const source = sourceOf(url);
  const validators = known?.source === source ? known.validators : undefined;
  const fetched = await fetchDocument(urlOf(url, asked.folder), {
    validators,
    known: known?.document,
    context: asked.context,
  });
  if (fetched === undefined && known !== undefined) return accept(known.document, asked);
  if (fetched === undefined) throw offlineError(`the Release of ${title(asked)}`);
  const opened = await accept(fetched.document, asked);
  const newer = await newerKnown(opened, { asked, known });
  if (newer !== undefined) return newer;
  await rememberRelease(asked.context.store, key, { ...fetched, source });
  return opened;
}

interface Fetched {
  readonly document: SignedDocument;
  readonly validators: Validators;
}

/** InRelease, else Release with Release.gpg; undefined where the one that is known is still current. */
async function fetchDocument(
  folder: string,
  options: {
    readonly validators: Validators | undefined;
    readonly known: SignedDocument | undefined;
    readonly context: ArchiveContext;
  },
): Promise<Fetched | undefined> {
  const { validators, known, context } = options;
  const get = { maxSize: limits.releaseBytes, signal: context.signal };
  const ask = (url: string, usable: boolean): Promise<HttpDocument | undefined> =>
    validators !== undefined && usable
      ? context.http.getBytesIfChanged(url, { ...get, validators })
      : context.http.getBytes(url, get);
  const inline = await orMissing(ask(`${folder}/InRelease`, known?.signature === undefined));
  if (inline !== 'missing') {
    return inline && { document: { bytes: inline.bytes, signature: undefined }, validators: inline.validators };
  }
  const release = await ask(`${folder}/Release`, known?.signature !== undefined);
  if (release === undefined) return undefined;
  const signature = await context.http.getBytes(`${folder}/Release.gpg`, get);
  return { document: { bytes: release.bytes, signature: signature.bytes }, validators: release.validators };
}

async function accept(document: SignedDocument, asked: Asked): Promise<OpenedSuite> {
  const { spec, suite, keys, context } = asked;
  const now = new Date(context.now());
  const name = joinPath(spec.name, asked.folder, document.signature === undefined ? 'InRelease' : 'Release');
  const asOf = spec.timestamp === undefined ? undefined : new Date(momentOf(spec.timestamp));
  const { text, fingerprints } = await verify(document, { keys, name, now, asOf, memo: context.store.memo });
  const release = parseRelease(text, name);
  const { checkValidUntil } = spec;
  checkRelease(release, { now, asOf, suite: isFlat(suite) ? undefined : suite, checkValidUntil, name: title(asked) });
  return openedSuite({ spec, suite, release }, { sha256: sha256Hex(document.bytes), fingerprints });
}

/** A suite by a Release that somebody vouched for. */
export function openedSuite(
  { spec, suite, release }: Pick<OpenedSuite, 'spec' | 'suite' | 'release'>,
  { sha256, fingerprints }: Pick<VerifiedRelease, 'sha256' | 'fingerprints'>,
): OpenedSuite {
  const { codename, date, validUntil } = release;
  return {
    spec,
    suite,
    release,
    verified: {
      archive: spec.name,
      suite,
      codename,
      sha256,
      date: date === undefined ? '' : isoTime(date),
      validUntil: validUntil === undefined ? undefined : isoTime(validUntil),
      fingerprints,
    },
  };
}

/**
 * A past state is verified as of its time, for its keys may have expired since. What was signed later than that is
 * verified as of today: its date is looked at next, and says more.
 */
async function verify(
  document: SignedDocument,
  options: Omit<VerifyReleaseOptions, 'date'> & { readonly now: Date; readonly asOf: Date | undefined },
): ReturnType<typeof verifyRelease> {
  const { now, asOf, keys, name, memo } = options;
  try {
    if (asOf !== undefined) return await verifyRelease(document, { keys, name, memo, date: asOf });
  } catch (error) {
    if (!isSlimimageError(error, 'RELEASE_NOT_YET_VALID')) throw error;
  }
  return verifyRelease(document, { keys, name, memo, date: now });
}

/**
 * The Release that is known, where the mirror offers an older one: a replayed Release brings back packages with known
 * holes. As apt does, the newer one stays in use and the user is told; it is no error, for mirrors lag every day.
 */
async function newerKnown(
  offered: OpenedSuite,
  options: { readonly asked: Asked; readonly known: KnownRelease | undefined },
): Promise<OpenedSuite | undefined> {
  const { asked, known } = options;
  if (known === undefined || !asked.spec.checkValidUntil) return undefined;
  const current = await accept(known.document, asked).catch((error: unknown) => {
    // What was good is no longer (its key was revoked, it expired): then the offered one stands alone.
    if (isSlimimageError(error)) return undefined;
    throw error;
  });
  if (current?.release.date === undefined || offered.release.date === undefined) return undefined;
  if (offered.release.date >= current.release.date) return undefined;
  asked.context.onEvent?.({
    type: 'warning',
    message: `A mirror offers an old Release of ${title(asked)} (${offered.verified.date}); the one of ${current.verified.date} stays in use`,
    hint: 'for a snapshot that is old by intention, set check-valid-until: false',
  });
  return current;
}

async function orMissing<T>(answer: Promise<T>): Promise<T | 'missing'> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof HttpError && (error.status === 404 || error.status === 410)) return 'missing';
    throw error;
  }
}

function title(asked: Asked): string {
  return `${asked.spec.name} ${asked.suite}`;
}
