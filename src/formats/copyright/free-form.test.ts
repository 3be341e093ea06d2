import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { processorTime } from '../../../test/support/processor-time.ts';
import { parseSpdx } from '../../../test/support/spdx.ts';
import { readCopyright } from './read-copyright.ts';
import type { CopyrightFacts } from './types.ts';

function read(...paragraphs: readonly string[]): CopyrightFacts {
  const facts = readCopyright(
    new TextEncoder().encode(['It was downloaded from https://example.org/app', ...paragraphs].join('\n\n')),
  );
  if (facts.expression !== undefined) parseSpdx(facts.expression);
  return facts;
}

function gnu(name: string, terms: string): string {
  return `   This program is free software; you can redistribute it and/or modify
   it under the terms of the GNU ${name} as published by
   the Free Software Foundation; ${terms}.

   This program is distributed in the hope that it will be useful,
   but WITHOUT ANY WARRANTY; without even the implied warranty of
   MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
   GNU ${name} for more details.

   You should have received a copy of the GNU ${name}
   along with this program; if not, write to the Free Software
   Foundation, Inc., 51 Franklin St, Fifth Floor, Boston, MA 02110-1301 USA`;
}

const onDebian =
  "On Debian systems, the complete text of the GNU General\nPublic License version 2 can be found in `/usr/share/common-licenses/GPL-2'.";

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is fur-
nished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED. IN NO EVENT SHALL THE AUTHORS BE LIABLE FOR ANY CLAIM, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE.`;

const exceptName = `Except as contained in this notice, the name(s) of the above copyright
holders shall not be used in advertising or otherwise to promote the
sale, use or other dealings in this Software without prior written
authorization.`;

function bsd(...clauses: readonly string[]): string {
  return `# Redistribution and use in source and binary forms, with or without
# modification, are permitted provided that the following conditions are met:
# 1. Redistributions of source code must retain the above copyright
#    notice, this list of conditions and the following disclaimer.
# 2. Redistributions in binary form must reproduce the above copyright
#    notice, this list of conditions and the following disclaimer in the
#    documentation and/or other materials provided with the distribution.
${clauses.map((clause) => `# ${clause}\n`).join('')}# THIS SOFTWARE IS PROVIDED \`\`AS IS'' AND ANY WARRANTIES ARE DISCLAIMED. IN NO EVENT
# SHALL ANYBODY BE LIABLE FOR DAMAGES ARISING OUT OF THE USE OF THIS SOFTWARE,
# EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.`;
}
const endorsement =
  'Neither the name of A may be used to endorse or promote products derived from this software without written permission.';
const advertising =
  'All advertising materials mentioning features or use of this software must display the following acknowledgement: by A.';

const later = 'either version 2 of the License, or\n   (at your option) any later version';
const recognised: Readonly<Record<string, string>> = {
  [gnu('General Public License', later)]: 'GPL-2.0-or-later',
  [gnu('General Public License', 'version 2')]: 'GPL-2.0-only',
  [gnu('Lesser General Public License', 'either version 2.1 of the License,\n or (at your option) any later version')]:
    'LGPL-2.1-or-later',
  [gnu('Affero General Public License', 'either version 3 of the License, or (at your option) any later version')]:
    'AGPL-3.0-or-later',
  'It is under version 2 of the GNU General Public License, or (at your option) any later\nversion.':
    'GPL-2.0-or-later',
  'License: GPL v3 or later': 'GPL-3.0-or-later',
  'It is licensed under the Apache License, Version 2.0.': 'Apache-2.0',
  'You may distribute it under the same terms as Perl itself.': 'Artistic-1.0-Perl OR GPL-1.0-or-later',
  [mit]: 'MIT',
  [`${mit}\n\n${exceptName}`]: 'X11',
  [`${mit.replace('sublicense', 'distribute with modifications, sublicense')}\n\n${exceptName}`]:
    'X11-distribute-modifications-variant',
  [bsd()]: 'BSD-2-Clause',
  [bsd(endorsement)]: 'BSD-3-Clause',
  [bsd(advertising, endorsement)]: 'BSD-4-Clause',
};

test('the common sentences and texts are recognised, and nothing else is in them', () => {
  const found = Object.keys(recognised).map((text) => {
    const { expression, problem } = read('Copyright (C) 2020 A', text, onDebian);
    return [text, problem === undefined ? expression : `${expression}: ${problem}`];
  });
  assert.deepEqual(Object.fromEntries(found), recognised);
});

test('several licences are all there, in the order of the text', () => {
  assert.equal(
    read(gnu('General Public License', later), mit, bsd(endorsement)).expression,
    'GPL-2.0-or-later AND MIT AND BSD-3-Clause',
  );
});

test('the public domain has no SPDX id', () => {
  const { expression, references } = read('The author has put it, and it is in the public domain.');
  assert.equal(expression, 'LicenseRef-debian-public-domain');
  assert.equal(references['LicenseRef-debian-public-domain']?.name, 'public-domain');
});

