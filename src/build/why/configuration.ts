import type { ImageSpec } from '../../config/spec.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import type { Pruning } from '../../prune/types.ts';
import { nearestNames } from '../../util/nearest.ts';
import { compareStrings } from '../../util/text.ts';
import { assemblePlatform } from '../assemble-platform.ts';
import { openBase } from '../base-image.ts';
import { preparePackages } from '../contents.ts';
import { planOf } from '../plan.ts';
import { isRoot, prunePlatform } from '../prune-platform.ts';
import { type BuildInput, readInput } from '../read-input.ts';
import type { ResolvedPlatform } from '../resolve.ts';
import { choosePlatform, resolveSpec } from '../resolve-packages.ts';
import type { Session } from '../session.ts';
import { explainNamed, explainPackage, type ReasonedPackage } from './chain.ts';
import { pruningNotes } from './cut-notes.ts';
import { isPath, type WhyQuestion } from './question.ts';
import { scriptNotes } from './script-notes.ts';
import { whyTreePath } from './tree-path.ts';
import type { WhyAnswer, WhyPackage } from './types.ts';

/** Why a configuration puts a package or a path into its image. */
export async function whyInConfiguration(input: BuildInput, question: WhyQuestion): Promise<WhyAnswer> {
  const { thing, session } = question;
  const spec = await readInput(input, { cwd: session.cwd });
  const platform = question.platform === undefined ? choosePlatform(spec) : parsePlatform(question.platform);
  const place = { type: 'configuration', name: spec.file, platform: formatPlatform(platform) } as const;
  if (isPath(thing)) {
    const assembled = await assemblePlatform(spec, { platform, session });
    const { path, notes, nearest } = whyTreePath(thing, { spec, assembled });
    const owners = path.origin.type === 'package' || path.origin.type === 'omitted' ? [path.origin.package] : [];
    const packages = packagesOf(assembled.resolved);
    const explained = owners.flatMap((name) => explainNamed(name, packages));
    const found = path.origin.type !== 'missing' && path.origin.type !== 'omitted';
    return { thing, place, found, packages: explained, path, nearest, notes };
  }
  const { resolved, installed } = await resolveSpec(spec, platform, session);
  const pruning = await pruningOf(thing, { spec, resolved, installed, session });
  const isCut = pruning?.cuts.some((one) => one.package === thing) === true;
  const packages = packagesOf(resolved);
  const explained = explainNamed(thing, packages);
  const named = explained.length > 0 ? explained : explainVirtual(thing, resolved, packages);
  const below = installed.find(({ name }) => name === thing);
  const found = (named.length > 0 && !isCut) || below !== undefined;
  const scripts = isCut ? [] : await scriptNotes(thing, { spec, resolved, session });
  const pruned = pruning === undefined ? [] : pruningNotes(thing, pruning);
  return {
    thing,
    place,
    found,
    packages: named,
    path: undefined,
    nearest: found || isCut ? [] : nearestNames(thing, packages.keys()),
    notes: [
      ...pruned,
      ...scripts,
      ...(below === undefined ? [] : [belowNote(below, spec)]),
      ...(found || isCut ? [] : absenceNotes(thing, spec, resolved)),
    ],
  };
}

/** Only where the package may have been cut: then its fellows are fetched, for their files and maintainer scripts decide. */
async function pruningOf(
  name: string,
  { spec, resolved, installed, session }: PruningQuestion,
): Promise<Pruning | undefined> {
  const { packages } = resolved.resolution;
  const asked = packages.find(({ record }) => record.name === name);
  if (spec.dependencies !== 'runtime' || asked === undefined) return undefined;
  if (isRoot(asked, spec)) return undefined;
  const { platform } = resolved;
  const base = installed.length === 0 ? undefined : await openBase(spec, platform, session);
  const contents = await preparePackages(spec, resolved, session);
  return (await prunePlatform(spec, { resolved, contents, base, locked: undefined, session })).pruning;
}

interface PruningQuestion {
  readonly spec: ImageSpec;
  readonly resolved: ResolvedPlatform;
  readonly installed: readonly PackageRecord[];
  readonly session: Session;
}

export function packagesOf(resolved: ResolvedPlatform): ReadonlyMap<string, ReasonedPackage> {
  return new Map(planOf(resolved).packages.map((one) => [one.name, one]));
}

function explainVirtual(
  name: string,
  { resolution }: ResolvedPlatform,
  packages: ReadonlyMap<string, ReasonedPackage>,
): readonly WhyPackage[] {
  return resolution.packages
    .filter(({ record }) => record.provides.some((provided) => provided.name === name))
    .map(({ record }) => record.name)
    .sort(compareStrings)
    .map((provider) => explainPackage(packages.get(provider) as ReasonedPackage, packages, name));
}

function belowNote({ name, version }: PackageRecord, { on }: ImageSpec): string {
  return `${name} ${version} is in the image below, ${on}: nothing is added for it`;
}

function absenceNotes(name: string, spec: ImageSpec, { donors, requests }: ResolvedPlatform): readonly string[] {
  const donor = donors.find((record) => record.name === name);
  if (donor !== undefined)
    return [`${name} ${donor.version} is read for what its maintainer scripts would have copied, and not installed`];
  if (spec.omit.includes(name)) return [`omit: leaves ${name} out`];
  const excluded = requests.find((request) => request.exclude === true && request.name === name);
  if (excluded !== undefined) return [`the request ${excluded.text} keeps it out`];
  return ['Nothing that the configuration asks for needs it'];
}
