import type { BuildInput } from '../read-input.ts';
import type { Session } from '../session.ts';

/** Where to look: a configuration, a lock file, an image (a location as in product.md). */
export type WhyPlace =
  | { readonly type: 'configuration'; readonly input: BuildInput }
  | { readonly type: 'lock'; readonly file: string }
  | { readonly type: 'image'; readonly image: string };

export interface WhyOptions {
  /** Of a lock or an image for several platforms, this one; undefined: the machine's, else the first. */
  readonly platform?: string | undefined;
}

/** A question about one place, with all that answering takes. */
export interface WhyQuestion extends WhyOptions {
  readonly thing: string;
  readonly session: Session;
}

/** Names of packages have no slash. */
export function isPath(thing: string): boolean {
  return thing.includes('/');
}
