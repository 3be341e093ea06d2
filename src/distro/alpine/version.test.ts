import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareApkVersions } from './version.ts';

/** Pairs whose order follows from apk-package(5). */
const pairs = `
2.34 > 0.1.0_alpha
0.1.0_alpha = 0.1.0_alpha
0.1.0_alpha < 0.1.0
0.1.0_alpha < 0.1.3_alpha
0.1.0_alpha2 > 0.1.0_alpha
1.0.4-r3 < 1.0.4-r4
1.0.4-r10 > 1.0.4-r9
1.0.4 < 1.0.4-r1
1.0.4_p1 > 1.0.4
1.0.4_p1 > 1.0.4_rc9
1.0.4_rc1 < 1.0.4
1.0_beta < 1.0_pre
1.0_pre < 1.0_rc
1.0_git20240101 > 1.0
1.0_git20240101 < 1.0_git20240102
1.0_p1_rc1 < 1.0_p1
3c > 3b
3b > 3
0.9.1 < 0.9.7c
1.2 < 1.2.1
1.9 < 1.10
1.05 < 1.1
1.0.5 < 1.1
12.2.5-r0 < 13.0.0
1.36.1-r29 < 1.37.0-r12
1.0~abc < 1.0~abd
20240101 > 20231231`;

test('versions have the order that apk gives them', () => {
  for (const line of pairs.trim().split('\n')) {
    const [a = '', sign = '', b = ''] = line.split(' ');
    const expected = { '<': -1, '=': 0, '>': 1 }[sign];
    assert.equal(Math.sign(compareApkVersions(a, b)), expected, line);
    assert.equal(Math.sign(compareApkVersions(b, a)), 0 - (expected ?? 0), line);
  }
});

test('any two strings have an order', () => {
  const text = fc.string({ unit: fc.constantFrom(...'0129a._-r~p'), maxLength: 8 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(Math.sign(compareApkVersions(a, b)), 0 - Math.sign(compareApkVersions(b, a)));
    }),
  );
});
