import type { OperationOptions } from '../events.ts';
import { limits } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type PaperKind, paperMark, paperTypes } from '../oci/papers.ts';
import { parseJson } from '../oci/parse.ts';
import { provenanceType } from '../provenance/encode.ts';
import { encodeStatement } from '../provenance/statement.ts';
import type { BlobStore } from '../store/types.ts';
import { type Digest, hexOf } from '../util/digest.ts';
import { type KnownReferrer, readPaper, usableOrNone } from './known-referrers.ts';

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
  readonly options: OperationOptions;
}

/**
 * The statements that the papers of an image make: a provenance as it is, a bill of materials as the predicate of one. Only of papers that
 * slimimage attached: what strangers say of the image is not for this key to vouch for.
 */
export async function paperStatements(
  store: BlobStore,
  { subject, known, options }: PaperStatementsInput,
): Promise<readonly StatementToSign[]> {
  const statements: StatementToSign[] = [];
  for (const { descriptor, manifest } of known) {
    const kind = manifest.annotations?.[paperMark];
    const [blob, ...more] = manifest.layers;
    if (!isPaperKind(kind) || manifest.artifactType !== paperTypes[kind].mediaType) continue;
    const statement =
      blob === undefined || more.length > 0
        ? undefined
        : await usableOrNone(async () => statementOf(kind, await readPaper(store, blob), subject.digest));
    if (statement !== undefined) statements.push(statement);
    else
      options.onEvent?.({
        type: 'warning',
        message: `The ${kind} of ${subject.digest} in ${descriptor.digest} can't be read: it is not signed`,
      });
  }
  return statements;
}

function isPaperKind(text: string | undefined): text is PaperKind {
  return text !== undefined && Object.hasOwn(paperTypes, text);
}

/** Undefined for a provenance of something else. @throws SlimimageError OCI_INVALID where it is no JSON */
function statementOf(kind: PaperKind, paper: Uint8Array, subject: Digest): StatementToSign | undefined {
  const value = parseJson(paper, kind, { maxBytes: limits.paperBytes });
  const subjects = [{ digest: { sha256: hexOf(subject) } }];
  if (kind !== 'provenance') {
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
