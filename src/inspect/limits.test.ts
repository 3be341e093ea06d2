import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import { parseLimit } from './limits.ts';

test('sizes, numbers and shares', () => {
  const read = (text: string) => {
    const { name, operator, value } = parseLimit(text);
    return `${name} ${operator} ${value}`;
  };
  assert.equal(read('waste>10MB'), 'waste > 10000000');
  assert.equal(read(' size >= 1.5GiB '), 'size >= 1610612736');
  assert.equal(read('unowned>500'), 'unowned > 500');
  assert.equal(read('layers>10'), 'layers > 10');
  assert.equal(read('efficiency<95%'), 'efficiency < 0.95');
  assert.equal(read('lowestEfficiency=0.95'), 'lowestEfficiency < 0.95');
  assert.equal(read('highestWastedBytes=20MB'), 'highestWastedBytes > 20000000');
});

test('what is wrong is refused with what there is', () => {
  const refusal = (text: string) => {
    try {
      parseLimit(text);
    } catch (error) {
      if (isSlimimageError(error, 'USAGE')) return `${error.message} ${error.hint}`;
    }
    return assert.fail(text);
  };
  assert.match(refusal('wast>10MB'), /there is no figure wast; waste\? There are size, .*highestUserWastedPercent\.$/);
  assert.match(refusal('waste'), /write it as NAME>VALUE/);
  assert.match(refusal('waste=10MB'), /waste needs > or </);
  assert.match(refusal('lowestEfficiency>0.9'), /write lowestEfficiency=0.9/);
  assert.match(refusal('waste>lots'), /expected a size such as 10MB/);
  assert.match(refusal('waste>10%'), /such as 10MB or 1.5GiB; waste-share is the limit for a share/);
  for (const odd of ['waste>-1', 'waste>>1MB', 'waste>10MBB', 'waste>10iB', 'waste>1e9', 'waste>', '>1', ''])
    assert.match(refusal(odd), /expected a size|write it as NAME>VALUE/, odd);
  assert.match(refusal('layers>2MB'), /expected a whole number/);
  assert.match(refusal('efficiency<95'), /expected a share/);
  assert.match(refusal('constructor>1'), /there is no figure/);
});

test('no text makes it throw anything else', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z-]{1,9}[<>=]{1,2}[0-9.]{1,9}[KMGiB%]{0,3}$/)), (text) => {
      try {
        assert.ok(Number.isFinite(parseLimit(text).value));
      } catch (error) {
        if (!isSlimimageError(error, 'USAGE')) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
