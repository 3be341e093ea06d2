import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processorTime } from '../../../test/support/processor-time.ts';
import { parseSpdx } from '../../../test/support/spdx.ts';
import { readCopyright } from './read-copyright.ts';
import type { CopyrightFacts } from './types.ts';

const format = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/';

/** A file with one paragraph for each licence. */
function read(...licences: readonly string[]): CopyrightFacts {
  const paragraphs = licences.map((licence, at) => `Files: part${at}/*\nCopyright: 2020 A\nLicense: ${licence}\n`);
  return readText([`${format}\n`, ...paragraphs].join('\n'));
}

function readText(text: string): CopyrightFacts {
  const facts = readCopyright(new TextEncoder().encode(text));
  if (facts.expression !== undefined) parseSpdx(facts.expression);
  return facts;
}

const shortNames: Readonly<Record<string, string>> = {
  'GPL-2': 'GPL-2.0-only',
  'GPL-2+': 'GPL-2.0-or-later',
  'GPL-3.0+': 'GPL-3.0-or-later',
  'GPL-2.0-or-later': 'GPL-2.0-or-later',
  'LGPL-2+': 'LGPL-2.0-or-later',
  'LGPL-2.1': 'LGPL-2.1-only',
  'AGPL-3+': 'AGPL-3.0-or-later',
  'GFDL-1.3+': 'GFDL-1.3-or-later',
  'GFDL-NIV-1.3+': 'GFDL-1.3-no-invariants-or-later',
  'GFDL-1.2-no-invariants-only': 'GFDL-1.2-no-invariants-only',
  Expat: 'MIT',
  expat: 'MIT',
  'BSD-3-clause': 'BSD-3-Clause',
  Artistic: 'Artistic-1.0-Perl',
  'Artistic-2.0': 'Artistic-2.0',
  Perl: 'Artistic-1.0-Perl OR GPL-1.0-or-later',
  'Apache-2': 'Apache-2.0',
  'MPL-1.1': 'MPL-1.1',
  'MPL-1.1+': 'MPL-1.1+',
  ZLIB: 'Zlib',
  'CC-BY-SA-4': 'CC-BY-SA-4.0',
  'public-domain': 'LicenseRef-debian-public-domain',
  'MIT~X11': 'LicenseRef-debian-MIT-X11',
  'GPL-4': 'LicenseRef-debian-GPL-4',
  GPL: 'LicenseRef-debian-GPL',
  BSD: 'LicenseRef-debian-BSD',
  'OPL-1+': 'LicenseRef-debian-OPL-1-or-later',
  'LicenseRef-KDE-Accepted-GPL': 'LicenseRef-KDE-Accepted-GPL',
};

test('short names of Debian become SPDX ids, or names of their own', () => {
  const read1 = Object.fromEntries(Object.keys(shortNames).map((name) => [name, read(name).expression]));
  assert.deepEqual(read1, shortNames);
});

const synopses: Readonly<Record<string, string>> = {
  'GPL-2+ or Artistic': 'GPL-2.0-or-later OR Artistic-1.0-Perl',
  'GPL-2+ and MIT or ISC': '(GPL-2.0-or-later AND MIT) OR ISC',
  'GPL-1+ or Artistic, and Expat': '(GPL-1.0-or-later OR Artistic-1.0-Perl) AND MIT',
  'MIT, ISC, and Zlib': 'MIT AND ISC AND Zlib',
  'MIT, ISC or Zlib': 'MIT OR ISC OR Zlib',
  'MIT, ISC': 'MIT AND ISC',
  'MIT and MIT': 'MIT',
  '(GPL-2 or MIT) and ISC': '(GPL-2.0-only OR MIT) AND ISC',
  'Apache-2.0 OR MIT': 'Apache-2.0 OR MIT',
  'GPL-2 or later': 'GPL-2.0-or-later',
  'GPL-2 or (at your option) any later version': 'GPL-2.0-or-later',
  'GPL-2 with Linux-syscall-note exception': 'GPL-2.0-only WITH Linux-syscall-note',
  'GPL-2+ with Classpath exception or MIT': 'GPL-2.0-or-later WITH Classpath-exception-2.0 OR MIT',
  'GPL-3+ with Bison-2.2 exception': 'GPL-3.0-or-later WITH Bison-exception-2.2',
  'GPL-2+ with OpenSSL exception': 'LicenseRef-debian-GPL-2.0-or-later-with-OpenSSL-exception',
  'mueval license': 'LicenseRef-debian-mueval-license',
};

