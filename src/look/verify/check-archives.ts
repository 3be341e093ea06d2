/** The way from an archive's key to a .deb: InRelease, package index, the package's line in it. */
import type { ArchiveContext } from '../../archive/context.ts';
import { fetchIndex } from '../../archive/fetch-index.ts';
import type { OpenedSuite } from '../../archive/fetch-release.ts';
import { chooseIndexes } from '../../archive/index-choice.ts';
import { isFlat } from '../../archive/location.ts';
import { openNamedRelease } from '../../archive/named-release.ts';
import type { ArchiveSpec } from '../../archive/types.ts';
import { packageRecord } from '../../distro/debian/record.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { isSlimimageError } from '../../errors.ts';
import type { PackagesIndex } from '../../formats/deb822/packages-reader.ts';
import type { Stanza } from '../../formats/deb822/stanza.ts';
import { canonicalJson } from '../../util/json.ts';
import type { NamedPackage, NamedRelease, ReadProvenance } from './read-provenance.ts';
import { Tally } from './tally.ts';
import type { Claim } from './types.ts';

export interface CheckArchivesInput {
  readonly provenances: readonly ReadProvenance[];
  /** Debian's names. */
  readonly architectures: readonly string[];
  /** Where an archive is; undefined where nobody knows. */
  readonly specOf: (archive: string, suite: string) => Promise<ArchiveSpec | undefined>;
  readonly context: ArchiveContext;
}

/** A .deb that a signed index lists as a provenance names it. */
export interface ListedDeb {
  readonly record: PackageRecord;
  readonly spec: ArchiveSpec;
  /** Of the Release, ISO 8601. */
  readonly date: string;
}

export interface CheckedArchives {
  readonly claims: readonly Claim[];
  /** Those of installed packages. */
  readonly debs: readonly ListedDeb[];
  /** How many installed packages no signed index lists. */
  readonly unlisted: number;
}

export async function checkArchives(input: CheckArchivesInput): Promise<CheckedArchives> {
  const { provenances } = input;
  const releases = new Tally();
  const listed = new Tally();
  const seen = new Map<string, NamedRelease>();
  // Provenances may say different things of one Release.
  for (const read of provenances)
    for (const one of read.releases) seen.set(canonicalJson({ ...one, indexes: [...one.indexes] }), one);
  const indexes: OpenedIndexes[] = [];
  for (const named of seen.values()) {
    const suite = await holdRelease(releases, named, input);
    if (suite !== undefined) indexes.push(await openIndexes(releases, { named, suite, input }));
  }
  const packages = new Map(
    provenances.flatMap((read) => read.packages).map((one) => [`${one.sha256} ${one.name} ${one.version}`, one]),
  );
  const debs: ListedDeb[] = [];
  let unlisted = 0;
  for (const one of packages.values()) {
    const found = holdPackage(listed, one, indexes);
    if (!one.isInstalled) continue;
    if (found === undefined) unlisted++;
    else debs.push(found);
  }
  const claims = [
    releases.claim({
      id: 'releases',
      claim:
        "an archive's key signed each Release that the provenance names, and each lists the package indexes that it names",
      by: "the InRelease files of that digest, verified with the archives' keys",
      empty: provenances.length === 0 ? 'there is no provenance' : 'the provenance names no Release',
    }),
    listed.claim({
      id: 'listed-packages',
      claim: 'package indexes of those Releases list each .deb of the provenance by its sha256',
      by: 'the package indexes, each with the digest that the signed Release gives for it',
      empty: provenances.length === 0 ? 'there is no provenance' : 'the provenance names no package',
    }),
  ];
  return { claims, debs, unlisted };
}

async function holdRelease(
  tally: Tally,
  named: NamedRelease,
  { specOf, context }: CheckArchivesInput,
): Promise<OpenedSuite | undefined> {
  const { archive, suite, sha256, date, fingerprints } = named;
  const about = `${archive} ${suite}`;
  try {
    const spec = await specOf(archive, suite);
    if (spec === undefined) {
      tally.unproven(
        about,
        'nobody knows where this archive is and whose keys it has: give the configuration with --file',
      );
      return undefined;
    }
    const opened = await openNamedRelease(spec, { suite, digest: `sha256:${sha256}`, date }, context);
    if (opened === undefined) {
      tally.unproven(
        about,
        `the Release of ${date} is not to be had: what the provenance says of it stands by its signature alone`,
      );
      return undefined;
    }
    const stranger = fingerprints.find((one) => !opened.verified.fingerprints.includes(one));
    if (stranger === undefined) tally.proven();
    else
      tally.failed(about, `the provenance says that the key ${stranger} signed the Release of ${date}, and it did not`);
    return opened;
  } catch (error) {
    if (!isSlimimageError(error) || error.code === 'ABORTED') throw error;
    tally.failed(about, error.message);
    return undefined;
  }
}

