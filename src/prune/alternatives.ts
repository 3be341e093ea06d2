import type { PrunePackage } from './facts.ts';

export interface AlternativeCall {
  /** Absolute. */
  readonly link: string;
  readonly name: string;
  readonly target: string;
}

/** The alternatives that a postinst offers, as far as its calls of update-alternatives(1) are written out. */
export function alternativesOf(scripts: PrunePackage['scripts']): readonly AlternativeCall[] {
  const calls = (scripts['postinst'] ?? '').matchAll(/--install[\s\\]+(\/\S+)[\s\\]+(\S+)[\s\\]+(\/\S+)/g);
  return [...calls].map(([, link = '', name = '', target = '']) => ({ link, name, target }));
}
