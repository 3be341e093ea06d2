import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SlimimageError } from '../errors.ts';
import type { BuildInput, BuildOptions } from '../index.ts';
import * as publicApi from '../index.ts';
import { wordsOf } from './completion/words.ts';
import { makeProgram } from './program.ts';
import { runCaptured, sampleResult } from './testing.ts';

/** What a build is told, with these variables and this command line. */
async function told(env: Readonly<Record<string, string>>, flags: readonly string[] = []) {
  const calls: BuildOptions[] = [];
  const buildImage = async (_: BuildInput, options: BuildOptions = {}) => {
    calls.push(options);
    return sampleResult();
  };
  const outcome = await runCaptured(['build', '--file', './a:/a', ...flags], { api: { buildImage }, env });
  return { ...outcome, options: calls[0] };
}

test('each variable stands for its flag', async () => {
  const { options, stdout, stderr } = await told({
    SLIMIMAGE_FORMAT: 'json',
    SLIMIMAGE_QUIET: '1',
    SLIMIMAGE_OFFLINE: 'true',
    SLIMIMAGE_JOBS: '3',
    SLIMIMAGE_NO_PROGRESS: 'TRUE',
    SLIMIMAGE_INSECURE_REGISTRY: 'one.example:5000, two.example',
    SLIMIMAGE_CA_FILE: '/ca.pem',
  });
  assert.equal(JSON.parse(stdout).reference, 'store:web');
  assert.equal(stderr, '');
  const { offline, jobs, insecureRegistries, caFile } = options ?? {};
  assert.deepEqual(
    { offline, jobs, insecureRegistries, caFile },
    { offline: true, jobs: 3, insecureRegistries: ['one.example:5000', 'two.example'], caFile: '/ca.pem' },
  );
});

test('a flag beats its variable', async () => {
  const env = { SLIMIMAGE_FORMAT: 'json', SLIMIMAGE_JOBS: '3', SLIMIMAGE_INSECURE_REGISTRY: 'one.example' };
  const { options, stdout } = await told(env, [
    ...['--format', 'text', '--jobs', '2', '--insecure-registry', 'two.example'],
  ]);
  assert.match(stdout, /^store:web@/);
  assert.deepEqual([options?.jobs, options?.insecureRegistries], [2, ['two.example']]);
});

test('0, false and nothing at all leave a switch off', async () => {
  for (const value of ['0', 'false', '']) {
    const { options, stderr } = await told({ SLIMIMAGE_OFFLINE: value, SLIMIMAGE_QUIET: value });
    assert.notEqual(options?.offline, true);
    assert.match(stderr, /^linux\/amd64 /);
  }
});

test('what a flag would not take is a mistake that names the variable', async () => {
  const wrong: Readonly<Record<string, RegExp>> = {
    SLIMIMAGE_QUIET: /SLIMIMAGE_QUIET is "maybe": expected 1 or true, 0 or false/,
    SLIMIMAGE_JOBS: /SLIMIMAGE_JOBS is "maybe": expected a whole number from 1 on/,
    SLIMIMAGE_FORMAT: /SLIMIMAGE_FORMAT is "maybe": expected text, json/,
  };
  for (const [name, message] of Object.entries(wrong)) {
    const { status, stderr, stdout } = await told({ [name]: 'maybe' });
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, message);
  }
});

test('a form that a command does not have is not meant for it', async () => {
  const resolvePackages = async () => {
    throw new SlimimageError({ code: 'IO', message: 'it was called' });
  };
  const argv = ['resolve', '--from', 'debian/trixie', 'nginx'];
  const { stderr } = await runCaptured(argv, { api: { resolvePackages }, env: { SLIMIMAGE_FORMAT: 'text' } });
  assert.match(stderr, /it was called/);
});

test('errors take the form of the variable, unless the command line has another', async () => {
  const env = { SLIMIMAGE_FORMAT: 'json' };
  const asJson = await runCaptured(['build'], { env });
  assert.equal(JSON.parse(asJson.stdout).error.code, 'CONFIG_NOT_FOUND');
  const asText = await runCaptured(['build', '--format=text'], { env });
  assert.equal(asText.stdout, '');
});

test('every flag that many commands have, and that is no key of the configuration, has a variable', () => {
  const nothing = { write: () => undefined };
  const io = { stdout: nothing, stderr: nothing, env: {}, cwd: '/', signal: new AbortController().signal };
  // Of one name, and of another meaning in each command or for each image.
  const own = ['--help', '--output', '--all', '--layer'];
  const keys = new Set([...own, ...publicApi.configFlags.map(({ name }) => `--${name}`)]);
  const flags = wordsOf(makeProgram(io, publicApi)).flatMap((command) => command.flags);
  const shared = flags.filter(({ long }) => !keys.has(long) && flags.filter((flag) => flag.long === long).length > 3);
  assert.ok(shared.length > 40);
  const lacking = shared.filter(({ description }) => !description.includes('SLIMIMAGE_')).map(({ long }) => long);
  assert.deepEqual([...new Set(lacking)], []);
});

test('the help names the variables', async () => {
  const { stdout } = await runCaptured(['build', '--help']);
  for (const name of ['FORMAT', 'QUIET', 'VERBOSE', 'OFFLINE', 'JOBS', 'NO_PROGRESS', 'CA_FILE', 'STORE'])
    assert.match(stdout.replace(/\s+/g, ' '), new RegExp(`SLIMIMAGE_${name}`));
});
