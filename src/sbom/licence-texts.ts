import type { SbomLicence, SbomLicenceReference, SbomPackage } from './types.ts';

/** A licence that has no name on SPDX's list. */
export interface LicenceText {
  /** `LicenseRef-...`, once in a document. */
  readonly id: string;
  readonly name: string;
  /** Never empty. */
  readonly text: string;
}

/**
 * Licences of one document. Copyright files name their own licences freely, so two packages may mean two texts by one
 * `LicenseRef-custom`: the first keeps the name, each further text gets a number. The same text is the same licence, however it is wrapped.
 */
export class LicenceTexts {
  readonly #texts = new Map<string, LicenceText>();
  readonly #taken = new Set<string>();

  /** Of the packages seen so far, in the order in which they were met. */
  get all(): readonly LicenceText[] {
    return [...this.#texts.values()];
  }

  /** The package's expression with the names of this document, and the texts that it names. */
  expressionOf(one: SbomPackage): { readonly expression: string; readonly texts: readonly LicenceText[] } | undefined {
    if (one.licence.expression === undefined) return undefined;
    const texts = new Map<string, LicenceText>();
    const expression = one.licence.expression.replace(licenceReference, (name) => {
      const text = this.#named(referencedText(one, name));
      texts.set(text.id, text);
      return text.id;
    });
    return { expression, texts: [...texts.values()] };
  }

  #named({ stem, ...wanted }: ReferencedText): LicenceText {
    const key = `${wanted.name.toLowerCase()}\n${wanted.text.replace(/\s+/g, ' ')}`;
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    let id = stem;
    for (let number = 2; this.#taken.has(id); number += 1) id = `${stem}-${number}`;
    const named = { ...wanted, id };
    this.#taken.add(id);
    this.#texts.set(key, named);
    return named;
  }
}

/** The texts that a package's expression names, under its own names. */
export function ownLicenceTexts(one: SbomPackage): readonly LicenceText[] {
  const names = one.licence.expression?.match(licenceReference) ?? [];
  return [...new Set(names)].map((name) => referencedText(one, name));
}

const licenceReference = /\bLicenseRef-[A-Za-z0-9.-]+/g;

interface ReferencedText extends LicenceText {
  /** The identifier without a number. */
  readonly stem: string;
}

function referencedText({ name: packageName, licence }: SbomPackage, id: string): ReferencedText {
  const reference = referenceOf(licence, id) ?? { name: id.slice('LicenseRef-'.length), text: undefined };
  return {
    id,
    stem: reference.stem ?? id,
    name: reference.name,
    text: reference.text?.trim() || missingText(reference, packageName),
  };
}

function referenceOf({ references }: SbomLicence, id: string): SbomLicenceReference | undefined {
  return Object.hasOwn(references, id) ? references[id] : undefined;
}

/** What is too long is one text for all packages of a source; what is missing may be another licence for each. */
function missingText({ name, leftOut }: SbomLicenceReference, packageName: string): string {
  if (leftOut !== undefined)
    return `The text has ${leftOut} characters, too many to repeat: it is in /usr/share/doc/.../copyright in the image.`;
  return `The copyright file of ${packageName} names this licence "${name}" and gives no text.`;
}
