import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagsToSpec } from './load.ts';
import { parseConfig } from './parse.ts';
import { ConfigError } from './problem.ts';
import type { ImageSpec } from './spec.ts';
import { parseFrom } from './values/from.ts';

test('a preset, and the time of a snapshot in one form', () => {
  assert.deepEqual(parseFrom('debian/trixie'), { preset: 'debian/trixie', timestamp: undefined });
  for (const time of ['20260901T000000Z', '20260901', '2026-09-01', '2026-09-01T00:00:00Z']) {
    assert.equal(parse(`from: debian/trixie@${time}`).from, 'debian/trixie@20260901T000000Z', time);
  }
  assert.equal(parse('from: debian/13@20240229T235959Z').from, 'debian/13@20240229T235959Z');
  const { from } = flagsToSpec({ from: 'ubuntu/noble@2026-09-01' }, { cwd: '/src' });
  assert.equal(from, 'ubuntu/noble@20260901T000000Z');
});

test('what is no time, no preset, or has no snapshot archive', () => {
  for (const time of [
    '',
    'yesterday',
    '2026',
    '20260931',
    '2026-0901',
    '20260901T250000Z',
    '20260901T000000',
    '2025-02-29',
  ]) {
    const { message } = refusal(`from: debian/trixie@${time}`);
    assert.match(
      message,
      /^slimimage\.yaml:1:7: from: "[^"]*" is not the time of a snapshot: expected 20260901T000000Z/,
    );
  }
  assert.match(refusal('from: debian/trixie@2026-09-01 12:00').message, /expected DISTRIBUTION\/SUITE such as/);
  assert.match(refusal('from: debian/trixy@2026-09-01').message, /"debian\/trixy" is not a known[\s\S]*debian\/trixie/);
  assert.match(refusal('from: debian/trixie@2026-09-01\nsnapshot: none').message, /:1:7: from: the past state/);
});

test('the snapshot archive’s URL', () => {
  const snapshot = 'https://snapshot.example/{archive}/{timestamp}';
  assert.equal(parse(`from: debian/trixie\nsnapshot: "${snapshot}/"`).snapshot, snapshot);
  assert.equal(parse('from: debian/trixie\nsnapshot: none').snapshot, 'none');
  assert.equal(parse('from: debian/trixie').snapshot, undefined);
  assert.equal(flagsToSpec({ from: 'debian/trixie', snapshot }, { cwd: '/src' }).snapshot, snapshot);
  for (const [url, said] of [
    ['https://snapshot.example/debian', /expected a URL with \{timestamp\} in its path, or none/],
    ['ftp://snapshot.example/{timestamp}', /expected a URL with \{timestamp\}/],
    ['https://{archive}.example/{timestamp}', /expected a URL with \{timestamp\}/],
    [
      'https://snapshot.example/{suite}/{timestamp}',
      /\{suite\} means nothing here\n.*\n.*\n +known: \{archive\}, \{timestamp\}/,
    ],
    ['https://ann:s3cret@snapshot.example/{timestamp}', /a user or password can't be part/],
    ['https://snapshot.example/{timestamp}/?key=1', /without "\?" and "#"/],
  ] as const) {
    const { message } = refusal(`from: debian/trixie\nsnapshot: "${url}"`);
    assert.match(message, said);
    assert.doesNotMatch(message, /s3cret/);
  }
});

test('one mirror or several, in the order in which they are asked; a later file’s take the place of an archive’s', () => {
  const text =
    'from: debian/trixie\nmirrors: { debian: [https://a.example/debian/, http://b.example], ubuntu: https://u.example }';
  assert.deepEqual(parse(text).mirrors, {
    debian: ['https://a.example/debian', 'http://b.example'],
    ubuntu: ['https://u.example'],
  });
  const mirror = ['debian=https://a.example', 'debian-security=https://s.example', 'debian=https://b.example'];
  assert.deepEqual(flagsToSpec({ from: 'debian/trixie', mirror }, { cwd: '/src' }).mirrors, {
    debian: ['https://a.example', 'https://b.example'],
    'debian-security': ['https://s.example'],
  });
  assert.match(refusal('from: debian/trixie\nmirrors: { debian: [] }').message, /expected at least one URL/);
  assert.match(
    refusal('from: debian/trixie\nmirrors: { debian: [a] }').message,
    /mirrors\.debian\[0\]: expected a URL/,
  );
});

function parse(text: string): ImageSpec {
  return parseConfig(text, { file: '/src/slimimage.yaml', shownAs: 'slimimage.yaml' });
}

function refusal(text: string): ConfigError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  return assert.fail(`expected a refusal of ${text}`);
}
