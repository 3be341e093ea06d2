import type { ImageSpec } from '../../config/spec.ts';
import type { Content } from '../../content/types.ts';
import { debianVersions } from '../../distro/debian/version.ts';
import type { Dependency, PackageRecord } from '../../distro/types.ts';
import { parseStanza } from '../../formats/deb822/stanza.ts';
import { baseName } from '../../rootfs/path.ts';
import type { SbomDependency, SbomLicence, SbomPackage } from '../../sbom/types.ts';
import { matches } from '../../solver/relations.ts';
import { compareStrings } from '../../util/text.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import { isRequested } from '../plan.ts';
import { omittedGroups, strippedPermissions } from '../result.ts';
import type { Session } from '../session.ts';
import type { StrippedPermission } from '../types.ts';
import { readLicences } from './licences.ts';
import { basePackages, controlFacts } from './sbom-base-packages.ts';
import { vendorOf } from './vendor.ts';

/** Every package of the image, those of the image below too, sorted by name. */
export async function sbomPackages(
  spec: ImageSpec,
  platform: AssembledPlatform,
  session: Pick<Session, 'store' | 'signal'>,
): Promise<readonly SbomPackage[]> {
  const { resolved, contents, base } = platform;
  const licences = await readLicences(platform, session);
  const dependencies = dependenciesOf(platform);
  const stripped = Map.groupBy(strippedPermissions(platform), (one) => one.package);
  const added = resolved.resolution.packages.map((one): SbomPackage => {
    const { record } = one;
    const { name, sha256, size, origin } = record;
    const { archive, suite, component, path } = origin;
    const content = (contents.packages.get(name) as { readonly content: Content }).content;
    return {
      ...identity(record),
      ...controlFacts(parseStanza(content.index.control)),
      ...vendorOf(archive, spec),
      deb: { sha256, size, archive, suite, component, path: archive === 'file' ? baseName(path) : path },
      licence: licences.get(name) as SbomLicence,
      requested: isRequested(one),
      dependencies: dependencies.get(name) ?? [],
      omitted: omittedGroups([content]),
      stripped: (stripped.get(name) ?? []).map(strippedText),
    };
  });
  const names = new Set(added.map(({ name }) => name));
  const below =
    base === undefined ? [] : basePackages(base, (name) => ({ dependencies: dependencies.get(name) ?? [] }));
  return [...added, ...below.filter(({ name }) => !names.has(name))].sort(
    (a, b) => compareStrings(a.name, b.name) || compareStrings(a.architecture, b.architecture),
  );
}

function identity({ name, version, architecture, source }: PackageRecord) {
  return { name, version, architecture, source };
}

function strippedText({ path, mode, capability }: StrippedPermission): string {
  return mode === undefined ? `${path} capability ${capability}` : `${path} mode ${mode.toString(8)}`;
}

type EdgeType = SbomDependency['type'];

/** Stronger ones first: a package that is needed in several ways is listed once. */
const edgeTypes: readonly EdgeType[] = ['pre-depends', 'depends', 'recommends'];

/** By package, what it needs: between the packages of this build as they were resolved, with the image below as they declare. */
function dependenciesOf({ resolved, base }: AssembledPlatform): ReadonlyMap<string, readonly SbomDependency[]> {
  const edges = new Map<string, Map<string, EdgeType>>();
  const add = (from: string, to: string, type: EdgeType) => {
    if (from === to) return;
    const known = edges.get(from) ?? new Map<string, EdgeType>();
    edges.set(from, known);
    const earlier = known.get(to);
    if (earlier === undefined || edgeTypes.indexOf(type) < edgeTypes.indexOf(earlier)) known.set(to, type);
  };
  const { packages } = resolved.resolution;
  for (const { record, reasons } of packages)
    for (const reason of reasons) if ('from' in reason) add(reason.from, record.name, reason.type);
  const installed = base?.installed ?? [];
  if (installed.length > 0) {
    const find = finder(installed, resolved.architecture);
    for (const record of [...packages.map((one) => one.record), ...installed])
      for (const type of edgeTypes)
        for (const dependency of dependenciesIn(record, type))
          for (const { name } of find(dependency)) add(record.name, name, type);
  }
  return new Map(
    [...edges].map(([from, known]) => [
      from,
      [...known].map(([name, type]) => ({ name, type })).sort((a, b) => compareStrings(a.name, b.name)),
    ]),
  );
}

function dependenciesIn({ preDepends, depends, recommends }: PackageRecord, type: EdgeType): readonly Dependency[] {
  return { 'pre-depends': preDepends, depends, recommends }[type];
}

/** Installed packages that satisfy an alternative of a dependency. */
function finder(installed: readonly PackageRecord[], architecture: string) {
  const byName = new Map<string, PackageRecord[]>();
  for (const record of installed)
    for (const name of new Set([record.name, ...record.provides.map((provided) => provided.name)])) {
      const records = byName.get(name);
      if (records === undefined) byName.set(name, [record]);
      else records.push(record);
    }
  const context = { architecture, versions: debianVersions };
  return (dependency: Dependency) =>
    dependency.flatMap((relation) =>
      (byName.get(relation.name) ?? []).filter((candidate) => matches(candidate, relation, context)),
    );
}
