import type { AuditFinding } from '../audit/types.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import { compareStrings } from '../util/text.ts';
import type { ImagePackages } from '../view/packages.ts';
import type { ImageView } from '../view/types.ts';
import { compareConfig } from './compare-config.ts';
import { compareFiles } from './compare-files.ts';
import { compareFindings } from './compare-findings.ts';
import { compareHistory } from './compare-history.ts';
import { compareLayers, compressedSize } from './compare-layers.ts';
import { comparePackages } from './compare-packages.ts';
import { strikeSecrets } from './strike-secrets.ts';
import type { BeneathDifference, ComparedImage, ImageDifference, SizeDifference } from './types.ts';
import { type FileWeights, weighFiles } from './weigh-files.ts';

/** What is compared of a view; nothing of it reads a content. */
export type ComparedView = Pick<
  ImageView,
  'name' | 'descriptor' | 'configDigest' | 'config' | 'platform' | 'layers' | 'rootfs'
>;

export interface ImageSide {
  readonly view: ComparedView;
  readonly packages: ImagePackages;
  /** Of the audit, where it was asked. */
  readonly findings?: readonly AuditFinding[] | undefined;
  /** Of an image for several platforms, those that were not opened. */
  readonly otherPlatforms?: readonly Platform[] | undefined;
}

export interface CompareImagesOptions {
  /** Files that differ in time alone are changes too. */
  readonly times?: boolean | undefined;
  /** Show values of the config and the history whose names speak of a secret; else they are struck out. */
  readonly showSecrets?: boolean | undefined;
}

/** What one image has otherwise than another. A pure function: nothing is read. */
export function compareImages(from: ImageSide, to: ImageSide, options: CompareImagesOptions = {}): ImageDifference {
  const [before, after] = [weighFiles(from.view.rootfs, from.packages), weighFiles(to.view.rootfs, to.packages)];
  const packages = comparePackages(
    { packages: from.packages.packages, bytesOf: (one) => before.of(one) },
    { packages: to.packages.packages, bytesOf: (one) => after.of(one) },
  );
  const changedPackages = new Set(packages.map(({ name }) => name));
  const files = compareFiles(from, to, { changedPackages, times: options.times });
  // A file tree alone says nothing of them.
  const bare = bareSide(from, to);
  const config = bare === undefined ? compareConfig(from.view.config, to.view.config) : [];
  const history = bare === undefined ? compareHistory(from.view.config, to.view.config) : nothing;
  const open = { config, history, layers: compareLayers(from.view.layers, to.view.layers) };
  const images = { from: imageOf(from), to: imageOf(to) };
  const same =
    (bare !== undefined || images.from.platform === images.to.platform) &&
    [packages, files.changes, config, history.removed, history.added].every((changes) => changes.length === 0);
  return {
    same,
    ...images,
    beneath: same ? beneath(from.view, to.view, files.timesOnly) : [],
    size: sizesOf(from.view, to.view, [before, after]),
    ...(options.showSecrets === true ? open : strikeSecrets(open, [from.view.config, to.view.config])),
    packages,
    files,
    findings:
      from.findings === undefined || to.findings === undefined
        ? undefined
        : bare === undefined
          ? compareFindings(from.findings, to.findings)
          : compareFindings(ofFiles(from.findings), ofFiles(to.findings)),
    problems: [...(bare === undefined ? [] : [bareText(bare)]), ...problemsOf(from), ...problemsOf(to)],
  };
}

const nothing = { removed: [], added: [] };

/** The one that is a file tree alone, beside one that is more. */
function bareSide(from: ImageSide, to: ImageSide): ImageSide | undefined {
  const bare = [from, to].filter(({ view }) => view.config === undefined);
  return bare.length === 1 ? bare[0] : undefined;
}

function bareText({ view }: ImageSide): string {
  return `${view.name} is a file tree alone: platform, config and history are not compared`;
}

/** What is said of an image that is compared. */
export function imageOf({ view, otherPlatforms = [] }: Pick<ImageSide, 'view' | 'otherPlatforms'>): ComparedImage {
  const { name, descriptor, configDigest, platform } = view;
  return {
    name,
    digest: descriptor?.digest,
    configDigest,
    platform: platform === undefined ? undefined : formatPlatform(platform),
    otherPlatforms: otherPlatforms.map(formatPlatform).sort(compareStrings),
  };
}

function beneath(from: ComparedView, to: ComparedView, timesOnly: number): readonly BeneathDifference[] {
  const digest = from.descriptor?.digest;
  if (digest !== undefined && digest === to.descriptor?.digest) return [];
  const list = (view: ComparedView, keyOf: (layer: ComparedView['layers'][number]) => string | undefined) =>
    view.layers.map(keyOf).join(' ');
  const hasBlobs = [from, to].every(({ layers }) => layers.every(({ descriptor }) => descriptor !== undefined));
  const sameTars = list(from, ({ diffId }) => diffId) === list(to, ({ diffId }) => diffId);
  const sameBlobs =
    list(from, ({ descriptor }) => descriptor?.digest) === list(to, ({ descriptor }) => descriptor?.digest);
  const sameConfig = from.configDigest === to.configDigest;
  const sameManifest = digest === undefined || to.descriptor === undefined;
  const found: BeneathDifference[] = [];
  if (timesOnly > 0) found.push('times');
  if (!sameTars) found.push('layers');
  else if (hasBlobs && !sameBlobs) found.push('compression');
  // Layers are named in the config: another one of them is another config in any case.
  if (sameTars && !sameConfig && from.configDigest !== undefined && to.configDigest !== undefined) found.push('config');
  if (found.length === 0 && !sameManifest) found.push('manifest');
  return found;
}

function sizesOf(
  from: ComparedView,
  to: ComparedView,
  [before, after]: readonly [FileWeights, FileWeights],
): SizeDifference {
  const [old, fresh] = [compressedSize(from.layers), compressedSize(to.layers)];
  const tars = ({ layers }: ComparedView) => layers.reduce((sum, { size }) => sum + size, 0);
  return {
    compressed: old === undefined || fresh === undefined ? undefined : { from: old, to: fresh },
    uncompressed: { from: tars(from), to: tars(to) },
    files: { from: before.total, to: after.total },
    unowned: { from: before.unowned, to: after.unowned },
  };
}

/** Rules about files that ask what the config starts. */
const askConfig: ReadonlySet<string> = new Set(['unneeded-interpreter']);

/** What is found in a config, or by it, is told of two configs alone. */
function ofFiles(findings: readonly AuditFinding[]): readonly AuditFinding[] {
  return findings.filter(({ path, rule }) => path !== undefined && !askConfig.has(rule));
}

function problemsOf({ view, packages }: ImageSide): readonly string[] {
  return packages.problems.map((problem) => `${view.name}: ${problem}`);
}
