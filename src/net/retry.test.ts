import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contentLength, parseContentRange, strongValidator } from './content-range.ts';
import { backoffMs, retryAfterMs, retryEvent } from './retry.ts';

test('waits double up to a bound', () => {
  const policy = { attempts: 9, baseMs: 500, maxDelayMs: 15_000, maxRetryAfterMs: 0 };
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 99].map((n) => backoffMs(policy, n)),
    [500, 1000, 2000, 4000, 8000, 15000, 15000, 15000],
  );
});

test('a wait is told in seconds', () => {
  const messages = [500, 2000, 120_000].map((delayMs) => {
    const event = retryEvent({ reason: 'mirror.example: 503', delayMs });
    return event.type === 'retry' ? event.message.replace('mirror.example: 503; trying again in ', '') : '';
  });
  assert.deepEqual(messages, ['0.5 s', '2 s', '120 s']);
});

test('Retry-After', () => {
  const now = Date.UTC(2026, 10, 21, 12, 0, 0);
  assert.equal(retryAfterMs('120', now), 120_000);
  assert.equal(retryAfterMs(' 0 ', now), 0);
  assert.equal(retryAfterMs('Sat, 21 Nov 2026 12:01:00 GMT', now), 60_000);
  assert.equal(retryAfterMs('Sat, 21 Nov 2026 11:00:00 GMT', now), 0);
  for (const value of [undefined, '', '-1', '1.5', 'soon', '2027-01-01', 'Sat, 99 Nov 2026 12:01:00 GMT']) {
    assert.equal(retryAfterMs(value, now), undefined, value);
  }
});

test('Content-Range', () => {
  assert.deepEqual(parseContentRange('bytes 5-9/10'), { first: 5, last: 9, total: 10 });
  assert.deepEqual(parseContentRange('Bytes 0-0/*'), { first: 0, last: 0, total: undefined });
  for (const value of [
    undefined,
    '',
    'bytes */10',
    'bytes 9-5/10',
    'bytes 5-10/10',
    'bytes 5-9',
    'items 5-9/10',
    'bytes -5-9/10',
  ]) {
    assert.equal(parseContentRange(value), undefined, value);
  }
});

test('a strong validator is a strong ETag, or an old enough Last-Modified', () => {
  const date = 'Sat, 21 Nov 2026 12:00:00 GMT';
  assert.equal(strongValidator({ etag: '"a"', 'last-modified': date }), '"a"');
  assert.equal(
    strongValidator({ etag: 'W/"a"', 'last-modified': date, date: 'Sat, 21 Nov 2026 13:00:00 GMT' }),
    undefined,
  );
  assert.equal(strongValidator({ 'last-modified': date, date: 'Sat, 21 Nov 2026 12:00:01 GMT' }), date);
  assert.equal(strongValidator({ 'last-modified': date, date }), undefined);
  assert.equal(strongValidator({ 'last-modified': date }), undefined);
  assert.equal(strongValidator({}), undefined);
});

test('no header at all makes a number that is none', () => {
  const value = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.tuple(fc.nat(), fc.nat(), fc.nat()).map(([a, b, c]) => `bytes ${a}-${b}/${c}`),
    fc.stringMatching(/^bytes [0-9*-]{0,20}\/[0-9*]{0,20}$/),
  );
  fc.assert(
    fc.property(value, (text) => {
      const range = parseContentRange(text);
      if (range !== undefined)
        assert.ok(range.first <= range.last && (range.total === undefined || range.last < range.total));
      const length = contentLength({ 'content-length': text });
      assert.ok(length === undefined || Number.isSafeInteger(length));
      const wait = retryAfterMs(text, 0);
      assert.ok(wait === undefined || (Number.isSafeInteger(wait) && wait >= 0));
    }),
    { numRuns: 10_000 },
  );
});
