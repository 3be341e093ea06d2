import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { schemaText } from '../build/answer-schemas.ts';
import type { Claim, ImageVerification, verifyImage } from '../index.ts';
import { verifySchema } from '../look/verify/schema.ts';
import { digest, runCaptured } from './testing.ts';

const proven: Claim = {
  id: 'blobs',
  status: 'proven',
  claim: 'every blob has its digest',
  by: 'sha256',
  counts: { proven: 3, failed: 0, unproven: 0 },
  details: [{ status: 'note', about: 'times', message: 'told beside it' }],
};

const failed: Claim = {
  id: 'packaged-files',
  status: 'failed',
  platform: 'linux/amd64',
  claim: 'files are as packaged',
  by: 'MD5',
  reason: 'it is not there',
  counts: { proven: 1, failed: 7, unproven: 0 },
  details: Array.from({ length: 7 }, (_, at) => ({
    status: 'failed',
    about: `/\u001b[31m${at}`,
    message: 'it is not there',
  })),
};

const unsigned: Claim = {
  id: 'image-signature',
  status: 'unproven',
  claim: 'it is signed',
  by: 'signatures',
  reason: 'it has no signature',
  counts: { proven: 0, failed: 0, unproven: 0 },
  details: [],
};

async function verify(argv: readonly string[], answer: Partial<ImageVerification> = {}) {
  let given: Parameters<typeof verifyImage>[1];
  const report = { image: 'store:web', digest, verified: true, against: [], claims: [proven, unsigned], ...answer };
  const outcome = await runCaptured(['verify', 'store:web', ...argv], {
    api: {
      verifyImage: async (_, options) => {
        given = options;
        return report;
      },
    },
  });
  return { ...outcome, given };
}

test('verify tells what is proven and what is not', async () => {
  const { status, stdout } = await verify([]);
  assert.equal(status, 0);
  assert.deepEqual(stdout.split('\n'), [
    `store:web (${digest})`,
    'proven   every blob has its digest: 3',
    '         - times: told beside it',
    'unproven it is signed',
    '           it has no signature',
    'whole, origin unproven: 2 claims, 1 proven, 0 failed, 1 unproven',
    'Nothing outside of the image vouches for the contents of all of its files: --key proves who made it, --lock what it was made of.',
    '',
  ]);
});

test('verify calls an image verified by what is not its own alone', async () => {
  const { stdout } = await verify([], { against: ['lock', 'key'] });
  assert.match(stdout, /\nverified by the lock and the key: 2 claims, 1 proven, 0 failed, 1 unproven\n$/);
});

test('what has no digests is not called whole', async () => {
  const { stdout } = await verify([], { claims: [unsigned] });
  assert.match(stdout, /\nnothing proven, nothing failed, origin unproven: 1 claim, 0 proven/);
  const { stdout: some } = await verify([], { claims: [{ ...proven, id: 'packaged-files' }] });
  assert.match(some, /\nnothing failed, origin unproven: 1 claim, 1 proven/);
});

test('what archives vouch for is said', async () => {
  const { stdout } = await verify([], { claims: [{ ...proven, id: 'provenance-files' }] });
  assert.match(
    stdout,
    /\nThe archive's keys vouch for the contents of packaged files, and nothing outside of the image/,
  );
});

test('of several notes the first is told', async () => {
  const [note] = proven.details;
  assert.ok(note !== undefined);
  const { stdout } = await verify([], { claims: [{ ...proven, details: [note, note, note] }] });
  assert.match(stdout, / - times: told beside it\n {11}and 2 more notes \(--verbose lists them\)\n/);
});

test('what failed comes with the first details, without control characters, and status 1', async () => {
  const { status, stdout } = await verify([], { verified: false, claims: [failed] });
  assert.equal(status, 1);
  const lines = stdout.split('\n');
  assert.equal(lines[1], 'FAILED   files are as packaged: 1 of 8');
  assert.equal(lines.filter((line) => line.includes('! /')).length, 5);
  assert.match(stdout, /and 2 more \(--verbose lists them\)\nNOT verified: 1 claim, 0 proven, 1 failed/);
  assert.ok(!stdout.includes('\u001b'));
});

test('--verbose has evidence and notes', async () => {
  const { stdout } = await verify(['--verbose']);
  assert.match(stdout, / {9}- times: told beside it\n {11}by sha256/);
});

test('flags reach the API', async () => {
  const { given } = await verify([
    '--lock',
    'a.lock.json',
    '--file',
    'a.yaml',
    '--key',
    'a.pub',
    '--key',
    'b.pub',
    '--platform',
    'linux/arm64',
    '--offline',
  ]);
  assert.ok(given !== undefined);
  const { lock, config, keys, platform, offline } = given;
  assert.deepEqual(
    [lock, config, keys, platform, offline],
    ['a.lock.json', 'a.yaml', ['a.pub', 'b.pub'], 'linux/arm64', true],
  );
});

test('the answer has the published form', async () => {
  const validate = new Ajv({ strict: true }).compile(verifySchema);
  const { stdout } = await verify(['--format', 'json'], { verified: false, claims: [proven, failed, unsigned] });
  assert.ok(validate(JSON.parse(stdout)), JSON.stringify(validate.errors));
  const published = await readFile(new URL('../../schema/verify.schema.json', import.meta.url), 'utf8');
  assert.equal(published, schemaText(verifySchema));
});
