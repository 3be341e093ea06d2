import { formatPlatform, type Platform } from '../oci/platform.ts';
import { type AdviceOptions, renderAdvice } from '../solver/advice.ts';
import { renderConflicts } from '../solver/render.ts';
import type { Conflict } from '../solver/types.ts';
import { UnsatisfiableError } from './types.ts';

/** The refusal of a request for one platform: what stands against it, and what to change. */
export function refuse(
  conflicts: readonly Conflict[],
  platform: Platform,
  options: AdviceOptions = {},
): UnsatisfiableError {
  return new UnsatisfiableError({
    message: renderConflicts(conflicts),
    hint: renderAdvice(conflicts, options),
    platform: formatPlatform(platform),
    conflicts,
  });
}
