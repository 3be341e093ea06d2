import { inspectView } from '../inspect/inspect.ts';
import { parseLimit } from '../inspect/limits.ts';
import type { Inspection } from '../inspect/types.ts';
import { type LookOptions, withView } from './with-view.ts';

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
 * @throws SlimimageError USAGE for a limit that can't be read; as withView
 */
export async function inspectImage(name: string, options: InspectImageOptions): Promise<Inspection> {
  const { top, dive, failOn = [], showSecrets, today = new Date().toISOString().slice(0, 10) } = options;
  const limits = failOn.map(parseLimit);
  return withView(name, options, async ({ view }) => inspectView(view, { today, top, dive, limits, showSecrets }));
}
