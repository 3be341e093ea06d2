import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SignOptions, SignReport } from '../index.ts';
import { digest, runCaptured } from './testing.ts';

const other = `sha256:${'cd'.repeat(32)}` as const;
const report: SignReport = {
  digest,
  key: { scheme: 'ed25519', hint: 'aGludA==', publicKey: '-----BEGIN PUBLIC KEY-----\n' },
  signatures: [
    {
      subject: digest,
      platform: undefined,
      predicateType: 'https://sigstore.dev/cosign/sign/v1',
      referrer: other,
      outcome: 'present',
    },
    {
      subject: other,
      platform: 'linux/amd64',
      predicateType: 'https://spdx.dev/Document',
      referrer: digest,
      outcome: 'signed',
    },
  ],
};

type Given = Omit<SignOptions, 'env' | 'cwd'>;

test('what is signed now, and what was signed before', async () => {
  const asked: [string, Given][] = [];
  const api = {
    signImage: async (image: string, options: Given) => {
      asked.push([image, options]);
      return report;
    },
  };
  const flags = ['--key', 'k.pem', '--no-papers', '--insecure-registry', 'h:5000', '--ca-file', 'ca.pem'];
  const { status, stdout } = await runCaptured(['sign', 'docker://h:5000/web', ...flags], { api });
  assert.equal(status, 0);
  assert.equal(
    stdout,
    `was signed  image                         ${digest}\nsigned      SBOM (SPDX 2.3)  linux/amd64  ${other}\n`,
  );
  const [[image, options] = []] = asked;
  const { key, papers, insecureRegistries, caFile } = options ?? {};
  assert.deepEqual(
    { image, key, papers, insecureRegistries, caFile },
    { image: 'docker://h:5000/web', key: 'k.pem', papers: false, insecureRegistries: ['h:5000'], caFile: 'ca.pem' },
  );
  const json = await runCaptured(['sign', 'store:web', '--key', 'k.pem', '--format', 'json'], { api });
  assert.deepEqual(JSON.parse(json.stdout), JSON.parse(JSON.stringify(report)));
});

test('a key has to be named, and the place has to keep signatures', async () => {
  const noKey = await runCaptured(['sign', 'store:web']);
  assert.equal(noKey.status, 2);
  assert.match(noKey.stderr, /--key/);
  const archive = await runCaptured(['sign', 'docker-archive:web.tar', '--key', 'k.pem']);
  assert.equal(archive.status, 2);
  assert.match(archive.stderr, /docker-archive:web\.tar keeps no signatures/);
});
