import { auditView } from '../audit/audit-view.ts';
import { type ComparedView, compareImages, type ImageSide } from '../compare/compare-images.ts';
import type { ImageDifference } from '../compare/types.ts';
import { openView } from '../image/open-view.ts';
import type { Image } from '../image/types.ts';
import type { SharedLayers } from '../image/view-layers.ts';
import { readPackages } from '../view/read-packages.ts';
import type { ImageView } from '../view/types.ts';
import { judgedDay } from './judged-day.ts';
import { withBoth } from './with-both.ts';
import type { LookOptions } from './with-image.ts';

export interface DiffImagesOptions extends LookOptions {
  /** Files that differ in time alone are changes too. */
  readonly times?: boolean | undefined;
  /** Compare what an audit finds, too; it reads every file for secrets the first time. */
  readonly audit?: boolean | undefined;
  /** Show values of the config and the history whose names speak of a secret; else they are struck out. */
  readonly showSecrets?: boolean | undefined;
  /** For which day the audit judges: `2026-11-21`; undefined: that of SOURCE_DATE_EPOCH, else today. */
  readonly date?: string | undefined;
}

export interface DiffFileOptions extends DiffImagesOptions {
  /** Of the file in both images. */
  readonly path: string;
}

/** Of a rule: where lists end differently, what stands behind the end would seem to come or go. */
const mostFindings = 100_000;

/**
 * What the second image has otherwise than the first, wherever they are. Of images for several platforms one is compared: the wanted
 * one, else the machine's, else one that both have.
 * @throws SlimimageError REFERENCE_INVALID, IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE, and what reading layers throws
 */
export async function diffImages(from: string, to: string, options: DiffImagesOptions): Promise<ImageDifference> {
  const { signal, onEvent, audit = false } = options;
  return withBoth([from, to], options, async (opened) => {
    const { store } = opened;
    // Images that are compared mostly have layers in common: nothing of them is kept twice.
    const shared: SharedLayers = new Map();
    const sideOf = async (image: Image, isAudited: boolean): Promise<ImageSide> => {
      const { otherPlatforms } = image;
      const view = await openView(image, { store, signal, onEvent, contents: isAudited, shared });
      const packages = readPackages(view);
      const found = isAudited
        ? auditView(view, { packages, today: judgedDay(options), most: mostFindings }).findings
        : [];
      return { view: comparedPart(view), packages, otherPlatforms, findings: audit ? found : undefined };
    };
    const { from, to } = opened;
    // What is one image is read once, and has the same findings.
    const isOne = from.descriptor !== undefined && from.descriptor.digest === to.descriptor?.digest;
    const before = await sideOf(from, audit && !isOne);
    const after = isOne
      ? { ...before, view: { ...before.view, name: to.name }, otherPlatforms: to.otherPlatforms }
      : await sideOf(to, audit);
    shared.clear();
    return compareImages(before, after, { times: options.times, showSecrets: options.showSecrets });
  });
}

/** Without what a view knows of contents: that is much, and the findings have what was wanted of it. */
function comparedPart({ name, descriptor, configDigest, config, platform, layers, rootfs }: ImageView): ComparedView {
  return { name, descriptor, configDigest, config, platform, layers, rootfs };
}
