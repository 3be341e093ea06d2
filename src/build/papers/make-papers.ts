import type { ImageSpec } from '../../config/spec.ts';
import { forgetBill, type KeptBill, keepBill, restoreBill } from '../../deliver/kept-bill.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { SbomFormat } from '../../oci/papers.ts';
import { formatPlatform } from '../../oci/platform.ts';
import type { ProvenanceFacts } from '../../provenance/types.ts';
import { type Digest, sha256Hex } from '../../util/digest.ts';
import { canonicalJson } from '../../util/json.ts';
import { compareStrings } from '../../util/text.ts';
import type { Session } from '../session.ts';
import { toolVersion } from '../tool-version.ts';
import type { BuildOptions } from '../types.ts';
import { isWhole, referPapers, storePaper } from './attach.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { paperPath } from './configured-places.ts';
import { papersName } from './papers-name.ts';
import { type PaperedPlatform, provenanceFacts } from './provenance-facts.ts';
import type { FileSources } from './sbom-sources.ts';
import type { MadePaper } from './types.ts';

export interface PapersInput {
  readonly spec: ImageSpec;
  /** The manifest or index that the image is. */
  readonly root: Descriptor;
  readonly platforms: readonly PaperedPlatform[];
  /** Of the lock file that it was built from. */
  readonly lock: Digest | undefined;
  readonly options: Pick<BuildOptions, 'sboms' | 'provenance' | 'tags' | 'outputs'>;
}

/** Of an image where nobody says what is wanted. */
export const defaultSboms: readonly SbomFormat[] = ['spdx', 'cyclonedx'];

/** Raised whenever the same facts would give other papers of the same version of slimimage. */
const papersVersion = 7;

export interface WantedPapers {
  readonly sboms: readonly SbomFormat[];
  readonly provenance: boolean;
}

export function wantedPapers({ sboms, provenance }: Pick<BuildOptions, 'sboms' | 'provenance'>): WantedPapers {
  return { sboms: [...new Set(sboms ?? defaultSboms)], provenance: provenance ?? true };
}

/**
 * Makes the papers of an image in the local store and attaches them to it, so that they go with it from there. What was made before of the
 * same facts is remembered and costs nothing.
 * @throws SlimimageError STORE
 */
export async function makePapers(input: PapersInput, session: Session): Promise<readonly MadePaper[]> {
  const { options, platforms, root } = input;
  const image = [root, ...platforms.map(({ manifest }) => manifest)];
  const { sboms, provenance } = wantedPapers(options);
  if (sboms.length === 0) for (const { manifest } of platforms) await forgetBill(manifest.digest, session.store);
  if (sboms.length === 0 && !provenance) {
    await referPapers([], { image, store: session.store });
    return [];
  }
  return session.phase('papers', async () => {
    const { store } = session;
    const sources = await Promise.all(platforms.map(({ early }) => early.sources()));
    const name = papersName(input.spec, options);
    const facts = provenanceFacts({ ...input, name, sources: sourcesOf(input, sources) });
    const key = sha256Hex(canonicalJson({ papersVersion, facts, sboms, provenance }));
    const wanted: Wanted = { ...input, session, facts, sboms, provenance, sources };
    const known = await remembered(key, wanted);
    const made = known ?? (await make(wanted));
    await referPapers(made.papers, { image, store });
    if (known === undefined) await store.memo.set('papers', key, made);
    return made.papers;
  });
}

interface Wanted extends Omit<PapersInput, 'options'>, WantedPapers {
  readonly session: Session;
  readonly facts: ProvenanceFacts;
  /** By platform. */
  readonly sources: readonly FileSources[];
}

interface Made {
  readonly papers: readonly MadePaper[];
  /** What other formats are made of; [] where no SBOM was. */
  readonly bills: readonly KeptBill[];
}

async function remembered(key: string, { session: { store } }: Wanted): Promise<Made | undefined> {
  const made = (await store.memo.get('papers', key)) as Made | undefined;
  if (made === undefined) return undefined;
  for (const paper of made.papers) if (!(await isWhole(paper, store))) return undefined;
  // Another build may have made the same image since, and have called it otherwise.
  for (const bill of made.bills) if (!(await restoreBill(bill, store))) return undefined;
  return made;
}

async function make(wanted: Wanted): Promise<Made> {
  const papers: MadePaper[] = [];
  const bills: KeptBill[] = [];
  for (const [at, platform] of wanted.platforms.entries()) {
    if (wanted.sboms.length === 0) continue;
    const made = await makeSboms(platform, { ...wanted, sources: wanted.sources[at] as FileSources });
    papers.push(...made.papers);
    bills.push(made.bill);
  }
  if (wanted.provenance) papers.push(await makeProvenance(wanted));
  return { papers, bills };
}

async function makeSboms(
  platform: PaperedPlatform,
  { spec, facts, session, sboms, sources }: Omit<Wanted, 'sources'> & { readonly sources: FileSources },
): Promise<{ readonly papers: readonly MadePaper[]; readonly bill: KeptBill }> {
  const { encodeSbom } = await import('../../sbom/encode.ts');
  const { manifest } = platform;
  await platform.early.settled();
  const bill = await billOfMaterials({
    spec,
    name: facts.name,
    platform,
    digest: manifest.digest,
    toolVersion,
    session,
    sources,
  });
  const name = formatPlatform(platform.platform);
  const [kept, ...papers] = await Promise.all([
    keepBill(bill, session.store),
    ...sboms.map(async (kind) => {
      const bytes = await encodeSbom(kind, bill);
      return storePaper({ kind, platform: name, bytes, subjects: [manifest] }, session.store);
    }),
  ]);
  return { papers, bill: kept };
}

/** One statement for all that was built, attached to each of it: whoever has one platform only finds it too. */
async function makeProvenance({ root, platforms, facts, session }: Wanted): Promise<MadePaper> {
  const { encodeProvenance } = await import('../../provenance/encode.ts');
  const manifests = platforms.map(({ manifest }) => manifest);
  const subjects = manifests.some(({ digest }) => digest === root.digest) ? manifests : [root, ...manifests];
  const bytes = encodeProvenance(facts);
  const date = facts.releases.map((one) => one.date).reduce<string | undefined>(later, undefined);
  return storePaper({ kind: 'provenance', platform: undefined, bytes, subjects, date }, session.store);
}

function later(a: string | undefined, b: string): string {
  return a === undefined || compareStrings(a, b) < 0 ? b : a;
}

/** Platforms share most of it. */
function sourcesOf({ spec, platforms }: PapersInput, sources: readonly FileSources[]): ProvenanceFacts['sources'] {
  const commits = sources
    .flatMap(({ list }) => list)
    .flatMap(({ name, git }) => (git === undefined ? [] : [{ type: 'git' as const, name, ...git }]));
  const certificates = platforms.flatMap((platform) =>
    platform.certificates.map(({ sha256 }, at) => ({
      type: 'certificate' as const,
      name: paperPath(spec.certificates[at] as string, spec),
      digest: { sha256 },
    })),
  );
  const all = [...commits, ...sources.flatMap(({ others }) => others), ...certificates];
  return [...new Map(all.map((one) => [canonicalJson(one), one])).values()];
}
