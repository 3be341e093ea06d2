import { sha256Hex } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import type { FilterSet, UsrLayout } from './types.ts';

/** Raised whenever the same .deb would give another fragment or index: old contents are then never read again. */
export const converterVersion = 8;

export interface ContentKeyInput {
  /** Hexadecimal sha256 of the .deb. */
  readonly deb: string;
  readonly layout: UsrLayout;
  readonly filters: FilterSet;
}

/** The store key of a content: 64 hexadecimal digits. The order of globs does not matter to it. */
export function contentKey(input: ContentKeyInput): string {
  const { exclude, include } = input.filters;
  return sha256Hex(
    canonicalJson({
      converter: converterVersion,
      deb: input.deb,
      layout: input.layout,
      exclude: [...new Set(exclude)].sort(),
      include: [...new Set(include)].sort(),
    }),
  );
}
