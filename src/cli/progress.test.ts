// biome-ignore-all lint/suspicious/noControlCharactersInRegex: terminals speak in them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { OnEvent, SlimimageEvent } from '../events.ts';
import { type RunOptions, runCaptured, sampleResult } from './testing.ts';

const events: readonly SlimimageEvent[] = [
  { type: 'phase', phase: 'download', state: 'start' },
  { type: 'task', id: 'a', phase: 'download', label: 'libc6', total: 3_000_000 },
  {
    type: 'task',
    id: 'b',
    phase: 'download',
    label: `nginx \u001b]0;evil\u0007 ${'long '.repeat(60)}`,
    total: 1_000_000,
  },
  { type: 'advance', id: 'a', done: 1_500_000 },
  { type: 'done', id: 'b', outcome: 'cached' },
  { type: 'info', message: 'mirror: trying again' },
  { type: 'advance', id: 'a', done: 2_900_000 },
  { type: 'done', id: 'a', outcome: 'ok' },
  { type: 'phase', phase: 'download', state: 'end' },
];

test('a log gets a line for each phase', async () => {
  const { stderr } = await build([], {});
  assert.match(stderr, /^download: 2, 4\.0 MB, 1 of them there already, in 0\.\d s\nlinux\/amd64 /);
  assert.doesNotMatch(stderr, /\u001b/);
});

test('--no-progress and --quiet', async () => {
  assert.match((await build(['--no-progress'], {})).stderr, /^linux\/amd64 /);
  assert.equal((await build(['--quiet'], {})).stderr, '');
  assert.equal((await build(['--quiet'], { isTTY: true })).stderr, '');
});

test('--verbose tells what happens on the way', async () => {
  assert.match((await build(['--verbose'], {})).stderr, /^mirror: trying again\ndownload: /);
});

test('a terminal gets bars that no line of overflows, and that are gone in the end', async () => {
  const { stderr } = await build([], { isTTY: true, columns: 60 });
  assert.match(stderr, /░/);
  assert.match(stderr, /1\/2 {2}\S+ MB of 4\.0 MB|0\/2 {2}/);
  assert.ok(!stderr.includes('\u001b]0;evil'));
  const [drawn = '', summary = ''] = stderr.split('\u001b[1mlinux/amd64');
  for (const line of drawn.split('\n')) assert.ok(stripVTControlCharacters(line).length < 60, JSON.stringify(line));
  assert.equal(screen(drawn), '');
  assert.match(summary, /2 packages/);
});

test('a terminal in CI, or a dumb one, is a log', async () => {
  for (const env of [{ CI: 'true' }, { TERM: 'dumb' }]) {
    const { stderr } = await build([], { isTTY: true, env: { ...env, NO_COLOR: '1' } });
    assert.match(stderr, /^download: 2/);
  }
});

test('NO_COLOR leaves bars, without colours', async () => {
  const { stderr } = await build([], { isTTY: true, columns: 100, env: { NO_COLOR: '1' } });
  assert.match(stderr, /░/);
  assert.doesNotMatch(stderr, /\u001b\[\d+m/);
});

/** Builds with an API that tells the events slowly enough to be drawn. */
function build(argv: readonly string[], options: RunOptions) {
  const buildImage = async (_: unknown, { onEvent }: { onEvent?: OnEvent | undefined } = {}) => {
    for (const event of events) {
      onEvent?.(event);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return sampleResult();
  };
  return runCaptured(['build', '--file', './a:/a', ...argv], { ...options, api: { buildImage } });
}

/** What a terminal shows after all that: lines, cursor up, clear to the end. */
function screen(output: string): string {
  const lines: string[] = [''];
  let row = 0;
  for (const [part] of output.matchAll(/\u001b\[(\d+)A|\u001b\[0J|\u001b\[\d+m|\r|\n|[^\u001b\r\n]+/g)) {
    const up = /^\u001b\[(\d+)A$/.exec(part)?.[1];
    if (up !== undefined) row -= Number(up);
    else if (part === '\u001b[0J') lines.splice(row, lines.length, '');
    else if (part === '\n') lines[++row] ??= '';
    else if (!/^[\u001b\r]/.test(part)) lines[row] = part;
  }
  return lines.join('\n');
}
