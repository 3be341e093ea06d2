import type { Content } from '../content/types.ts';
import type { PackageRecord } from '../distro/types.ts';
import { formatPlatform } from '../oci/platform.ts';
import { classifyScripts } from '../scripts/classify.ts';
import { isThereAtInstallation } from '../scripts/installation-tools.ts';
import type { ScriptReport, ScriptVerdict } from '../scripts/types.ts';
import { preparePackages } from './contents.ts';
import { type BuildInput, readInput } from './read-input.ts';
import { choosePlatform, resolveSpec } from './resolve-packages.ts';
import { openSession, type SessionOptions } from './session.ts';

/** What becomes of the maintainer scripts of some packages: plain data (schema/effects.schema.json). */
export interface ScriptEffects {
  /** `linux/amd64`. */
  readonly platform: string;
  /** Those that were asked for, sorted by name. */
  readonly packages: readonly PackageEffects[];
}

export interface PackageEffects {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Of its worst script. */
  readonly verdict: ScriptVerdict;
  /** In the order in which they run; none where the package has none. */
  readonly scripts: readonly ScriptReport[];
}

/**
 * Fetches the packages that a configuration requests, without what they depend on, and judges their maintainer scripts.
 * What hangs on files of other packages is unknown: a build knows them, and may judge more kindly.
 * @throws SlimimageError as `plan`, and what fetching and converting a package throws.
 */
export async function scriptEffects(input: BuildInput, options: SessionOptions): Promise<ScriptEffects> {
  const session = await openSession(options);
  try {
    const given = await readInput(input, { cwd: session.cwd });
    const spec = { ...given, dependencies: 'none', base: 'none', essential: false, on: undefined } as const;
    const platform = choosePlatform(spec);
    const { resolved } = await resolveSpec(spec, platform, session);
    const { packages } = await preparePackages(spec, { ...resolved, donors: [], lateDonor: () => [] }, session);
    return {
      platform: formatPlatform(platform),
      packages: [...packages.values()]
        .map((one) => packageEffects(one, resolved.architecture))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    };
  } finally {
    await session.close();
  }
}

function packageEffects(
  { record, content }: { readonly record: PackageRecord; readonly content: Content },
  architecture: string,
): PackageEffects {
  const { name, version } = record;
  const scripts = scriptReports(content, architecture);
  return { name, version, architecture: record.architecture, verdict: worstVerdict(scripts), scripts };
}

/** As far as a package's own files tell. */
export function scriptReports({ index }: Content, architecture: string): readonly ScriptReport[] {
  const own = new Set([...index.entries, ...index.omitted].map(({ path }) => `/${path}`));
  const exists = (path: string) => isThereAtInstallation(path) || own.has(path) || own.has(`/usr${path}`) || undefined;
  return classifyScripts({ name: index.name, scripts: index.scripts }, { architecture, exists });
}

function worstVerdict(scripts: readonly ScriptReport[]): ScriptVerdict {
  const found = new Set(scripts.map(({ verdict }) => verdict));
  return (['not-reproduced', 'covered', 'irrelevant'] as const).find((verdict) => found.has(verdict)) ?? 'nothing';
}
