import type { ImageSpec } from '../config/spec.ts';
import type { PackageRecord } from '../distro/types.ts';
import { SlimimageError } from '../errors.ts';
import { hostPlatform } from '../image/host-platform.ts';
import { formatPlatform, type Platform, parsePlatform } from '../oci/platform.ts';
import { candidateNames } from './may-be-cut.ts';
import { planOf } from './plan.ts';
import { type BuildInput, readInput } from './read-input.ts';
import { type ResolvedPlatform, resolvePlatform } from './resolve.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import type { PlannedPackage, PlatformPlan } from './types.ts';

/** The closure of a configuration's packages for one platform: plain data (schema/resolve.schema.json). */
export interface ResolvedPackages {
  /** `linux/amd64`. */
  readonly platform: string;
  /** Entries of `packages:` as written, in their order. */
  readonly requests: readonly string[];
  /** Sorted by name. */
  readonly packages: readonly ClosurePackage[];
  /** What vouches for the indexes. */
  readonly releases: PlatformPlan['releases'];
}

export interface ClosurePackage
  extends Pick<
    PlannedPackage,
    | 'name'
    | 'version'
    | 'architecture'
    | 'source'
    | 'archive'
    | 'suite'
    | 'component'
    | 'path'
    | 'size'
    | 'sha256'
    | 'candidate'
  > {
  /** Where the .deb would be fetched first, without credentials; undefined for a file. */
  readonly url: string | undefined;
  /** Bytes on disk as the archive declares them. */
  readonly installedSize: number;
  /** Everything that asks for it: requests first, then packages by name. */
  readonly requestedBy: PlannedPackage['requestedBy'];
}

/**
 * Resolves the packages of a configuration and fetches none of them. Of several platforms the answer is for this
 * machine's, else for the first.
 * @throws SlimimageError as `plan`
 */
export async function resolvePackages(input: BuildInput, options: SessionOptions): Promise<ResolvedPackages> {
  const session = await openSession(options);
  try {
    const spec = await readInput(input, { cwd: session.cwd });
    const platform = choosePlatform(spec);
    const { resolved } = await resolveSpec(spec, platform, session);
    const { packages, releases } = planOf(resolved, candidateNames({ spec, resolved }));
    return {
      platform: formatPlatform(platform),
      requests: spec.packages,
      packages: packages.map(closurePackage),
      releases,
    };
  } finally {
    await session.close();
  }
}

/** The platform that a question about one platform means: this machine's, else the first. */
export function choosePlatform(spec: ImageSpec): Platform {
  const platforms = spec.platforms.map((text) => parsePlatform(text));
  const own = formatPlatform(hostPlatform());
  const chosen = platforms.find((platform) => formatPlatform(platform) === own) ?? platforms[0];
  if (chosen !== undefined) return chosen;
  throw new SlimimageError({ code: 'CONFIG_INVALID', message: 'the configuration names no platform' });
}

/** Resolves over the packages of the image of `on:`. Reading images is loaded for those who have one. */
export async function resolveSpec(
  spec: ImageSpec,
  platform: Platform,
  session: Session,
): Promise<{ readonly resolved: ResolvedPlatform; readonly installed: readonly PackageRecord[] }> {
  let installed: readonly PackageRecord[] = [];
  if (spec.on !== undefined) {
    const { openBase } = await import('./base-image.ts');
    installed = (await openBase(spec, platform, session))?.installed ?? [];
  }
  return { resolved: await resolvePlatform(spec, session, { platform, installed }), installed };
}

function closurePackage(planned: PlannedPackage): ClosurePackage {
  const { name, version, architecture, source, archive, suite, component, url, path, size, sha256 } = planned;
  return {
    name,
    version,
    architecture,
    source,
    archive,
    suite,
    component,
    url,
    path,
    size,
    installedSize: planned.installedBytes,
    sha256,
    requestedBy: planned.requestedBy,
    candidate: planned.candidate,
  };
}
