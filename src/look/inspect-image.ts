import { openView } from '../image/open-view.ts';
import type { Image } from '../image/types.ts';
import { answerFrom } from '../inspect/answer.ts';
import { findPackages } from '../inspect/find-package.ts';
import { inspectView } from '../inspect/inspect.ts';
import { asksDive, parseLimit } from '../inspect/limits.ts';
import type { Inspection } from '../inspect/types.ts';
import { formatPlatform } from '../oci/platform.ts';
import { compareStrings } from '../util/text.ts';
import { chooseLayer } from './choose-layer.ts';
import { inspectionKey, programEdition, recallInspection, rememberInspection } from './remembered-inspection.ts';
import { type LookOptions, type Opened, withImage } from './with-image.ts';

export interface InspectImageOptions extends LookOptions {
  /** How many of the biggest of everything; 10 unless told. */
  readonly top?: number | undefined;
  /** The figures of dive beside the exact ones. */
  readonly dive?: boolean | undefined;
  /** Limits such as `waste>10MB`: what of them failed is part of the answer. */
  readonly failOn?: readonly string[] | undefined;
  /** Show values of variables, labels and build arguments that look like secrets. */
  readonly showSecrets?: boolean | undefined;
  /** Name the files of every package, of none, and the missing ones. A name of a package that must be there, `none` or `missing`. */
  readonly files?: string | undefined;
  /** The layer whose changes are named: its number, 1 the lowest, or its digest. */
  readonly layer?: string | undefined;
  /** `YYYY-MM-DD`, for the support of the distribution; default: the clock's. */
  readonly today?: string | undefined;
}

type Options = InspectImageOptions & { readonly edition?: string | undefined };

/** So many of everything are remembered: who asks for fewer is answered without a look. */
const rememberedTop = 100;

/**
 * What is in an image, wherever it is. Nothing is unpacked or run; a layer that was read once is not read again.
 * @param options with the edition of the program that answers (default: its own), under which the answer is remembered
 * @throws SlimimageError USAGE for a limit that can't be read, a package or layer that is not there; as withView
 */
export async function inspectImage(name: string, options: Options): Promise<Inspection> {
  const { top = 10, failOn = [], files, today = new Date().toISOString().slice(0, 10) } = options;
  const limits = failOn.map(parseLimit);
  const dive = options.dive === true || limits.some(asksDive);
  return withImage(name, options, async (opened) => {
    const { image } = opened;
    const inspection = await inspected(opened, { ...options, dive, today, top: Math.max(top, rememberedTop) });
    if (files !== undefined && !['none', 'missing'].includes(files)) findPackages(inspection.packages.packages, files);
    const identity = identityOf(image);
    // First for their place, last for their values: what is recalled has another name, and no undefined members.
    return { ...identity, ...answerFrom(inspection, { today, top, limits }), ...identity };
  });
}

/** Recalled where the same was asked before, whatever name, day, limits and number of the biggest. */
async function inspected(
  { image, store }: Opened,
  options: Options & { readonly today: string; readonly top: number },
): Promise<Inspection> {
  const { top, dive, today, showSecrets, onEvent, signal } = options;
  const files = options.files !== undefined;
  const layer = options.layer === undefined ? undefined : chooseLayer(image, options.layer);
  // Secrets are for the eyes of who asked: they are not laid down. Lists of all paths are long, and seldom asked for.
  const isKept = showSecrets !== true && !files && layer === undefined;
  const key = isKept ? inspectionKey(image, { top, dive }, options.edition ?? programEdition()) : undefined;
  const known = key === undefined ? undefined : await recallInspection(store, key);
  if (known !== undefined) return known;
  const view = await openView(image, { store, onEvent, signal });
  const inspection = inspectView(view, { today, top, dive, showSecrets, files, layer });
  if (key !== undefined) await rememberInspection(store, key, inspection);
  return inspection;
}

/** What of the name under which it was opened, and of the index that it was chosen from, is told. */
function identityOf({ name, descriptor, indexDigest, otherPlatforms = [] }: Image) {
  const others = otherPlatforms.map(formatPlatform).sort(compareStrings);
  return { image: name, digest: descriptor?.digest, indexDigest, otherPlatforms: others };
}