test('a synopsis is read with the precedence of the format', () => {
  const found = Object.fromEntries(Object.keys(synopses).map((synopsis) => [synopsis, read(synopsis).expression]));
  assert.deepEqual(found, synopses);
});

test('the package is under the licences of all its files, each once', () => {
  assert.equal(read('MIT', 'ISC', 'Expat', 'MIT or ISC', 'ISC or Expat').expression, 'MIT AND ISC AND (MIT OR ISC)');
});

test('the packaging does not count, unless there is nothing else', () => {
  const packaging = 'Files: debian/* debian/rules\nCopyright: D\nLicense: GPL-3+\n';
  assert.equal(readText(`${format}\n\nFiles: *\nCopyright: A\nLicense: MIT\n\n${packaging}`).expression, 'MIT');
  assert.equal(readText(`${format}\n\n${packaging}`).expression, 'GPL-3.0-or-later');
});

test('patches and pages of the packaging count, for they come into the package', () => {
  const file = (files: string) =>
    readText(`${format}\n\nFiles: *\nCopyright: A\nLicense: MIT\n\nFiles: ${files}\nCopyright: D\nLicense: ISC\n`)
      .expression;
  assert.equal(file('debian/patches/fix.patch'), 'MIT AND ISC');
  assert.equal(file('debian/rules debian/app.1'), 'MIT AND ISC');
  assert.equal(file('debian/tests/* debian/rules debian/watch'), 'MIT');
});

test('the text of a licence without an SPDX name comes along', () => {
  const facts = readText(
    [
      format,
      '',
      'Files: *',
      'Copyright: A',
      'License: Curious',
      '',
      'Files: old/*',
      'Copyright: B',
      'License: odd!',
      ' Do what you',
      ' .',
      ' like.',
      '',
      'License: Curious',
      ' Ask first.',
    ].join('\n'),
  );
  assert.equal(facts.expression, 'LicenseRef-debian-Curious AND LicenseRef-debian-odd');
  assert.deepEqual(facts.references, {
    'LicenseRef-debian-Curious': { name: 'Curious', stem: 'LicenseRef-debian-Curious', text: 'Ask first.' },
    'LicenseRef-debian-odd': { name: 'odd!', stem: 'LicenseRef-debian-odd', text: 'Do what you\n\nlike.' },
  });
});

test('one name for two texts gets two references', () => {
  const facts = read('other\n One thing.', 'other\n Another thing.', 'other\n One  thing.');
  assert.equal(facts.expression, 'LicenseRef-debian-other AND LicenseRef-debian-other-2');
  assert.equal(facts.references['LicenseRef-debian-other-2']?.stem, 'LicenseRef-debian-other');
});

test('of a text that is too long to be repeated its length is said, and of one that is not there nothing', () => {
  const facts = read(`huge\n ${'so much to say '.repeat(40_000)}`, 'none');
  assert.deepEqual(facts.references, {
    'LicenseRef-debian-huge': { name: 'huge', stem: 'LicenseRef-debian-huge', text: undefined, leftOut: 599_999 },
    'LicenseRef-debian-none': { name: 'none', stem: 'LicenseRef-debian-none', text: undefined },
  });
});

test('a long text that thousands of paragraphs name is not repeated for each', () => {
  const own = Array.from({ length: 5000 }, (_, at) => `Files: f${at}\nCopyright: A\nLicense: odd\n Number ${at}.\n`);
  const text = [format, ...own, `License: odd\n ${'so much to say '.repeat(30_000)}\n`].join('\n');
  assert.ok(processorTime(() => readText(text)) < 2000);
});

test('holders are listed in the order of the file', () => {
  const facts = readText(
    `${format}\n\nFiles: *\nCopyright: 2020 A\n           2021 B\nLicense: MIT\n\nFiles: x\nCopyright: 2020 A\nLicense: MIT\n`,
  );
  assert.deepEqual(facts.copyrights, ['2020 A', '2021 B']);
});

