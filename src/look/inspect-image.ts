import { openView } from '../image/open-view.ts';
import { inspectView } from '../inspect/inspect.ts';
import { parseLimit } from '../inspect/limits.ts';
import type { Inspection } from '../inspect/types.ts';
import { inspectionKey, programEdition, recallInspection, rememberInspection } from './remembered-inspection.ts';
import { type LookOptions, withImage } from './with-image.ts';

export interface InspectImageOptions extends LookOptions {
  /** How many of the biggest of everything; 10 unless told. */
  readonly top?: number | undefined;
  /** The figures of dive beside the exact ones. */
  readonly dive?: boolean | undefined;
  /** Limits such as `waste>10MB`: what of them failed is part of the answer. */
  readonly failOn?: readonly string[] | undefined;
  /** Show values of variables, labels and build arguments that look like secrets. */
  readonly showSecrets?: boolean | undefined;
  /** `YYYY-MM-DD`, for the support of the distribution; default: the clock's. */
  readonly today?: string | undefined;
}

/**
 * What is in an image, wherever it is. Nothing is unpacked or run; a layer that was read once is not read again.
 * @param options with the edition of the program that answers (default: its own), under which the answer is remembered
 * @throws SlimimageError USAGE for a limit that can't be read; as withView
 */
export async function inspectImage(
  name: string,
  options: InspectImageOptions & { readonly edition?: string | undefined },
): Promise<Inspection> {
  const {
    top,
    dive,
    failOn = [],
    showSecrets,
    today = new Date().toISOString().slice(0, 10),
    onEvent,
    signal,
  } = options;
  const limits = failOn.map(parseLimit);
  return withImage(name, options, async ({ image, store }) => {
    const edition = options.edition ?? programEdition();
    // Secrets are for the eyes of who asked: they are not laid down.
    const key = showSecrets === true ? undefined : inspectionKey(image, { top, dive, failOn, today }, edition);
    const known = key === undefined ? undefined : await recallInspection(store, key);
    if (known !== undefined) return known;
    const view = await openView(image, { store, onEvent, signal });
    const inspection = inspectView(view, { today, top, dive, limits, showSecrets });
    if (key !== undefined) await rememberInspection(store, key, inspection);
    return inspection;
  });
}
