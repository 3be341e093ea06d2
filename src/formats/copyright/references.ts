import type { LicenceReference } from './types.ts';

/** Characters: longer texts are left to the copyright file itself, which is in the image. The longest of Debian have some 150 kB. */
export const maxLicenceText = 512 * 1024;

/** Characters of all texts of a file, each as often as it is named: thousands of paragraphs may name one long text. */
const maxTexts = 32 * 1024 * 1024;

/** Licences without an SPDX name, each under a `LicenseRef-debian-NAME` of its own (SPDX 2.3, 10.1). */
export class References {
  readonly #byKey = new Map<string, string>();
  readonly #entries = new Map<string, LicenceReference>();
  readonly #counts = new Map<string, number>();
  #characters = 0;

  /** Two names that would look the same get numbers; so do two texts of one name. */
  add(name: string, text: string | undefined): string {
    const isKept = this.#keeps(text);
    const kept = isKept && text !== '' ? text : undefined;
    const leftOut = isKept ? undefined : text?.length;
    const key = `${name.toLowerCase()}\n${kept?.replace(/\s+/g, ' ') ?? leftOut ?? ''}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const stem = stemOf(name);
    let number = this.#counts.get(stem) ?? 0;
    let reference: string;
    do {
      number += 1;
      reference = number === 1 ? stem : `${stem}-${number}`;
    } while (this.#entries.has(reference));
    this.#counts.set(stem, number);
    this.#byKey.set(key, reference);
    this.#entries.set(reference, { name, stem, text: kept, ...(leftOut === undefined ? {} : { leftOut }) });
    return reference;
  }

  #keeps(text: string | undefined): boolean {
    this.#characters += text?.length ?? 0;
    return text === undefined || (text.length <= maxLicenceText && this.#characters <= maxTexts);
  }

  /** Those that an expression names, in its order. */
  usedIn(expression: string): Readonly<Record<string, LicenceReference>> {
    const used = expression.match(/LicenseRef-[A-Za-z0-9.-]+/g) ?? [];
    return Object.fromEntries(
      used.flatMap((reference) => {
        const entry = this.#entries.get(reference);
        return entry === undefined ? [] : [[reference, entry]];
      }),
    );
  }
}

function stemOf(name: string): string {
  const safe = name
    .replace(/\+/g, '-or-later')
    .replace(/[^A-Za-z0-9.-]+/g, '-')
    .replace(/-{2,}/g, '-')
    .slice(0, 100)
    .replace(/^[-.]+|[-.]+$/g, '');
  if (/^LicenseRef-./.test(safe)) return safe;
  return `LicenseRef-debian-${safe === '' ? 'unnamed' : safe}`;
}
