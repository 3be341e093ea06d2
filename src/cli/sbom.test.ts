import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadPaper } from '../index.ts';
import type { Api } from './io.ts';
import { digest, runCaptured } from './testing.ts';

const text = '\ufeff{"name":"wéb"}\n';
const paper: ReadPaper = {
  kind: 'spdx',
  mediaType: 'application/spdx+json',
  platform: 'linux/amd64',
  subject: digest,
  digest,
  bytes: new TextEncoder().encode(text),
};

interface Call {
  readonly image: string;
  readonly options: NonNullable<Parameters<Api['readPaper']>[1]>;
}

function reading(calls: Call[] = []) {
  const readPaper: Api['readPaper'] = async (image, options = {}) => {
    calls.push({ image, options });
    return paper;
  };
  return { api: { readPaper } };
}

test('stdout is the document and nothing else', async () => {
  const { status, stdout, stderr } = await runCaptured(['sbom', 'store:web'], reading());
  assert.deepEqual([status, stdout, stderr], [0, text, '']);
});

test('with a file for it, stdout stays empty', async () => {
  const calls: Call[] = [];
  const argv = 'sbom docker://registry.example/web --provenance --platform linux/arm64 -o web.json --ca-file ca.pem';
  const { stdout } = await runCaptured(argv.split(' '), reading(calls));
  assert.equal(stdout, '');
  const [{ image, options } = assert.fail()] = calls;
  const { kind, platform, output, caFile } = options;
  assert.deepEqual(
    { image, kind, platform, output, caFile },
    {
      image: 'docker://registry.example/web',
      kind: 'provenance',
      platform: 'linux/arm64',
      output: 'web.json',
      caFile: 'ca.pem',
    },
  );
});

test('formats are those of SBOMs', async () => {
  const calls: Call[] = [];
  for (const format of ['spdx', 'spdx-3', 'cyclonedx'])
    await runCaptured(['sbom', 'store:web', '--format', format], reading(calls));
  assert.deepEqual(
    calls.map(({ options }) => options.kind),
    ['spdx', 'spdx-3', 'cyclonedx'],
  );
  assert.equal((await runCaptured(['sbom', 'store:web', '--format', 'json'], reading())).status, 2);
});
