import { concatBytes } from '../util/bytes.ts';
import { canonicalJson } from '../util/json.ts';
import { encodeUtf8 } from '../util/text.ts';

/** in-toto attestation framework v1, resource_descriptor.md; at least one of `uri` and `digest` is there. */
export interface ResourceDescriptor {
  readonly name?: string | undefined;
  readonly uri?: string | undefined;
  /** By algorithm, in hexadecimal: `sha256`, `gitCommit`. */
  readonly digest?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
}

export interface StatementParts {
  readonly subjects: readonly ResourceDescriptor[];
  readonly predicateType: string;
  /** JSON, which goes in as it is. */
  readonly predicate: Uint8Array;
}

/** in-toto attestation framework v1, statement.md. */
export const statementType = 'https://in-toto.io/Statement/v1';

/** The bytes of an in-toto statement: what a predicate says of its subjects. They depend on the parts alone. */
export function encodeStatement({ subjects, predicateType, predicate }: StatementParts): Uint8Array {
  const head = canonicalJson({ _type: statementType, predicateType, subject: subjects });
  return concatBytes([encodeUtf8(`${head.slice(0, -1)},"predicate":`), predicate, encodeUtf8('}')]);
}
