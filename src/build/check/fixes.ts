import type { ArchiveContext } from '../../archive/context.ts';
import { findFiles } from '../../archive/find-files.ts';
import type { ArchiveSpec } from '../../archive/types.ts';
import type { Finding } from '../../check/types.ts';
import { bestPackage, type PackageChoice, wantedName } from './wanted-file.ts';

export interface FixOptions extends PackageChoice {
  readonly archives: readonly ArchiveSpec[];
  /** Debian's name. */
  readonly architecture: string;
  readonly context: ArchiveContext;
  /** What to do with a package that has what is missing. */
  readonly remedy: string;
}

/** Findings whose remedy is a package, with its name: from the archives' Contents indexes, which are asked only now. */
export async function findFixes(findings: readonly Finding[], options: FixOptions): Promise<readonly Finding[]> {
  const names = [...new Set(findings.flatMap((finding) => wantedName(finding) ?? []))];
  if (names.length === 0 || options.archives.length === 0) return findings;
  const { archives, architecture, context } = options;
  const found = await findFiles(names, archives, { ...context, architecture });
  return findings.map((finding) => {
    const name = wantedName(finding);
    const files = name === undefined ? undefined : found.get(name);
    const best = files === undefined ? undefined : bestPackage(finding, files, options);
    if (best === undefined) return finding;
    return { ...finding, fix: `is in ${best}: ${options.remedy}` };
  });
}
