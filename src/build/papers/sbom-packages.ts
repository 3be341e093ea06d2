import type { ImageSpec } from '../../config/spec.ts';
import type { Content } from '../../content/types.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { parseStanza } from '../../formats/deb822/stanza.ts';
import { baseName } from '../../rootfs/path.ts';
import { cutText } from '../../sbom/remarks.ts';
import type { SbomCut, SbomLicence, SbomPackage } from '../../sbom/types.ts';
import type { ScriptReport } from '../../scripts/types.ts';
import { compareStrings } from '../../util/text.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import { isRequested } from '../plan.ts';
import { omittedGroups, strippedPermissions } from '../result.ts';
import type { Session } from '../session.ts';
import type { StrippedPermission } from '../types.ts';
import { readLicences } from './licences.ts';
import { basePackages, controlFacts } from './sbom-base-packages.ts';
import { packageNeeds } from './sbom-dependencies.ts';
import { vendorOf } from './vendor.ts';

/** Every package of the image, those of the image below too, sorted by name. */
export async function sbomPackages(
  spec: ImageSpec,
  platform: AssembledPlatform,
  session: Pick<Session, 'store' | 'signal'>,
): Promise<readonly SbomPackage[]> {
  const { resolved, contents, base } = platform;
  const licences = await readLicences(platform, session);
  const needsOf = packageNeeds(platform);
  const cutsOf = cutDependencies(platform);
  const reports = Map.groupBy(platform.scripts.reports, (one) => one.package);
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
      ...needsOf(name),
      cutDependencies: cutsOf(name),
      omitted: omittedGroups([content]),
      scripts: (reports.get(name) ?? []).map(scriptText),
      stripped: (stripped.get(name) ?? []).map(strippedText),
    };
  });
  const names = new Set(added.map(({ name }) => name));
  const below = base === undefined ? [] : basePackages(base, needsOf);
  return [...added, ...below.filter(({ name }) => !names.has(name))].sort(
    (a, b) => compareStrings(a.name, b.name) || compareStrings(a.architecture, b.architecture),
  );
}

export function sbomCut({
  package: name,
  version,
  grade,
  because,
}: AssembledPlatform['pruning']['cuts'][number]): SbomCut {
  return { name, version, grade, because };
}

/** What a package of the image depends on and was cut, with grade and reason. */
function cutDependencies({ whole, pruning }: AssembledPlatform): (name: string) => readonly string[] {
  const texts = new Map<string, string[]>();
  const cuts = new Map(pruning.cuts.map((cut) => [cut.package, cut]));
  for (const { record, reasons } of whole.resolved.resolution.packages) {
    const cut = cuts.get(record.name);
    if (cut === undefined) continue;
    const text = cutText(sbomCut(cut));
    for (const from of new Set(reasons.flatMap((reason) => ('from' in reason ? [reason.from] : []))))
      texts.set(from, [...(texts.get(from) ?? []), text]);
  }
  return (name) => texts.get(name) ?? [];
}

function identity({ name, version, architecture, source }: PackageRecord) {
  return { name, version, architecture, source };
}

/** `postinst: covered by accounts, service folders` */
function scriptText({ script, verdict, lines }: ScriptReport): string {
  const reasons = [...new Set(lines.filter((line) => line.verdict === verdict).map(({ because }) => because))];
  if (verdict === 'nothing') return `${script}: nothing to do`;
  const verb = { covered: 'covered by', irrelevant: 'irrelevant:', 'not-reproduced': 'not reproduced:' }[verdict];
  return `${script}: ${verb} ${reasons.join(', ')}`;
}

function strippedText({ path, mode, capability }: StrippedPermission): string {
  return mode === undefined ? `${path} capability ${capability}` : `${path} mode ${mode.toString(8)}`;
}
