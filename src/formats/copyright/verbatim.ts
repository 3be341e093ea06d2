/**
 * Texts that are used as they are, in lower case (plain-text.ts). What stands between two fixed parts is at most so long: the names of holders
 * and small variations. Parts are found one after the other, so time is linear.
 */
export interface VerbatimText {
  readonly id: string;
  /** Each with the number of characters that it may be away from the one before; undefined: `maxGap`. */
  readonly parts: readonly (string | readonly [within: number, part: string])[];
}

/** Numbers and dashes of a list, at most. */
const next = 12;

/** The beginning of a clause. */
const clause = 80;

const mitBeginning =
  'permission is hereby granted, free of charge, to any person obtaining a copy of this software and';
const mitPermission =
  'sell copies of the software, and to permit persons to whom the software is furnished to do so, subject to the following conditions:';
/** `the above copyright notice and this permission notice (including the next paragraph)`, and no condition more. */
const mitNotice = [110, 'shall be included in all copies or substantial portions of the software.'] as const;
const mitGrant = [
  mitBeginning,
  'to deal in the software without restriction, including without limitation',
  'use, copy, modify, merge, publish, distribute',
  // `sublicense` in its spellings.
  [24, mitPermission],
  mitNotice,
] as const;
const mitDisclaimer = [
  // What stands between, as in the JSON licence, would be another condition.
  [next, 'the software is provided "as is", without warranty of any kind'],
  [800, 'or other dealings in the software'],
] as const;

const exceptName = [
  [next, 'except as contained in this notice, the name'],
  'shall not be used in advertising or otherwise to promote the sale, use or other dealings in this software without prior written authorization',
] as const;

const sellGrant = [
  'permission to use, copy, modify, distribute, and sell this software and its documentation for any purpose is hereby granted without fee, provided that the above copyright notice appear in all copies',
  [next, 'and that both that copyright notice and this permission notice appear in supporting documentation'],
] as const;

const bsdGrant = [
  'redistribution and use in source and binary forms, with or without modification, are permitted provided that the following conditions are met:',
  [clause, 'must retain the above copyright notice, this list of conditions and the following disclaimer'],
  [
    clause,
    'must reproduce the above copyright notice, this list of conditions and the following disclaimer in the documentation and/or other materials provided with the distribution.',
  ],
] as const;
const advertising = [
  [next, 'all advertising materials mentioning features or use of this software must display the following acknowledg'],
] as const;
const endorsement = 'to endorse or promote products derived from this software without';
const bsdDisclaimer = [
  [400, 'are disclaimed.'],
  [800, 'of this software, even if advised of the possibility of such damage'],
] as const;

/** The whole stack of agreements of CPython: SPDX has it as one licence. */
const pythonStack = {
  id: 'Python-2.0.1',
  parts: [
    'this license agreement is between the python software foundation ("psf"), and the individual or organization ("licensee")',
    [4000, 'psf hereby grants licensee a nonexclusive, royalty-free, world-wide license'],
    [4000, 'licensee agrees to be bound by the terms and conditions of this license agreement.'],
    [4000, 'beopen hereby grants licensee a non-exclusive, royalty-free, world-wide license'],
    [4000, 'cnri license agreement for python 1.6.1'],
    [4000, 'cnri hereby grants licensee a nonexclusive, royalty-free, world-wide license'],
    [4000, 'licensee agrees to be bound by the terms and conditions of this license agreement.'],
    [4000, 'cwi license agreement for python 0.9.0 through 1.2'],
    [4000, 'in connection with the use or performance of this software.'],
  ],
} as const;

/** The first whose parts are all there counts: those with more of them come first. */
export const verbatimTexts: readonly VerbatimText[] = [
  pythonStack,
  {
    id: 'MIT-open-group',
    parts: [
      ...sellGrant,
      [
        next,
        'the above copyright notice and this permission notice shall be included in all copies or substantial portions of the software.',
      ],
      ...mitDisclaimer,
      ...exceptName,
    ],
  },
  { id: 'X11', parts: [...mitGrant, ...mitDisclaimer, ...exceptName] },
  {
    id: 'X11-distribute-modifications-variant',
    parts: [
      mitBeginning,
      'to deal in the software without restriction, including without limitation',
      'distribute, distribute with modifications, sublicense',
      [24, mitPermission],
      mitNotice,
      ...mitDisclaimer,
      ...exceptName,
    ],
  },
  { id: 'MIT', parts: [...mitGrant, ...mitDisclaimer] },
  {
    id: 'BSD-4-Clause',
    parts: [...bsdGrant, ...advertising, [500, endorsement], [60, 'this software is provided'], ...bsdDisclaimer],
  },
  {
    id: 'BSD-3-Clause',
    parts: [...bsdGrant, [250, endorsement], [60, 'this software is provided'], ...bsdDisclaimer],
  },
  { id: 'BSD-2-Clause', parts: [...bsdGrant, [next, 'this software is provided'], ...bsdDisclaimer] },
  {
    id: 'ISC',
    parts: [
      'permission to use, copy, modify',
      [
        next,
        'distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.',
      ],
      [next, 'the software is provided "as is" and'],
      [800, 'in connection with the use or performance of this software'],
    ],
  },
  {
    id: 'Zlib',
    parts: [
      'without any express or implied warranty. in no event will the author',
      'permission is granted to anyone to use this software for any purpose, including commercial applications, and to alter it and redistribute it freely, subject to the following restrictions:',
      'the origin of this software must not be misrepresented',
      [300, 'altered source versions must be plainly marked as such'],
      'this notice may not be removed or altered from any source distribution',
    ],
  },
  {
    id: 'HPND-sell-variant',
    parts: [...sellGrant, [600, 'disclaim'], 'warrant', [600, 'performance of this software']],
  },
];

/** Names of licensees, numbers of clauses. */
const maxGap = 200;

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where a text is first, from `from` on; undefined where it is not. */
export function findVerbatim(text: string, { parts }: VerbatimText, from: number): Span | undefined {
  const [first = [0, ''], ...rest] = parts.map((part): readonly [number, string] =>
    typeof part === 'string' ? [maxGap, part] : part,
  );
  const [, beginning] = first;
  for (let start = text.indexOf(beginning, from); start >= 0; start = text.indexOf(beginning, start + 1)) {
    let end = start + beginning.length;
    const isWhole = rest.every(([within, part]) => {
      const at = text.slice(end, end + within + part.length).indexOf(part);
      if (at < 0) return false;
      end += at + part.length;
      return true;
    });
    // A part that is found behind the next text's beginning is that text's.
    if (isWhole && !text.slice(start + 1, end).includes(beginning)) return { start, end };
  }
  return undefined;
}
