import { SlimimageError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { sha256Hex } from '../../util/digest.ts';
import { compareStrings, encodeUtf8 } from '../../util/text.ts';
import { indexMagic, layoutOf, type SectionName } from './packages-layout.ts';
import { firstMentions } from './packages-mentions.ts';
import { type PackagesScan, scanPackages } from './packages-scan.ts';

export interface BuildIndexOptions {
  readonly limits?: { readonly stanzaBytes: number; readonly packagesBytes: number } | undefined;
}

/**
 * Makes the index of a Packages file: bytes to be written once and opened with `openPackagesIndex` ever after. It says
 * where the stanzas of each name are and which stanzas provide which names, so that nothing has to be parsed before it
 * is asked for. The same file gives the same bytes.
 * @throws SlimimageError DEB822_INVALID for a stanza without a name, LIMIT_EXCEEDED
 */
export function buildPackagesIndex(packages: Uint8Array, options: BuildIndexOptions = {}): Uint8Array {
  const { stanzaBytes, packagesBytes } = options.limits ?? limits;
  if (packages.length > packagesBytes) {
    throw new SlimimageError({
      code: 'LIMIT_EXCEEDED',
      message: `A Packages file has ${packages.length} bytes, more than ${packagesBytes}`,
    });
  }
  const scan = scanPackages(packages, { stanzaBytes });
  const order = orderByName(packages, scan);
  const names = groupByName(packages, scan, order);
  const virtual = virtualNames(scan, order, firstMentions(packages, scan));
  return encode(packages.length, { scan, order, names, virtual, essentials: essentialStanzas(scan, order) });
}

interface Parts {
  readonly scan: PackagesScan;
  /** Stanzas of the scan in the order of the index. */
  readonly order: Uint32Array;
  readonly names: {
    readonly firstStanza: readonly number[];
    readonly textEnds: readonly number[];
    readonly text: Uint8Array;
  };
  readonly virtual: {
    readonly textEnds: readonly number[];
    readonly text: Uint8Array;
    readonly refEnds: readonly number[];
    readonly refs: readonly number[];
  };
  readonly essentials: readonly number[];
}

/** By name, versions of one name in file order. Archives are sorted already, so a look comes before the sort. */
function orderByName(packages: Uint8Array, scan: PackagesScan): Uint32Array {
  const order = new Uint32Array(scan.starts.length);
  let sorted = true;
  for (let stanza = 0; stanza < order.length; stanza++) {
    order[stanza] = stanza;
    if (sorted && stanza > 0 && compareNames(packages, scan, stanza - 1, stanza) > 0) sorted = false;
  }
  return sorted ? order : order.sort((a, b) => compareNames(packages, scan, a, b) || a - b);
}

function compareNames(packages: Uint8Array, scan: PackagesScan, a: number, b: number): number {
  let i = scan.nameStarts[a] as number;
  let j = scan.nameStarts[b] as number;
  const endA = scan.nameEnds[a] as number;
  const endB = scan.nameEnds[b] as number;
  while (i < endA && j < endB) {
    const order = (packages[i++] as number) - (packages[j++] as number);
    if (order !== 0) return order;
  }
  return endA - i - (endB - j);
}

function groupByName(packages: Uint8Array, scan: PackagesScan, order: Uint32Array): Parts['names'] {
  const firstStanza: number[] = [];
  const textEnds: number[] = [0];
  let total = 0;
  for (let at = 0; at < order.length; at++) {
    const stanza = order[at] as number;
    if (at > 0 && compareNames(packages, scan, order[at - 1] as number, stanza) === 0) continue;
    firstStanza.push(at);
    total += (scan.nameEnds[stanza] as number) - (scan.nameStarts[stanza] as number);
    textEnds.push(total);
  }
  const text = new Uint8Array(total);
  firstStanza.forEach((at, name) => {
    const stanza = order[at] as number;
    text.set(packages.subarray(scan.nameStarts[stanza], scan.nameEnds[stanza]), textEnds[name]);
  });
  firstStanza.push(order.length);
  return { firstStanza, textEnds, text };
}

/** Providers of one name stand in the order in which the file first speaks of them: apt's order between equals. */
function virtualNames(scan: PackagesScan, order: Uint32Array, mentions: Float64Array): Parts['virtual'] {
  const numberOf = new Uint32Array(order.length);
  order.forEach((stanza, at) => {
    numberOf[stanza] = at;
  });
  const sorted = [...scan.provided.keys()].sort(compareStrings);
  const textEnds: number[] = [0];
  const refEnds: number[] = [0];
  const refs: number[] = [];
  let total = 0;
  for (const name of sorted) {
    total += name.length;
    textEnds.push(total);
    const stanzas = scan.provided
      .get(name)
      ?.toSorted((a, b) => (mentions[a] as number) - (mentions[b] as number) || a - b);
    for (const stanza of stanzas ?? []) refs.push(numberOf[stanza] as number);
    refEnds.push(refs.length);
  }
  return { textEnds, text: encodeUtf8(sorted.join('')), refEnds, refs };
}

function essentialStanzas(scan: PackagesScan, order: Uint32Array): readonly number[] {
  const essential = new Set(scan.essentials);
  return essential.size === 0 ? [] : [...order.keys()].filter((at) => essential.has(order[at] as number));
}

function encode(packagesSize: number, parts: Parts): Uint8Array {
  const { scan, order, names, virtual, essentials } = parts;
  const counts = {
    packagesSize,
    stanzas: order.length,
    names: names.textEnds.length - 1,
    virtuals: virtual.textEnds.length - 1,
    refs: virtual.refs.length,
    essentials: essentials.length,
    nameBytes: names.text.length,
    virtualBytes: virtual.text.length,
  };
  const layout = layoutOf(counts);
  const bytes = new Uint8Array(layout.size);
  const words = new Uint32Array(bytes.buffer);
  words.set([indexMagic, ...Object.values(counts)]);
  const put = (section: SectionName, values: ArrayLike<number>): void =>
    words.set(values, layout.sections[section].start / 4);
  put(
    'stanzaStart',
    order.map((stanza) => scan.starts[stanza] as number),
  );
  put(
    'stanzaSize',
    order.map((stanza) => (scan.ends[stanza] as number) - (scan.starts[stanza] as number)),
  );
  put('nameStanza', names.firstStanza);
  put('nameText', names.textEnds);
  put('virtualText', virtual.textEnds);
  put('virtualRefs', virtual.refEnds);
  put('refs', virtual.refs);
  put('essentials', essentials);
  bytes.set(names.text, layout.sections.names.start);
  bytes.set(virtual.text, layout.sections.virtuals.start);
  bytes.set(encodeUtf8(sha256Hex(bytes.subarray(layout.body))), layout.checksum);
  return bytes;
}
