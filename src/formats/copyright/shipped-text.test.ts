import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCopyright } from './read-copyright.ts';

function read(...paragraphs: readonly string[]): string | undefined {
  return readCopyright(new TextEncoder().encode(paragraphs.join('\n\n'))).expression;
}

const program = 'This program is free software under the GNU General Public License, version 2 or later.';

const packaging: Readonly<Record<string, readonly string[]>> = {
  'of dh_make': [
    'The Debian packaging is:',
    '    Copyright (C) 2010 A <a@example.org>\n    Copyright (C) 2012 B <b@example.org>',
    "and is licensed under the GPL version 3,\nsee `/usr/share/common-licenses/GPL-3'.",
  ],
  'under the same licence': [
    'The Debian packaging is:',
    'Copyright 2010 A',
    'and is provided under the same license as app.',
  ],
  'in one paragraph': [
    'The Debian packaging is (C) 2010, A <a@example.org> and\nis licensed under the GPL v3, see above.',
  ],
  'by its folder': ['debian/*:\n  Copyright (C) 2015 A\n  License: GPLv3 or later'],
  'by its files': ['All files in the debian/ directory are licensed under the GPL version 3.'],
};

test('the terms of the packaging are not those of the program', () => {
  const found = Object.entries(packaging).map(([what, paragraphs]) => [what, read(program, ...paragraphs)]);
  assert.deepEqual(
    Object.fromEntries(found),
    Object.fromEntries(Object.keys(packaging).map((what) => [what, 'GPL-2.0-or-later'])),
  );
});

test('what follows the packaging still counts', () => {
  const [template = []] = Object.values(packaging);
  assert.equal(
    read(program, ...template, 'The icons are licensed under the Apache License, Version 2.0.'),
    'GPL-2.0-or-later AND Apache-2.0',
  );
});

test('terms that hold for the packaging too are those of the program', () => {
  assert.equal(
    read(
      'Upstream and the Debian packaging are licensed under the GNU GPL version 3 or later.',
      'The library is under the GNU LGPL version 2.1 or later.',
    ),
    'GPL-3.0-or-later AND LGPL-2.1-or-later',
  );
});

const unsure: Readonly<Record<string, readonly string[]>> = {
  'both in one paragraph': [
    'The Debian packaging is licensed under the GPL version 3. Everything else is under the LGPL version 2.1.',
  ],
  'files of the program in the paragraph': ['debian/*:\n License: GPLv3\nsrc/old.c:\n License: LGPL v2.1 or later'],
  'the packaging in passing': ['A wrote the Debian packaging, licensed under the GPL version 3.'],
  'a heading without an end': [
    'The Debian packaging is:',
    'Copyright 2010 A',
    'This program is under the terms of the GPL version 3.',
  ],
  'a licence below a heading': [
    'The Debian packaging is under this licence:',
    'This is licensed under the GPL version 3.',
  ],
};

test('where it can not be told which terms hold, no licence is named', () => {
  const found = Object.entries(unsure).map(([what, paragraphs]) => [what, read(program, ...paragraphs)]);
  assert.deepEqual(
    Object.fromEntries(found),
    Object.fromEntries(Object.keys(unsure).map((what) => [what, 'LicenseRef-debian-other-terms'])),
  );
});
