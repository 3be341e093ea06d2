import type { LicenceReference } from './types.ts';

/** Longer texts are left to the copyright file itself, which is in the image. */
const maxText = 64 * 1024;

/** Licences without an SPDX name, each under a `LicenseRef-debian-NAME` of its own (SPDX 2.3, 10.1). */
export class References {
  readonly #byKey = new Map<string, string>();
  readonly #entries = new Map<string, LicenceReference>();

  readonly #counts = new Map<string, number>();

  /** Two names that would look the same get numbers; so do two texts of one name. */
  add(name: string, text: string | undefined): string {
    const kept = text === undefined || text === '' || text.length > maxText ? undefined : text;
    const key = `${name.toLowerCase()}\n${kept?.replace(/\s+/g, ' ') ?? ''}`;
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
    this.#entries.set(reference, { name, text: kept });
    return reference;
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
