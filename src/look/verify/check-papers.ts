import type { Descriptor } from '../../oci/descriptor.ts';
import { parseManifest } from '../../oci/parse.ts';
import { readBlob } from '../../store/read-document.ts';
import type { ReferrerTarget } from '../../store/target.ts';
import { holdBlob } from './hold-blob.ts';
import { isDamage } from './open-subject.ts';
import { Tally } from './tally.ts';
import type { Claim } from './types.ts';

/** What refers to an image, held as its own blobs are: a paper that nobody can read is no paper. */
export async function checkPapers(target: ReferrerTarget, subjects: readonly Descriptor[]): Promise<Claim> {
  const tally = new Tally();
  const seen = new Set<string>();
  const hold = async (descriptor: Descriptor): Promise<boolean> => {
    const problem = await holdBlob(target, descriptor);
    if (problem === undefined) tally.proven();
    else tally.failed(descriptor.digest, `what is attached ${problem}`);
    return problem === undefined;
  };
  for (const subject of new Map(subjects.map((one) => [one.digest, one])).values()) {
    try {
      for (const referrer of await target.referrers(subject.digest)) {
        if (seen.has(referrer.digest) || !(await hold(referrer))) continue;
        seen.add(referrer.digest);
        const { config, layers } = parseManifest(await readBlob(target, referrer));
        for (const blob of [config, ...layers]) {
          if (seen.has(blob.digest)) continue;
          seen.add(blob.digest);
          await hold(blob);
        }
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
      tally.failed(subject.digest, `what is attached to it can't be read: ${error.message}`);
    }
  }
  return tally.claim({
    id: 'papers',
    claim: 'papers and signatures that are attached have the digests and sizes by which they are named',
    by: 'sha256 of all of their bytes',
    empty: 'nothing is attached to it',
  });
}
