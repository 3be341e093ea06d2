import type { Descriptor } from '../oci/descriptor.ts';
import { payloadOfBundle } from '../signing/bundle.ts';
import type { ReferrerTarget } from '../store/target.ts';
import { type KnownReferrer, readReferrerBlob, readReferrers, usableOrNone } from './known-referrers.ts';
import { paperStatements } from './paper-statements.ts';

export interface BundlesOfPapers {
  readonly subject: Descriptor;
  /** Referrers of the subject that are signatures. */
  readonly bundles: readonly Descriptor[];
  readonly store: ReferrerTarget;
}

/** Of the signatures those which say what one of these papers of the subject says, whoever signed it. */
export async function bundlesOf(
  papers: readonly Descriptor[],
  { subject, bundles, store }: BundlesOfPapers,
): Promise<readonly Descriptor[]> {
  const known = await collect(readReferrers(store, papers, { subject }));
  const statements = await paperStatements(store, { subject, known, options: {} });
  const found: Descriptor[] = [];
  for await (const { descriptor, manifest } of readReferrers(store, bundles, { subject })) {
    const [blob] = manifest.layers;
    const payload = blob && (await usableOrNone(async () => payloadOfBundle(await readReferrerBlob(store, blob))));
    if (payload !== undefined && statements.some(({ statement }) => Buffer.compare(statement, payload) === 0))
      found.push(descriptor);
  }
  return found;
}

async function collect(referrers: AsyncIterable<KnownReferrer>): Promise<readonly KnownReferrer[]> {
  const all: KnownReferrer[] = [];
  for await (const one of referrers) all.push(one);
  return all;
}