test('terms that are not recognised are never left out of the expression', () => {
  const facts = read(mit, 'The icons may be redistributed on Sundays only.');
  assert.equal(facts.expression, 'MIT AND LicenseRef-debian-other-terms');
  assert.equal(facts.problem, 'The copyright file is prose, and has terms beside the licences that were recognised.');
  assert.match(facts.references['LicenseRef-debian-other-terms']?.text ?? '', /on Sundays only/);
});

test('the text of long prose with other terms is there to its end', () => {
  const facts = read(
    mit,
    `${'A story of its making. '.repeat(3000)}`,
    'The icons may be redistributed on Sundays only.',
  );
  assert.equal(facts.expression, 'MIT AND LicenseRef-debian-other-terms');
  const { text = '' } = facts.references['LicenseRef-debian-other-terms'] ?? {};
  assert.ok(text.length > 69_000);
  assert.match(text, /on Sundays only\.$/);
});

test('sections of the GNU FDL that nobody may change are said', () => {
  const fdl = (sections: string) =>
    read(`under the terms of the GNU Free Documentation License, Version 1.3
    or any later version published by the Free Software Foundation; ${sections}.`).expression;
  assert.equal(
    fdl('with no Invariant Sections, no Front-Cover\nTexts, and no Back-Cover Texts'),
    'GFDL-1.3-no-invariants-or-later',
  );
  assert.equal(fdl('with the Invariant Sections being "Preface", and no cover texts'), 'GFDL-1.3-invariants-or-later');
  assert.equal(fdl('with no Invariant Sections, and with the Front-Cover Texts being "A Manual"'), 'GFDL-1.3-or-later');
});

test('a sentence that gives a licence and says where its text is gives it', () => {
  const sentence =
    "Copyright 2010 A <a@debian.org>, licensed under the GPL version 3,\nsee `/usr/share/common-licenses/GPL-3'.";
  assert.equal(read(gnu('General Public License', later), sentence).expression, 'GPL-2.0-or-later AND GPL-3.0-only');
});

const unknown: Readonly<Record<string, string>> = {
  'a mention of where a text is': onDebian,
  'no version': 'It is covered by the GPL.',
  'a changed grant': mit.replace(
    'copies of the Software, and to permit',
    'copies of the Software but on Sundays, and to permit',
  ),
  'a condition more': mit.replace(
    'THE SOFTWARE IS',
    'The Software shall be used for Good, not Evil.\n\nTHE SOFTWARE IS',
  ),
  'a clause more': bsd('3. Redistributions in any form must be announced on the web site of A.'),
  'another right': mit.replace('sublicense', 'distribute with modifications, sublicense'),
  'a condition before the notice': mit.replace(
    'The above copyright',
    'No copy of it shall be sold on Sundays, neither alone nor as a part of something else, and nobody shall ask for it.\n\nThe above copyright',
  ),
  'half a text': bsd().slice(0, 500),
  'the packaging alone': 'The Debian packaging is under the GPL, version 3 or later.',
};

test('what is not recognised is no licence', () => {
  const found = Object.entries(unknown).map(([what, text]) => [what, read(text)]);
  const none = {
    expression: undefined,
    references: {},
    problem: 'The copyright file is not machine-readable, and no licence in it was recognised.',
    copyrights: [],
  };
  assert.deepEqual(Object.fromEntries(found), Object.fromEntries(Object.keys(unknown).map((what) => [what, none])));
});

test('an empty file says so', () => {
  assert.equal(readCopyright(new Uint8Array()).problem, 'The copyright file is empty.');
});

const words = [
  'Format: x\n',
  '\n\n',
  'Files: *\n',
  'License: ',
  ' and ',
  ' or ',
  ' with ',
  ',',
  '(',
  ')',
  'MIT',
  'GPL-2+',
  ' exception',
  'gnu gpl version 2',
  ' or later',
  '\u0000',
  'é',
  ' ',
  '.',
  '__proto__',
  'constructor',
];

test('nothing makes it throw, and every expression is SPDX', () => {
  const text = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 })), { maxLength: 60 });
  fc.assert(
    fc.property(text, (parts) => {
      const { expression, references } = read(parts.join(''));
      for (const name of Object.keys(references)) assert.ok(expression?.includes(name));
    }),
    { numRuns: 2000 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void readCopyright(bytes)));
});

test('repetitions of any beginning take no more than linear time', () => {
  const beginnings = [
    'gnu general public license ',
    'permission is hereby granted, free of charge, to any person obtaining a copy of this software and ',
    'on debian systems ',
    'you may ',
    'aa- ',
    'is in the public domain ',
    'debian packaging ',
    '# ',
  ];
  for (const beginning of beginnings) {
    const bytes = new TextEncoder().encode(beginning.repeat(Math.floor(100_000 / beginning.length)));
    assert.ok(processorTime(() => readCopyright(bytes)) < 500, beginning);
  }
});
