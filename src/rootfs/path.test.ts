import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import { ancestorPaths, baseName, confinePath, isWithin, joinPath, parentPath } from './path.ts';

describe('confinePath', () => {
  it('brings every form of a path to one', () => {
    const forms = {
      './usr/bin/x': 'usr/bin/x',
      'usr//bin/./x/': 'usr/bin/x',
      'usr/bin/x': 'usr/bin/x',
      './': '',
      '.': '',
      '': '',
      '...': '...',
      'a/..b/.c': 'a/..b/.c',
      'ünï/\udc80': 'ünï/\udc80',
      'a\\..\\b': 'a\\..\\b',
    };
    for (const [from, to] of Object.entries(forms)) assert.equal(confinePath(from), to, JSON.stringify(from));
  });

  it('refuses what leaves the root or is no path', () => {
    const hostile = ['..', '../x', 'a/../b', 'a/..', './..', '/etc/passwd', '/', '//', 'a\0b', `${'x'.repeat(5000)}`];
    hostile.push('a/'.repeat(300), `${'é'.repeat(2100)}`);
    for (const path of hostile) {
      assert.throws(
        () => confinePath(path),
        (error) => isSlimimageError(error, 'PATH_UNSAFE'),
        path.slice(0, 20),
      );
    }
  });

  it('reads a leading slash as the root where layers are read', () => {
    assert.equal(confinePath('/etc/passwd', { absolute: 'strip' }), 'etc/passwd');
    assert.equal(confinePath('//', { absolute: 'strip' }), '');
    assert.throws(
      () => confinePath('/../x', { absolute: 'strip' }),
      (error) => isSlimimageError(error, 'PATH_UNSAFE'),
    );
  });

  it('answers with a plain path or refuses, whatever the text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('/', '.', '..', 'a', '\0', '\\', ' ', 'é'), { maxLength: 30 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (path) => {
        try {
          const confined = confinePath(path, { absolute: 'strip' });
          assert.equal(confinePath(confined), confined);
          assert.ok(
            confined === '' || confined.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
          );
        } catch (error) {
          assert.ok(isSlimimageError(error, 'PATH_UNSAFE'));
        }
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('paths of a tree', () => {
  it('are taken apart and put together', () => {
    assert.deepEqual([parentPath('a/b/c'), parentPath('a'), parentPath('')], ['a/b', '', '']);
    assert.deepEqual([baseName('a/b/c'), baseName('a'), baseName('')], ['c', 'a', '']);
    assert.deepEqual([joinPath('', 'a'), joinPath('a', 'b'), joinPath('a', '')], ['a', 'a/b', 'a']);
    assert.deepEqual([...ancestorPaths('a/b/c')], ['a', 'a/b']);
    assert.deepEqual(
      [isWithin('a/b', 'a'), isWithin('ab', 'a'), isWithin('a', 'a'), isWithin('x', '')],
      [true, false, true, true],
    );
  });
});
