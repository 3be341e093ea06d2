/** One licence that a sentence gives, and where the sentence is. */
export interface Grant {
  readonly id: string;
  readonly start: number;
  readonly end: number;
}

const licence = String.raw`gnu (lesser |library |affero |free documentation )?(?:\(?library\)? )?(?:or lesser )?(?:general )?(?:public )?licen[cs]e`;
const abbreviation = '(?:gnu )?(a|l)?gpl';
const publisher = String.raw`(?: \("?(?:gnu )?[al]?gpl"?\))?,? ?(?:as )?(?:published by (?:the )?free software foundation)?(?:,? inc\.?)?(?: \(fsf\))?`;
const version = String.raw`[,;:.]? ?(?:either |using |under |only |at )?(?:\()?(?:the )?(?:terms of )?(?:version|ver\.|v\.?|-) ?([0-9](?:\.[0-9])?)(?:\.0)?(?![0-9.]*[0-9])(?: of (?:the|that) licen[cs]e)?(?:,? dated [a-z]{3,9},? [0-9]{4})?(?: only)?\)?`;
const later = String.raw`([,;]? ?(?:\+|(?:or|and) ?\(?,? ?(?:\(?at your (?:option|choice|discretion)\)?,? ?)?(?:any|all|a) (?:later|newer|higher|subsequent) versions?|or (?:later|newer|higher|above|greater)(?: versions?)?))?`;

const named = new RegExp(`\\b(?=gnu |[al]?gpl)(?:${licence}|${abbreviation})${publisher}${version}${later}`, 'g');
/** `version 2 of the GNU General Public License, or (at your option) any later version`. */
const numberedFirst = new RegExp(
  `version ([0-9](?:\\.[0-9])?)(?:\\.0)?${later} of the (?:${licence}|${abbreviation})(?! version)${publisher}${later}`,
  'g',
);

/** Sentences that put something under a version of a GNU licence. */
export function gnuGrants(text: string): readonly Grant[] {
  const found: Grant[] = [];
  for (const match of text.matchAll(named)) {
    const [whole, kind, letter, number = '', more] = match;
    const after = text.slice(match.index + whole.length, match.index + whole.length + 300);
    push(found, withSections(gnuId({ kind, letter, number, later: more !== undefined }), after), match.index, whole);
  }
  for (const match of text.matchAll(numberedFirst)) {
    const [whole, number = '', before, kind, letter, after] = match;
    const isLater = before !== undefined || after !== undefined;
    const behind = text.slice(match.index + whole.length, match.index + whole.length + 300);
    push(found, withSections(gnuId({ kind, letter, number, later: isLater }), behind), match.index, whole);
  }
  return found;
}

interface GnuWords {
  readonly kind: string | undefined;
  readonly letter: string | undefined;
  readonly number: string;
  readonly later: boolean;
}

function gnuId({ kind, letter, number, later: isLater }: GnuWords): string | undefined {
  const word = kind?.trim();
  const families = { lesser: 'LGPL', library: 'LGPL', affero: 'AGPL', 'free documentation': 'GFDL' } as const;
  const family =
    word !== undefined
      ? families[word as keyof typeof families]
      : letter === 'l'
        ? 'LGPL'
        : letter === 'a'
          ? 'AGPL'
          : 'GPL';
  const known = { GPL: ['1', '2', '3'], LGPL: ['2', '2.1', '3'], AGPL: ['3'], GFDL: ['1.1', '1.2', '1.3'] }[family];
  const plain = number.replace(/\.0$/, '');
  if (!known.includes(plain)) return undefined;
  return `${family}-${plain.includes('.') ? plain : `${plain}.0`}-${isLater ? 'or-later' : 'only'}`;
}

/**
 * The GNU FDL with or without sections that nobody may change, as the words behind its name say; SPDX has ids for both. Cover texts alone
 * have none.
 */
function withSections(id: string | undefined, after: string): string | undefined {
  const [, start, end] = /^(GFDL-[0-9.]+)(-.*)$/.exec(id ?? '') ?? [];
  if (start === undefined) return id;
  if (/^[^.]*\binvariant sections? (?:being|is|are|listed)\b/.test(after)) return `${start}-invariants${end}`;
  const isFree =
    /^[^.]*\b(?:no|without(?: any)?) invariant sections?\b/.test(after) &&
    !/cover texts? (?:being|is|are)\b/.test(after);
  return isFree ? `${start}-no-invariants${end}` : id;
}

function push(found: Grant[], id: string | undefined, start: number, whole: string): void {
  if (id !== undefined) found.push({ id, start, end: start + whole.length });
}

const sentences: readonly (readonly [RegExp, string])[] = [
  [/licensed under the (?:terms of the )?apache licen[cs]e,? ?\(?version 2(?:\.0)?\)?/g, 'Apache-2.0'],
  [/subject to the terms of the mozilla public licen[cs]e,? v(?:ersion|\.)? ?2\.0/g, 'MPL-2.0'],
  [/subject to the mozilla public licen[cs]e version 1\.1/g, 'MPL-1.1'],
  [
    /(?:under|by) the (?:same )?(?:terms|licen[cs]e|conditions)(?: and conditions)? (?:as|of) perl(?: itself)?/g,
    'perl',
  ],
  [
    /(?<=under the (?:same )?(?:terms|conditions) (?:of|as) )(?:perl, that is,? )?either:? (?:\(?[a1]\) )?the gnu general public licen[cs]e(?: as published by the free software foundation)?[;,] either version 1,? or \(at your option\) any later version[;,]? or,? (?:\(?[b2]\) )?the "?artistic licen[cs]e"?(?!"?,? ?\(?(?:version |v)?2)/g,
    'perl',
  ],
  [
    /(?:is|are|been|were|was)(?: hereby)?(?: all)?(?: released| placed| put| dedicated)? (?:in|into|to) (?:the )?public domain/g,
    'public-domain',
  ],
  [/^public domain$/g, 'public-domain'],
];

/** Other sentences that name one licence exactly. `perl` and `public-domain` are no SPDX ids yet. */
export function namedGrants(text: string): readonly Grant[] {
  return sentences.flatMap(([pattern, id]) =>
    [...text.matchAll(pattern)].map((match) => ({ id, start: match.index, end: match.index + match[0].length })),
  );
}
