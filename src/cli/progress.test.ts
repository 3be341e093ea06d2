// biome-ignore-all lint/suspicious/noControlCharactersInRegex: terminals speak in them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { SlimimageError } from '../errors.ts';
import type { OnEvent, SlimimageEvent } from '../events.ts';
import type { Api } from './io.ts';
import { digest, type RunOptions, runCaptured, sampleResult } from './testing.ts';

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
  assert.match(stderr, /^download: 2 files, 4\.0 MB, 1 of them there already, in 0\.\d s\nlinux\/amd64 /);
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

test('warnings and long waits reach everyone but who wants quiet', async () => {
  const told: readonly SlimimageEvent[] = [
    { type: 'warning', message: 'the list is damaged', hint: 'make it anew' },
    { type: 'retry', message: 'registry: 429; trying again in 120 s', delayMs: 120_000 },
    { type: 'retry', message: 'registry: 502; trying again in 0.5 s', delayMs: 500 },
  ];
  const { status: _, ...copied } = await copy([], told);
  const notices = 'warning: the list is damaged\n  make it anew\nregistry: 429; trying again in 120 s\n';
  assert.equal(copied.stderr, `${notices}1 document sent (10 B)\n`);
  assert.equal((await copy(['--no-progress'], told)).stderr, copied.stderr);
  assert.equal((await copy(['--quiet'], told)).stderr, '');
  assert.match((await copy(['--verbose'], told)).stderr, /120 s\nregistry: 502; trying again in 0\.5 s\n1 document/);
  const bars = await copy([], told, { isTTY: true, env: { NO_COLOR: '1' } });
  assert.equal(screen(bars.stderr), `${notices}1 document sent (10 B)\n`);
});

test('a build tells of a warning once: in its summary, or before the error that ended it', async () => {
  const warning: SlimimageEvent = { type: 'warning', message: '3 files have no owner' };
  for (const isTTY of [false, true]) {
    const { stderr } = await build([], { isTTY, env: { NO_COLOR: '1' } }, [warning]);
    assert.equal(stderr.split('warning: 3 files have no owner').length, 2, stderr);
    const failed = await build([], { isTTY, env: { NO_COLOR: '1' } }, [warning], 'the disk is full');
    assert.equal(screen(failed.stderr), 'warning: 3 files have no owner\nerror: the disk is full\n');
  }
  assert.equal((await build(['-q'], {}, [warning], 'the disk is full')).stderr, 'error: the disk is full\n');
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

/** Builds with an API that tells the events slowly enough to be drawn, and fails if it is said why. */
function build(argv: readonly string[], options: RunOptions, told = events, problem?: string) {
  const buildImage = async (_: unknown, { onEvent }: { onEvent?: OnEvent | undefined } = {}) => {
    for (const event of told) {
      onEvent?.(event);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    if (problem !== undefined) throw new SlimimageError({ code: 'IO', message: problem });
    return sampleResult();
  };
  return runCaptured(['build', '--file', './a:/a', ...argv], { ...options, api: { buildImage } });
}

/** Copies with an API that tells the events. */
function copy(argv: readonly string[], told: readonly SlimimageEvent[], options: RunOptions = {}) {
  const copyImage: Api['copyImage'] = async (_source, reference, { onEvent } = {}) => {
    for (const event of told) onEvent?.(event);
    const blobs = { sent: 1, layers: 0, skipped: 0, mounted: 0 };
    return { reference, digest, mediaType: '', platforms: [], blobs, bytes: 10, referrers: 0, note: undefined };
  };
  return runCaptured(['copy', 'store:a', 'store:b', ...argv], { ...options, api: { copyImage } });
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