test('what people get wrong is read where its sense is plain', () => {
  const cases: Readonly<Record<string, string>> = {
    'CRLF and a byte order mark': `\uFEFF${format}\r\n\r\nFiles: *\r\nCopyright: A\r\nLicense: MIT\r\n`,
    'no empty line between paragraphs': `${format}\n\nFiles: a\nCopyright: A\nLicense: MIT\nFiles: b\nCopyright: B\nLicense: MIT\n`,
    'an old format field':
      'Format-Specification: http://dep.debian.net/deps/dep5/\n\nFiles: *\nCopyright: A\nLicense: MIT\n',
    'a text that is not indented': `${format}\n\nFiles: *\nCopyright: A\nLicense: MIT\nThe text is elsewhere: there.\n\nNote: well\n`,
    'no format at all': 'Files: *\nCopyright: A\nLicense: MIT\n',
    'a full stop': `${format}\n\nFiles: *\nCopyright: A\nLicense: MIT.\n`,
    'a blank before the colon': `${format}\n\nFiles : *\nCopyright : A\nLicense : MIT\n`,
    'one licence for all, in the header': `${format}\nCopyright: A\nLicense: MIT\n`,
  };
  assert.deepEqual(
    Object.fromEntries(Object.entries(cases).map(([what, text]) => [what, readText(text).expression])),
    Object.fromEntries(Object.keys(cases).map((what) => [what, 'MIT'])),
  );
});

test('a file in ISO 8859-1 is read', () => {
  const bytes = Buffer.from(`${format}\n\nFiles: *\nCopyright: J\xfcrgen\nLicense: MIT\n`, 'latin1');
  const { expression, copyrights } = readCopyright(bytes);
  assert.deepEqual({ expression, copyrights }, { expression: 'MIT', copyrights: ['Jürgen'] });
});

test('what is no licence name is said, and is in the expression', () => {
  const sentence = 'You may use this file in any way that you like as long as you are kind';
  const facts = read('MIT', `${sentence}\n And brave.`);
  assert.equal(facts.expression, 'MIT AND LicenseRef-debian-other-terms');
  assert.equal(
    facts.problem,
    'The copyright file has what is no licence name: "You may use this file in any way that you like as long as yo".',
  );
  assert.equal(
    facts.references['LicenseRef-debian-other-terms']?.text,
    `files: part1/*\ncopyright: 2020 A\nlicense: ${sentence}\nAnd brave.`,
  );
  const without = readText(`${format}\n\nFiles: a\nCopyright: A\nLicense: MIT\n\nFiles: b.c\nCopyright: B\n`);
  assert.equal(without.expression, 'MIT AND LicenseRef-debian-other-terms');
  const empty = readText(`${format}\nSource: https://example.org\n`);
  assert.equal(empty.expression, undefined);
  assert.equal(empty.problem, 'The copyright file is machine-readable and names no licence of any file.');
});

test('more licences than anybody reads are no expression', () => {
  const names = Array.from({ length: 1001 }, (_, at) => `own${at}`);
  const { expression, references, problem } = read(...names);
  assert.deepEqual(
    { expression, references, problem },
    { expression: undefined, references: {}, problem: 'The copyright file names more than 1000 licences.' },
  );
});

const isc = `ISC
 Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that
 the above copyright notice and this permission notice appear in all copies.
 .
 THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES, ALSO THOSE ARISING OUT OF OR IN CONNECTION WITH THE USE OR
 PERFORMANCE OF THIS SOFTWARE.`;
const gpl = (version: string) =>
  ` This program is free software; you can redistribute it and/or modify it under the terms of the GNU General
 Public License as published by the Free Software Foundation; ${version}.`;

