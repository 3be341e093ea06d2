import type { PackagedFile } from '../../archive/find-files.ts';
import type { Finding } from '../../check/types.ts';
import { baseName } from '../../rootfs/path.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import { bestPackage, type PackageChoice, wantedName } from './wanted-file.ts';

type Pruned = Pick<AssembledPlatform, 'whole' | 'pruning'>;

/** Findings with their remedy where pruning took the package that has what is missing: no index is needed for that. */
export function fixFromCuts(findings: readonly Finding[], pruned: Pruned, choice: PackageChoice): readonly Finding[] {
  const names = new Set(findings.flatMap((finding) => wantedName(finding) ?? []));
  const files = names.size === 0 ? [] : cutFiles(names, pruned);
  if (files.length === 0) return findings;
  return findings.map((finding) => {
    const name = wantedName(finding);
    const best = bestPackage(
      finding,
      files.filter(({ path }) => baseName(path) === name),
      choice,
    );
    return best === undefined ? finding : { ...finding, fix: cutFix(best) };
  });
}

/** Packages that fixFromCuts named, each once. */
export function cutPackages(findings: readonly Finding[]): readonly string[] {
  return [...new Set(findings.flatMap(({ fix }) => /, which was cut .*: keep: \[(\S+)\]$/.exec(fix ?? '')?.[1] ?? []))];
}

function cutFix(name: string): string {
  return `is in ${name}, which was cut (dependencies: runtime): keep: [${name}]`;
}

/** Files of these names in packages that were cut. */
function cutFiles(names: ReadonlySet<string>, { whole, pruning }: Pruned): readonly PackagedFile[] {
  return pruning.cuts.flatMap(({ package: name }) => {
    const found = whole.contents.packages.get(name);
    const entries = (found?.content.index.entries ?? []).filter(({ path }) => names.has(baseName(path)));
    return entries.map(({ path }) => ({ path, package: name, section: '' }));
  });
}
