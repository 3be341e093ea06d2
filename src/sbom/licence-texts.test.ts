import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sbomPackage } from '../../test/support/boms.ts';
import { LicenceTexts } from './licence-texts.ts';
import type { SbomLicenceReference, SbomPackage } from './types.ts';

test('two packages of one source share its licence', () => {
  const references = { 'LicenseRef-other-terms': { name: 'other terms', text: 'On Sundays.' } };
  assert.deepEqual(written(packageOf('gcc-14-base', references), packageOf('libgcc-s1', references)), {
    expressions: ['LicenseRef-other-terms', 'LicenseRef-other-terms'],
    texts: ['LicenseRef-other-terms: On Sundays.'],
  });
});

test('so they do where its text is too long to be repeated', () => {
  const references = { 'LicenseRef-other-terms': { name: 'other terms', text: undefined, leftOut: 600_000 } };
  assert.deepEqual(written(packageOf('gcc-14-base', references), packageOf('libgcc-s1', references)), {
    expressions: ['LicenseRef-other-terms', 'LicenseRef-other-terms'],
    texts: [
      'LicenseRef-other-terms: The text has 600000 characters, too many to repeat: it is in /usr/share/doc/.../copyright in the image.',
    ],
  });
});

test('one text of two files has one name, whatever number each file gave it', () => {
  const free = 'This database is in the public domain.';
  const stem = 'LicenseRef-free';
  const dash = packageOf('dash', { [stem]: { name: 'free', stem, text: 'Take it.' } });
  const tzdata = packageOf('tzdata', {
    [stem]: { name: 'free', stem, text: 'Have it.' },
    [`${stem}-2`]: { name: 'free', stem, text: free },
  });
  const other = packageOf('zone', { [stem]: { name: 'Free', stem, text: free.replaceAll(' ', '\n') } });
  assert.deepEqual(written(dash, tzdata, other), {
    expressions: ['LicenseRef-free', 'LicenseRef-free-2 AND LicenseRef-free-3', 'LicenseRef-free-3'],
    texts: ['LicenseRef-free: Take it.', 'LicenseRef-free-2: Have it.', `LicenseRef-free-3: ${free}`],
  });
});

test('a number that belongs to a name stays', () => {
  const gpl = packageOf('a', { 'LicenseRef-GPL-2': { name: 'GPL-2', stem: 'LicenseRef-GPL-2', text: 'One.' } });
  const other = packageOf('b', { 'LicenseRef-GPL-2': { name: 'GPL-2', stem: 'LicenseRef-GPL-2', text: 'Two.' } });
  assert.deepEqual(written(gpl, other).expressions, ['LicenseRef-GPL-2', 'LicenseRef-GPL-2-2']);
});

function packageOf(name: string, references: Readonly<Record<string, SbomLicenceReference>>): SbomPackage {
  const expression = Object.keys(references).join(' AND ');
  return sbomPackage(name, '1', { licence: { expression, references, problem: undefined, copyrights: [] } });
}

function written(...packages: readonly SbomPackage[]) {
  const licences = new LicenceTexts();
  const expressions = packages.map((one) => licences.expressionOf(one)?.expression);
  return { expressions, texts: licences.all.map(({ id, text }) => `${id}: ${text}`) };
}