const texts: Readonly<Record<string, readonly [licence: string, expression: string]>> = {
  'a text that is the licence': [isc, 'ISC'],
  'a heading above it': [isc.replace('ISC\n', 'ISC\n ISC License\n .\n'), 'ISC'],
  'a text that is another licence': [isc.replace('ISC', 'Expat'), 'LicenseRef-debian-Expat'],
  'a condition more': [`${isc}\n You must announce it.`, 'LicenseRef-debian-ISC'],
  'a text that tells where it is': ['MIT\n See /usr/share/doc/app/LICENSE.', 'MIT'],
  'a later version': [
    `GPL-2+\n${gpl('either version 2 dated June, 1991, or (at your option) any later version')}`,
    'GPL-2.0-or-later',
  ],
  'another version': [
    `GPL-2\n${gpl('either version 2, or (at your option) any later version')}`,
    'LicenseRef-debian-GPL-2',
  ],
  'the whole text of a GNU licence': [
    `AGPL-3\n Everyone is permitted to copy and distribute verbatim copies of this license document.\n${gpl('version 3')}`,
    'AGPL-3.0-only',
  ],
  'an exception': [`GPL-3\n${gpl('version 3')} As a special exception, you may link it.`, 'LicenseRef-debian-GPL-3'],
  'two licences in one text': [`ISC and MIT\n${isc.slice(4)}`, 'ISC AND LicenseRef-debian-MIT'],
};

test('a name whose text is another licence is no SPDX id', () => {
  const found = Object.entries(texts).map(([what, [licence]]) => [what, read(licence).expression]);
  assert.deepEqual(
    Object.fromEntries(found),
    Object.fromEntries(Object.entries(texts).map(([what, [, expression]]) => [what, expression])),
  );
  const alone = readText(
    `${format}\n\nFiles: *\nCopyright: A\nLicense: MIT\n\nLicense: ${isc.replace('ISC', 'MIT')}\n`,
  );
  assert.equal(alone.expression, 'LicenseRef-debian-MIT');
});

test("a paragraph's own text goes before the one that stands alone", () => {
  const facts = readText(
    `${format}\n\nFiles: *\nCopyright: A\nLicense: BSD\n You may redistribute it.\n\nLicense: BSD\n You must not.\n`,
  );
  assert.equal(facts.references['LicenseRef-debian-BSD']?.text, 'You may redistribute it.');
  const pointing = readText(
    `${format}\n\nFiles: *\nCopyright: A\nLicense: BSD\n See below.\n\nLicense: BSD\n You must not.\n`,
  );
  assert.equal(pointing.references['LicenseRef-debian-BSD']?.text, 'See below.\n\nYou must not.');
});

test('a text with empty lines in it is whole', () => {
  const facts = readText(
    `${format}\n\nFiles: *\nCopyright: A\nLicense: BSD\n Copyright A.\n\n You may use it.\n\n3. On Sundays.\n`,
  );
  assert.equal(facts.references['LicenseRef-debian-BSD']?.text, 'Copyright A.\n\nYou may use it.\n\n3. On Sundays.');
});

test('terms in no field are in the expression', () => {
  const facts = readText(
    `${format}\n\nFiles: *\nCopyright: A\nLicense: Apache-2.0\n\n The icons may be used on Sundays.\n`,
  );
  assert.equal(facts.expression, 'Apache-2.0 AND LicenseRef-debian-other-terms');
  assert.equal(facts.references['LicenseRef-debian-other-terms']?.text, 'The icons may be used on Sundays.');
  assert.equal(facts.problem, 'The copyright file has terms that are in no field.');
  const alone = `${format}\n\nFiles: *\nCopyright: A\nLicense: LGPL-2+\n\n`;
  assert.equal(
    readText(`${alone}The icons are under the GPL.\n`).expression,
    'LGPL-2.0-or-later AND LicenseRef-debian-other-terms',
  );
  assert.equal(readText(`${alone}The Debian packaging is licensed under the GPL.\n`).expression, 'LGPL-2.0-or-later');
});

test('a long text is read once, however many paragraphs name it', () => {
  const paragraphs = Array.from({ length: 2000 }, (_, at) => `Files: a${at}\nCopyright: A\nLicense: GPL-2+\n\n`).join(
    '',
  );
  const sentence = ' This is free software under the GNU General Public License version 2 or later.\n';
  const took = processorTime(() => {
    const { expression } = readText(`${format}\n\n${paragraphs}License: GPL-2+\n${sentence.repeat(700)}`);
    assert.equal(expression, 'GPL-2.0-or-later');
  });
  assert.ok(took < 500);
});
