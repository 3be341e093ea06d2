/**
 * The bytes of a Packages index: a header, tables of 32-bit words in the machine's own byte order (an index is made on
 * the machine that reads it, and the magic word of another order does not match), then the names one after another.
 *
 * | bytes | what |
 * |---|---|
 * | 0 | magic word, which is also the version of this format |
 * | 4 | the eight counts of `IndexCounts`, in that order |
 * | 36 | sha256 of everything from byte 100 on, hexadecimal |
 * | 100 | tables and texts, as `layoutOf` lists them |
 */
export const indexMagic = 0x32_49_50_73;

export interface IndexCounts {
  /** Bytes of the Packages file that the index belongs to. */
  readonly packagesSize: number;
  readonly stanzas: number;
  readonly names: number;
  readonly virtuals: number;
  readonly refs: number;
  readonly essentials: number;
  readonly nameBytes: number;
  readonly virtualBytes: number;
}

export type SectionName = keyof Layout['sections'];

export interface Layout {
  readonly checksum: number;
  readonly body: number;
  readonly sections: Readonly<
    Record<
      | 'stanzaStart'
      | 'stanzaSize'
      | 'nameStanza'
      | 'nameText'
      | 'virtualText'
      | 'virtualRefs'
      | 'refs'
      | 'essentials'
      | 'names'
      | 'virtuals',
      { readonly start: number; readonly length: number }
    >
  >;
  /** Bytes of the whole index. */
  readonly size: number;
}

/** Where each table and text is; `length` counts words for tables and bytes for texts. */
export function layoutOf(counts: IndexCounts): Layout {
  let at = bodyStart;
  const words = (length: number): { start: number; length: number } => {
    const section = { start: at, length };
    at += 4 * length;
    return section;
  };
  const text = (length: number): { start: number; length: number } => {
    const section = { start: at, length };
    at += length;
    return section;
  };
  const sections = {
    stanzaStart: words(counts.stanzas),
    stanzaSize: words(counts.stanzas),
    /** First stanza of each name, and the number of stanzas. */
    nameStanza: words(counts.names + 1),
    /** Where each name begins among the names, and their end. */
    nameText: words(counts.names + 1),
    virtualText: words(counts.virtuals + 1),
    /** Where each virtual name's stanzas begin among `refs`, and their end. */
    virtualRefs: words(counts.virtuals + 1),
    refs: words(counts.refs),
    /** Stanzas with `Essential: yes`, ascending. */
    essentials: words(counts.essentials),
    names: text(counts.nameBytes),
    virtuals: text(counts.virtualBytes),
  };
  return { checksum: checksumStart, body: bodyStart, sections, size: at + ((4 - (at % 4)) % 4) };
}

/** Bytes of header and checksum: no index is shorter. */
export const bodyStart = 100;
const checksumStart = 36;
