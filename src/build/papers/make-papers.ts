import type { ImageSpec } from '../../config/spec.ts';
import { hasBill, keepBill } from '../../deliver/kept-bill.ts';
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
import { type PaperedPlatform, provenanceFacts } from './provenance-facts.ts';
import { type FileSources, fileSources } from './sbom-sources.ts';
import type { MadePaper } from './types.ts';

export interface PapersInput {
  readonly spec: ImageSpec;
  /** The manifest or index that the image is. */
  readonly root: Descriptor;
  readonly platforms: readonly PaperedPlatform[];
  /** Of the lock file that it was built from. */
  readonly lock: Digest | undefined;
  readonly options: Pick<BuildOptions, 'sboms' | 'provenance'>;
}

/** Of an image where nobody says what is wanted. */
export const defaultSboms: readonly SbomFormat[] = ['spdx', 'cyclonedx'];

/** Raised whenever the same facts would give other papers of the same version of slimimage. */
const papersVersion = 2;

/**
 * Makes the papers of an image in the local store and attaches them to it, so that they go with it from there. What was made before of the
 * same facts is remembered and costs nothing.
 * @throws SlimimageError STORE
 */
export async function makePapers(input: PapersInput, session: Session): Promise<readonly MadePaper[]> {
  const { options, platforms, root } = input;
  const image = [root, ...platforms.map(({ manifest }) => manifest)];
  const sboms = [...new Set(options.sboms ?? defaultSboms)];
  const provenance = options.provenance ?? true;
  if (sboms.length === 0 && !provenance) {
    await referPapers([], { image, store: session.store });
    return [];
  }
  return session.phase('papers', async () => {
    const { store } = session;
    const sources = await Promise.all(platforms.map((platform) => fileSources(input.spec, platform, session)));
    const facts = provenanceFacts({ ...input, sources: commitsOf(sources) });
    const key = sha256Hex(canonicalJson({ papersVersion, facts, sboms, provenance }));
    const wanted: Wanted = { ...input, session, facts, sboms, provenance, sources };
    const known = await remembered(key, wanted);
    const papers = known ?? (await make(wanted));
    await referPapers(papers, { image, store });
    if (known === undefined) await store.memo.set('papers', key, papers);
    return papers;
  });
}

interface Wanted extends Omit<PapersInput, 'options'> {
  readonly session: Session;
  readonly facts: ProvenanceFacts;
  readonly sboms: readonly SbomFormat[];
  readonly provenance: boolean;
  /** By platform. */
  readonly sources: readonly FileSources[];
}

async function remembered(
  key: string,
  { session, sboms, platforms }: Wanted,
): Promise<readonly MadePaper[] | undefined> {
  const { store } = session;
  const papers = (await store.memo.get('papers', key)) as readonly MadePaper[] | undefined;
  if (papers === undefined) return undefined;
  for (const paper of papers) if (!(await isWhole(paper, store))) return undefined;
  if (sboms.length > 0)
    for (const { manifest } of platforms) if (!(await hasBill(manifest.digest, store))) return undefined;
  return papers;
}

async function make(wanted: Wanted): Promise<readonly MadePaper[]> {
  const papers: MadePaper[] = [];
  for (const [at, platform] of wanted.platforms.entries()) {
    if (wanted.sboms.length > 0)
      papers.push(...(await makeSboms(platform, { ...wanted, own: wanted.sources[at] as FileSources })));
  }
  return wanted.provenance ? [...papers, await makeProvenance(wanted)] : papers;
}

async function makeSboms(
  platform: PaperedPlatform,
  { spec, session, sboms, own }: Wanted & { readonly own: FileSources },
): Promise<readonly MadePaper[]> {
  const { encodeSbom } = await import('../../sbom/encode.ts');
  const { manifest } = platform;
  const sources = Promise.resolve(own);
  const bill = await billOfMaterials({
    spec,
    platform,
    digest: manifest.digest,
    toolVersion,
    session,
    sources,
  });
  await keepBill(bill, session.store);
  const papers: MadePaper[] = [];
  for (const kind of sboms) {
    const bytes = await encodeSbom(kind, bill);
    const name = formatPlatform(platform.platform);
    papers.push(await storePaper({ kind, platform: name, bytes, subjects: [manifest] }, session.store));
  }
  return papers;
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

function commitsOf(sources: readonly FileSources[]): ProvenanceFacts['sources'] {
  const found = sources.flatMap(({ list }) => list);
  const commits = found.flatMap(({ name, git }) => (git === undefined ? [] : [{ name, ...git }]));
  return [...new Map(commits.map((one) => [canonicalJson(one), one])).values()];
}
