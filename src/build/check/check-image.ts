import { checkTree } from '../../check/check-tree.ts';
import { machineOf } from '../../check/machines.ts';
import type { CheckReport, CheckTree, Finding } from '../../check/types.ts';
import { isSlimimageError, SlimimageError } from '../../errors.ts';
import { hostPlatform } from '../../image/host-platform.ts';
import { openImage } from '../../image/open-image.ts';
import type { Image } from '../../image/types.ts';
import { debianOfPlatform } from '../../oci/debian-architecture.ts';
import { formatPlatform, type Platform, parsePlatform } from '../../oci/platform.ts';
import type { LocalStore } from '../../store/local-store.ts';
import { parseRequest } from '../requests.ts';
import { tellProblems } from '../why/image-database.ts';
import { requestsOf } from '../why/image-reasons.ts';
import { type PlacesOptions, withPlaces } from '../with-places.ts';
import { type OpenedImageTree, openImageTree } from './image-tree.ts';
import { checkSettings } from './settings.ts';

export interface CheckImageOptions extends PlacesOptions {
  /** Of an image for several platforms, this one; undefined: the machine's, or the only one there is. */
  readonly platform?: string | undefined;
}

/** What the check found in an image. */
export interface ImageCheck extends CheckReport {
  /** The name under which it was opened. */
  readonly image: string;
  /** Undefined for a bare file tree. */
  readonly platform: string | undefined;
  /** Whether nothing of it is an error. */
  readonly sound: boolean;
}

/**
 * Whether an image would run, wherever it is (product.md's locations). Nothing is unpacked or run.
 * @throws SlimimageError REFERENCE_INVALID, IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE, and what reading layers throws; what
 *   is wrong with the image is the answer
 */
export async function checkImage(name: string, options: CheckImageOptions): Promise<ImageCheck> {
  const { cwd, env, onEvent, signal } = options;
  return withPlaces(options, async ({ store, registries }) => {
    const wanted = options.platform === undefined ? undefined : parsePlatform(options.platform);
    const image = await openImage(name, { store, registries, platform: wanted, cwd, env, onEvent, signal });
    try {
      const platform = image.platform ?? wanted;
      if (platform !== undefined && platform.os !== 'linux') throw foreign(image.name, platform);
      const architecture = debianName(platform ?? hostPlatform());
      const opened = await openImageTree(image, { store, onEvent, signal });
      tellProblems(opened.database, { name: image.name, onEvent });
      const about = { platform, architecture };
      const report = checkOpened(image, opened, about);
      const isOurs = requestsOf(image.config) !== undefined;
      const findings = await withFixes(report.findings, opened, { ...options, ...about, store, isOurs });
      return {
        image: image.name,
        platform: platform === undefined ? undefined : formatPlatform(platform),
        sound: report.findings.every(({ severity }) => severity !== 'error'),
        ...report,
        findings,
      };
    } finally {
      await image.close();
    }
  });
}

function checkOpened(
  { config }: Image,
  { tree, database }: OpenedImageTree,
  { platform, architecture }: { readonly platform: Platform | undefined; readonly architecture: string },
): CheckReport {
  const settings = checkSettings({
    tree,
    machine: platform === undefined ? commonMachine(tree) : machineOf(platform),
    config: config?.config,
    requested: requestsOf(config)?.map((text) => parseRequest(text).name),
    records: database.installed,
    architecture,
  });
  return checkTree(tree, settings);
}

function foreign(name: string, platform: Platform): SlimimageError {
  return new SlimimageError({
    code: 'PLATFORM_UNAVAILABLE',
    message: `${name} is an image for ${formatPlatform(platform)}`,
    hint: 'check looks into images for Linux',
  });
}

interface FixesOptions extends Omit<CheckImageOptions, 'platform' | 'store'> {
  readonly store: LocalStore;
  readonly platform: Platform | undefined;
  readonly architecture: string;
  /** Made by slimimage. */
  readonly isOurs: boolean;
}

/** What to add, where something is an error and the image is of a distribution whose archives are known. */
async function withFixes(
  findings: readonly Finding[],
  { release, tree, database }: OpenedImageTree,
  { platform, isOurs, ...options }: FixesOptions,
): Promise<readonly Finding[]> {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0 || options.offline === true) return findings;
  const machine = platform === undefined ? commonMachine(tree) : machineOf(platform);
  const installed = new Set(database.installed.map(({ name }) => name));
  const { architecture } = options;
  const remedy = isOurs ? 'add it to packages:' : 'install it';
  const [{ withPresetArchives }, { findFixes }] = await Promise.all([
    import('../preset-archives.ts'),
    import('./fixes.ts'),
  ]);
  const fixed = await withPresetArchives(release, options, (archives, context) =>
    findFixes(errors, { archives, architecture, machine, installed, context, remedy }),
  );
  if (fixed === undefined) return findings;
  return [...fixed, ...findings.filter(({ severity }) => severity !== 'error')];
}

/** An image may be of no Debian at all. */
function debianName(platform: Platform): string {
  try {
    return debianOfPlatform(platform);
  } catch (error) {
    if (isSlimimageError(error, 'PLATFORM_UNAVAILABLE')) return platform.architecture;
    throw error;
  }
}

/** A bare file tree does not say what it is for: most of its programs do. */
function commonMachine(tree: CheckTree): string {
  const counts = new Map<string, number>();
  for (const { elf } of tree.entries())
    if (elf !== undefined) counts.set(elf.machine, (counts.get(elf.machine) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? machineOf(hostPlatform());
}
