import type { OperationOptions, SlimimageEvent } from '../events.ts';
import { limits } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type PaperKind, paperMark, paperTypes } from '../oci/papers.ts';
import { parseJson } from '../oci/parse.ts';
import { provenanceType } from '../provenance/encode.ts';
import { encodeStatement } from '../provenance/statement.ts';
import type { ReferrerTarget } from '../store/target.ts';
import type { BlobStore } from '../store/types.ts';
import { type Digest, hexOf } from '../util/digest.ts';
import { type KnownReferrer, readReferrerBlob, usableOrNone } from './known-referrers.ts';

/** What in-toto calls a document of each kind (spec/predicates/spdx.md, spdx3.md, cyclonedx.md), as `cosign verify-attestation --type` knows it. */
const predicateTypes: Readonly<Record<Exclude<PaperKind, 'provenance'>, string>> = {
  spdx: 'https://spdx.dev/Document',
  'spdx-3': 'https://spdx.dev/Document/v3',
  cyclonedx: 'https://cyclonedx.org/bom',
};

/** A statement about one document of an image. */
export interface StatementToSign {
  readonly predicateType: string;
  readonly statement: Uint8Array;
}

export interface PaperStatementsInput {
  readonly subject: Descriptor;
  /** What refers to it. */
  readonly known: readonly KnownReferrer[];
  readonly options: PaperStatementsOptions;
}

export interface PaperStatementsOptions extends OperationOptions {
  /** Speaks for papers: what this place has not attached to the image too is told, and left out. Undefined: all are taken. */
  readonly knownTo?: Pick<ReferrerTarget, 'referrers'> | undefined;
}

/**
 * The statements that the papers of an image make: a provenance as it is, a bill of materials as the predicate of one. Only of papers that
 * are marked as slimimage's and name the image's digest. Mark and digest keep mix-ups out and no forger: whoever may write to the place writes
 * both, so there `knownTo` decides.
 */
export async function paperStatements(
  store: BlobStore,
  { subject, known, options }: PaperStatementsInput,
): Promise<readonly StatementToSign[]> {
  const statements: StatementToSign[] = [];
  const knownHere = await digestsKnownTo(options.knownTo, subject);
  const unknown: string[] = [];
  for (const { descriptor, manifest } of known) {
    const kind = manifest.annotations?.[paperMark];
    const [blob, ...more] = manifest.layers;
    if (!isPaperKind(kind) || manifest.artifactType !== paperTypes[kind].mediaType) continue;
    if (knownHere?.has(descriptor.digest) === false) {
      unknown.push(`${kind} in ${descriptor.digest}`);
      continue;
    }
    const statement =
      blob === undefined || more.length > 0
        ? undefined
        : await usableOrNone(async () => statementOf(kind, await readReferrerBlob(store, blob), subject.digest));
    if (statement !== undefined) statements.push(statement);
    else
      options.onEvent?.({
        type: 'warning',
        message: `The ${kind} of ${subject.digest} in ${descriptor.digest} can't be read, or does not name it: it is not signed`,
      });
  }
  if (unknown.length > 0) options.onEvent?.(unknownPapers(unknown, subject));
  return statements;
}

async function digestsKnownTo(
  place: PaperStatementsOptions['knownTo'],
  { digest }: Descriptor,
): Promise<ReadonlySet<Digest> | undefined> {
  return place && new Set((await place.referrers(digest)).map((referrer) => referrer.digest));
}

function unknownPapers(papers: readonly string[], { digest }: Descriptor): SlimimageEvent {
  return {
    type: 'warning',
    message: `Papers of ${digest} that the local store does not have are not signed: ${papers.join(', ')}`,
    hint: 'Others may have attached them. Sign where the image was built, or vouch for them as they are with --papers.',
  };
}

function isPaperKind(text: string | undefined): text is PaperKind {
  return text !== undefined && Object.hasOwn(paperTypes, text);
}

/** Undefined for a paper of something else. @throws SlimimageError OCI_INVALID where it is no JSON */
function statementOf(kind: PaperKind, paper: Uint8Array, subject: Digest): StatementToSign | undefined {
  const value = parseJson(paper, kind, { maxBytes: limits.paperBytes });
  const subjects = [{ digest: { sha256: hexOf(subject) } }];
  if (kind !== 'provenance') {
    if (!Buffer.from(paper).includes(hexOf(subject))) return undefined;
    const predicateType = predicateTypes[kind];
    return { predicateType, statement: encodeStatement({ subjects, predicateType, predicate: paper }) };
  }
  return speaksOf(value, subject) ? { predicateType: provenanceType, statement: paper } : undefined;
}

function speaksOf(statement: unknown, subject: Digest): boolean {
  if (typeof statement !== 'object' || statement === null) return false;
  const { predicateType, subject: subjects } = statement as Readonly<Record<string, unknown>>;
  if (predicateType !== provenanceType || !Array.isArray(subjects)) return false;
  return subjects.some(
    (one: { readonly digest?: { readonly sha256?: unknown } } | null) => one?.digest?.sha256 === hexOf(subject),
  );
}