interface OpenedIndexes {
  readonly archive: string;
  readonly suite: string;
  readonly spec: ArchiveSpec;
  readonly date: string;
  readonly indexes: readonly PackagesIndex[];
  /** Whether none of them is lacking. */
  readonly isWhole: boolean;
}

async function openIndexes(
  tally: Tally,
  {
    named,
    suite,
    input,
  }: { readonly named: NamedRelease; readonly suite: OpenedSuite; readonly input: CheckArchivesInput },
): Promise<OpenedIndexes> {
  const { archive } = named;
  const about = `${archive} ${named.suite}`;
  for (const [path, sha256] of named.indexes) {
    if (suite.release.files.get(path)?.sha256 === sha256) tally.proven();
    else tally.failed(`${about} ${path}`, 'the Release does not list it with the digest that the provenance names');
  }
  const indexes = new Map<string, PackagesIndex>();
  let isWhole = true;
  for (const architecture of input.architectures) {
    try {
      const flat = isFlat(named.suite);
      const choices = chooseIndexes(suite.release, {
        components: suite.spec.components,
        architecture,
        flat,
        name: about,
      });
      for (const choice of choices) {
        if (indexes.has(choice.path)) continue;
        const index = await fetchIndex(suite, choice, input.context);
        if (index !== undefined) indexes.set(choice.path, index);
      }
    } catch (error) {
      if (!isSlimimageError(error) || error.code === 'ABORTED') throw error;
      isWhole = false;
    }
  }
  return {
    archive,
    suite: flatless(named.suite),
    spec: suite.spec,
    date: named.date,
    indexes: [...indexes.values()],
    isWhole,
  };
}

function holdPackage(tally: Tally, one: NamedPackage, opened: readonly OpenedIndexes[]): ListedDeb | undefined {
  const about = `${one.name} ${one.version}`;
  if (one.archive === 'file') {
    tally.note(about, "it is a .deb of the builder's own: no archive vouches for it");
    return undefined;
  }
  const own = opened.filter(({ archive, suite }) => archive === one.archive && suite === flatless(one.suite));
  for (const { indexes, spec, date } of own) {
    const stanza = listedIn(indexes, one);
    if (stanza === undefined) continue;
    tally.proven();
    return listedDeb(stanza, one, { spec, date });
  }
  if (own.length > 0 && own.every(({ isWhole }) => isWhole))
    tally.failed(
      about,
      `no package index of ${one.archive} ${one.suite} that the provenance names lists the .deb ${one.sha256}`,
    );
  else if (own.length === 0) tally.unproven(about, `the Release of ${one.archive} ${one.suite} is not proven`);
  else tally.unproven(about, `package indexes of ${one.archive} ${one.suite} of that time are not to be had`);
  return undefined;
}

function listedIn(indexes: readonly PackagesIndex[], { name, version, sha256 }: NamedPackage): Stanza | undefined {
  for (const index of indexes) {
    for (const number of index.stanzasOf(name)) {
      const stanza = index.stanza(number);
      if (stanza.get('SHA256')?.toLowerCase() === sha256 && stanza.get('Version') === version) return stanza;
    }
  }
  return undefined;
}

function listedDeb(
  stanza: Stanza,
  { archive, suite, architecture }: NamedPackage,
  place: Pick<ListedDeb, 'spec' | 'date'>,
): ListedDeb | undefined {
  try {
    const origin = { archive, suite, component: '', priority: 500 };
    return { record: packageRecord(stanza, origin, { architecture }), ...place };
  } catch (error) {
    if (!isSlimimageError(error)) throw error;
    return undefined;
  }
}

/** Packages of flat archives have no suite. */
function flatless(suite: string): string {
  return isFlat(suite) ? '' : suite;
}
