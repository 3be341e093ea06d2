import { plainText } from './plain-text.ts';
import { grantsIn, restOf, withoutBoilerplate } from './prose.ts';
import { verbatimTexts } from './verbatim.ts';

/** Longer texts are of no licence whose text is known here. */
const maxText = 64 * 1024;

export interface NamedLicence {
  /** As SPDX calls it. */
  readonly id: string;
  /** Whether the text is about this licence alone. */
  readonly isAlone: boolean;
}

/**
 * Whether the text beside a licence's name is another licence: `MIT` has meant several things, and some write `Expat` over a BSD text. Only
 * texts that are known can say so; one that tells where the licence is found says nothing.
 */
export function contradicts(text: string, { id, isAlone }: NamedLicence): boolean {
  if (text.length > maxText) return false;
  if (!isVerbatim(id) && !(isAlone && /^[AL]?GPL-/.test(id))) return false;
  const plain = withoutBoilerplate(plainText(text));
  if (!hasRights(plain)) return false;
  const grants = grantsIn(plain);
  const isNamed = grants.some((grant) => grant.id === id);
  if (isVerbatim(id)) {
    const hasMore = grants.some((grant) => grant.id !== id) || hasRights(restOf(plain, grants));
    return !isNamed || (isAlone && hasMore);
  }
  if (/\bspecial exception\b|\bexception to the gnu\b/.test(plain)) return true;
  // The whole GNU text names licences that it does not give.
  if (plain.includes('everyone is permitted to copy and distribute verbatim copies of this license')) return false;
  return !isNamed && grants.some((grant) => /^[AL]?GPL-/.test(grant.id));
}

/** Whether a text gives or withholds anything, rather than tell where that is said. */
export function isTerms(text: string): boolean {
  return hasRights(withoutBoilerplate(plainText(text)));
}

/** Licences that are known by their whole text. */
export function isVerbatim(id: string): boolean {
  return verbatimTexts.some((text) => text.id === id);
}

/** Words of rights and conditions; `MIT License` above a text is none. */
function hasRights(plain: string): boolean {
  return /permission|permitted|redistribut|warrant|liab(?:le|ility)|public domain|\b[al]?gpl\b|gnu |freely|unrestricted|without restriction|except as contained|\bcondition|provided that|\b(?:may|must|shall)\b/.test(
    plain,
  );
}
