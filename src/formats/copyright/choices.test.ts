import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processorTime } from '../../../test/support/processor-time.ts';
import { readCopyright } from './read-copyright.ts';
import type { CopyrightFacts } from './types.ts';

function read(...paragraphs: readonly string[]): CopyrightFacts {
  return readCopyright(new TextEncoder().encode(paragraphs.join('\n\n')));
}

const gpl = 'the GNU General Public License, version 2 or later';

const uncertain: Readonly<Record<string, string>> = {
  'one of two licences': `This software is available under a choice of one of two licenses: ${gpl}, or the BSD license below.`,
  alternatively: `It is subject to the Mozilla Public License Version 1.1. Alternatively, it may be used under the terms of ${gpl}.`,
  either: `It is free software under the terms of either ${gpl} or the MPL.`,
  'a list of alternatives': `It is under:\n  a) ${gpl}, or\n  b) the GNU LGPL version 3.`,
  'dual licences': `It is dual-licensed: under the terms of ${gpl}; under the MIT license.`,
  'an or between names': `License: GPL-2+ or Artistic. In short, under the terms of ${gpl}.`,
  'names joined by or': 'License: LGPLv3+ or GPLv2+',
  'names joined by _or_': 'License: LGPLv3+_or_GPLv2+',
  'an or behind the grant': `It is licensed under ${gpl}, or the Artistic License.`,
  'a choice': `Distributed under your choice of the BSD license or ${gpl}.`,
  'what does not hold': `This program is NOT released under ${gpl}.`,
  'what held': `It was formerly released under ${gpl}, which the author has withdrawn.`,
};

test('what can be chosen is joined by no AND, and what does not hold is no licence', () => {
  const found = Object.entries(uncertain).map(([what, text]) => [what, read(text).expression]);
  assert.deepEqual(
    Object.fromEntries(found),
    Object.fromEntries(Object.keys(uncertain).map((what) => [what, 'LicenseRef-debian-other-terms'])),
  );
});

test('a reader is told, and has the whole text', () => {
  const [text = ''] = Object.values(uncertain);
  const { problem, references } = read(text);
  assert.match(problem ?? '', /it takes a reader to tell which of its licences hold/);
  assert.equal(references['LicenseRef-debian-other-terms']?.text, text);
});

test('far from a choice in a long file a licence is what it says', () => {
  const far = 'Copyright 2020 A, and nobody else.\n'.repeat(300);
  const choice = 'These files are under your choice of the MIT License or the GNU GPL version 2.';
  const mpl = 'subject to the terms of the Mozilla Public License, v. 2.0';
  assert.equal(
    read(`It is under ${gpl}, and ${mpl}.`, far, choice).expression,
    'GPL-2.0-or-later AND MPL-2.0 AND LicenseRef-debian-other-terms',
  );
  const withMpl = choice.replace('the MIT License', 'the MPL');
  assert.equal(
    read(`It is under ${gpl}, and ${mpl}.`, far, withMpl).expression,
    'GPL-2.0-or-later AND LicenseRef-debian-other-terms',
  );
});

const certain: Readonly<Record<string, string>> = {
  'either version':
    'under the terms of the GNU GPL; either version 2 of the License, or (at your option) any later version',
  'an or of later versions': 'under the GNU GPL version 2, or any later version',
  'redistribute and/or modify': `you can redistribute it and/or modify it under the terms of ${gpl}.`,
};

test('later versions are no choice of licences', () => {
  for (const [what, text] of Object.entries(certain)) assert.equal(read(text).expression, 'GPL-2.0-or-later', what);
});

test("Perl's own choice has its expression", () => {
  const perl = (artistic: string) =>
    `It is free software; you can redistribute it and/or modify it under the terms of either:
    a) the GNU General Public License as published by the Free Software Foundation; either version
       1, or (at your option) any later version, or
    b) the "Artistic License"${artistic}.`;
  assert.equal(read(perl(' which comes with Perl')).expression, 'Artistic-1.0-Perl OR GPL-1.0-or-later');
  assert.equal(read(perl(' version 2')).expression, 'LicenseRef-debian-other-terms');
});

test('choices without end take linear time', () => {
  for (const beginning of ['either of the ', 'one of ', 'dual ', 'or the gnu ', 'alternatively ', 'choice between ']) {
    const bytes = new TextEncoder().encode(`${gpl} ${beginning.repeat(Math.floor(200_000 / beginning.length))}`);
    assert.ok(processorTime(() => readCopyright(bytes)) < 500, beginning);
  }
});
