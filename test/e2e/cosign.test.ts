/** Signatures and attestations of slimimage, read by Debian's cosign from Debian's docker-registry. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Claim } from '../../src/index.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import { type Cosign, fetchCosign } from '../support/cosign.ts';
import { startMisbehavingRegistry } from '../support/misbehaving-registry.ts';
import { lackingRegistry, startRegistry, type TestRegistry } from '../support/registry.ts';

const [newest, older] = [await fetchCosign('sid'), await fetchCosign('trixie')];
const skip = lackingRegistry || (typeof newest === 'string' ? newest : false);
const password = 'of the tests';
const sbomTypes = ['spdxjson', 'cyclonedx'];

describe('cosign', { skip }, () => {
  let registry: TestRegistry;
  let user: TestUser;
  const cosign = newest as Cosign;

  before(async () => {
    registry = await startRegistry(undefined);
    user = await startUser();
    await user.write('app/main', '#!/bin/true\n');
    for (const name of ['ours', 'theirs']) {
      const { status, stderr } = await cosign.run(['generate-key-pair', '--output-key-prefix', name], running());
      assert.equal(status, 0, stderr);
    }
  });
  after(async () => {
    await registry.close();
    await user[Symbol.asyncDispose]();
  });

  const running = () => ({ home: user.folder, password });
  const signing = { env: { COSIGN_PASSWORD: password } };

  /** Builds an image of two platforms with all papers and pushes it; returns `HOST/REPO:1`. */
  async function push(name: string, flags: readonly string[] = [], host = registry.host): Promise<string> {
    const image = `${host}/${name}:1`;
    const config = {
      base: 'none',
      files: [{ source: './app', path: '/app' }],
      platforms: ['linux/amd64', 'linux/arm64'],
      labels: { name },
    };
    await user.write('slimimage.yaml', JSON.stringify(config));
    const papers = ['--sbom', 'spdx', '--sbom', 'cyclonedx'];
    await user.succeed(['build', '-t', image, '--push', ...papers, ...flags], signing);
    return image;
  }

  const sign = (image: string, key: string, flags: readonly string[] = []) =>
    user.succeed(['sign', `docker://${image}`, '--key', key, '--format', 'json', ...flags], signing);

  /** 0 where cosign is content; no key is asked of a log and no trust root fetched. */
  async function verify(image: string, key: string, how: readonly string[] = ['verify']): Promise<number> {
    const flags = ['--key', key, '--allow-http-registry', '--insecure-ignore-tlog'];
    return (await cosign.run([...how, ...flags, image], running())).status;
  }
  const attestation = (type: string) => ['verify-attestation', '--type', type];

  async function platformOf(image: string): Promise<string> {
    const { manifests } = await manifestOf(image);
    return `${image.replace(/:1$/, '')}@${manifests?.[0]?.digest}`;
  }

  async function manifestOf(image: string, reference = '1'): Promise<ManifestJson> {
    const [, host, repository] = /^([^/]+)\/(.+):1$/.exec(image) ?? [];
    const accept = ['index', 'manifest'].map((kind) => `application/vnd.oci.image.${kind}.v1+json`).join(', ');
    const answer = await fetch(`http://${host}/v2/${repository}/manifests/${reference}`, { headers: { accept } });
    assert.equal(answer.status, 200);
    return { ...((await answer.json()) as ManifestJson), digest: answer.headers.get('docker-content-digest') ?? '' };
  }

  async function referrersOf(image: string): Promise<number> {
    const { digest } = await manifestOf(image);
    return (await manifestOf(image, digest.replace(':', '-'))).manifests?.length ?? 0;
  }

  test('an image that is signed in its registry, and each of its platforms: the right key alone', async () => {
    const image = await push('signed');
    assert.notEqual(await verify(image, 'ours.pub'), 0, 'not signed yet');
    await sign(image, 'ours.key');
    for (const reference of [image, await platformOf(image)]) {
      assert.equal(await verify(reference, 'ours.pub'), 0);
      assert.notEqual(await verify(reference, 'theirs.pub'), 0);
    }
  });

  test('its provenance and SBOMs as attestations: the right key alone', async () => {
    const image = await push('attested', ['--sign', 'ours.key']);
    const platform = await platformOf(image);
    for (const [reference, type] of [
      [image, 'slsaprovenance1'],
      [platform, 'slsaprovenance1'],
      ...sbomTypes.map((type) => [platform, type] as const),
    ] as const) {
      assert.equal(await verify(reference, 'ours.pub', attestation(type)), 0, type);
      assert.notEqual(await verify(reference, 'theirs.pub', attestation(type)), 0, type);
    }
  });

  test('a registry that lists referrers itself', async () => {
    await using listing = await startMisbehavingRegistry();
    const image = await push('listed', ['--sign', 'ours.key'], listing.host);
    for (const reference of [image, await platformOf(image)]) {
      assert.equal(await verify(reference, 'ours.pub'), 0);
      assert.notEqual(await verify(reference, 'theirs.pub'), 0);
      assert.equal(await verify(reference, 'ours.pub', attestation('slsaprovenance1')), 0);
    }
    assert.ok(listing.requests.some(({ path }) => path.includes('/referrers/')));
  });

  test('what is said in an attestation is the paper', async () => {
    const image = await push('papers', ['--sign', 'ours.key']);
    const flags = ['--key', 'ours.pub', '--allow-http-registry', '--insecure-ignore-tlog'];
    const { stdout } = await cosign.run([...attestation('slsaprovenance1'), ...flags, image], running());
    const { payload } = JSON.parse(stdout.trim().split('\n')[0] ?? '') as { payload: string };
    const { stdout: paper } = await user.succeed([
      'sbom',
      `docker://${image}`,
      '--provenance',
      '--platform',
      'linux/amd64',
    ]);
    assert.equal(Buffer.from(payload, 'base64').toString(), paper);
  });

  test('signatures go along with a copy', async () => {
    const image = await push('first');
    await user.succeed(['sign', `store:${image}`, '--key', 'ours.key'], signing);
    const copied = `${registry.host}/copied:1`;
    await user.succeed(['copy', `store:${image}`, `docker://${copied}`]);
    for (const reference of [copied, await platformOf(copied)]) assert.equal(await verify(reference, 'ours.pub'), 0);
    await user.succeed(['copy', `docker://${copied}`, 'oci:layout:1']);
    await user.succeed(['sign', 'oci:layout:1', '--key', 'theirs.key'], signing);
    await user.succeed(['copy', 'oci:layout:1', `docker://${copied}`]);
    assert.equal(await verify(copied, 'theirs.pub'), 0);
  });

  test('another image under the same tag is not vouched for, nor is one to which the signature of another was attached', async () => {
    const image = await push('changed');
    await sign(image, 'ours.key', ['--no-papers']);
    const { digest } = await manifestOf(image);
    const signatures = await manifestOf(image, digest.replace(':', '-'));
    await user.write('app/main', '#!/bin/false\n');
    await push('changed');
    assert.notEqual(await verify(image, 'ours.pub'), 0);

    const changed = await manifestOf(image);
    for (const one of signatures.manifests ?? []) {
      const { digest: _, ...manifest } = await manifestOf(image, one.digest);
      const subject = { ...manifest.subject, digest: changed.digest };
      await put(image, JSON.stringify({ ...manifest, subject }), changed.digest);
    }
    assert.ok((await referrersOf(image)) > 0);
    assert.notEqual(await verify(image, 'ours.pub'), 0);
  });

  /** A manifest as the only referrer of a document, under the fallback tag. */
  async function put(image: string, manifest: string, subject: string): Promise<void> {
    const base = `${registry.origin}/v2/${image.replace(`${registry.host}/`, '').replace(/:1$/, '')}/manifests`;
    const send = async (reference: string, type: string, body: string) => {
      const headers = { 'content-type': type };
      const answer = await fetch(`${base}/${reference}`, { method: 'PUT', headers, body });
      assert.equal(answer.status, 201, await answer.text());
      return answer.headers.get('docker-content-digest');
    };
    const type = 'application/vnd.oci.image.manifest.v1+json';
    const digest = await send('moved', type, manifest);
    const entry = { mediaType: type, digest, size: Buffer.byteLength(manifest) };
    const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [entry] };
    await send(subject.replace(':', '-'), index.mediaType, JSON.stringify(index));
  }

  test("cosign's own signature and ours stay beside each other; the same key does not sign twice", async () => {
    const image = await push('both');
    const { digest } = await manifestOf(image);
    const flags = ['--allow-http-registry', '--use-signing-config=false', '--tlog-upload=false', '--yes'];
    const named = `${image.replace(/:1$/, '')}@${digest}`;
    const theirs = await cosign.run(['sign', '--key', 'theirs.key', ...flags, named], running());
    assert.equal(theirs.status, 0, theirs.stderr);
    await sign(image, 'ours.key');
    const before = await referrersOf(image);
    assert.equal(await verify(image, 'ours.pub'), 0);
    assert.equal(await verify(image, 'theirs.pub'), 0);
    const { signatures } = JSON.parse((await sign(image, 'ours.key')).stdout);
    assert.ok(signatures.every(({ outcome }: { outcome: string }) => outcome === 'present'));
    const byCosign = JSON.parse((await sign(image, 'theirs.key', ['--no-papers'])).stdout).signatures;
    assert.equal(byCosign.length, 3);
    const again = await cosign.run(['sign', '--key', 'theirs.key', ...flags, named], running());
    assert.equal(again.status, 0, again.stderr);
    assert.ok((await referrersOf(image)) >= before);
    for (const key of ['ours.pub', 'theirs.pub']) assert.equal(await verify(image, key), 0);
    assert.equal(await verify(image, 'ours.pub', attestation('slsaprovenance1')), 0);
  });

  /** What `slimimage verify --key` says of the image: its exit status, and the claim about its signature. */
  async function ask(image: string, key: string): Promise<readonly [status: number, claim: string]> {
    const argv = [
      'verify',
      `docker://${image}`,
      '--key',
      key,
      '--format',
      'json',
      '--insecure-registry',
      registry.host,
    ];
    const { status, stdout, stderr } = await user.run(argv);
    assert.ok(status === 0 || status === 1, stderr);
    const claims: readonly Claim[] = JSON.parse(stdout).claims;
    return [status, claims.find(({ id }) => id === 'image-signature')?.status ?? ''];
  }

  const unlogged = ['--allow-http-registry', '--tlog-upload=false', '--yes'];
  for (const [name, signer, how] of [
    ["today's cosign as a bundle", newest, ['--use-signing-config=false']],
    ["trixie's cosign under a tag", older, []],
  ] as const) {
    test(`slimimage verifies what ${name} signed: the right key alone, this image alone`, {
      skip: typeof signer === 'string' ? signer : false,
    }, async () => {
      const repository = `by-${(signer as Cosign).version.replace(/[^0-9]+/g, '-')}x`;
      const image = await push(repository);
      assert.deepEqual(await ask(image, 'ours.pub'), [1, 'failed']);
      const { digest } = await manifestOf(image);
      const named = `${image.replace(/:1$/, '')}@${digest}`;
      const argv = ['sign', '--key', 'ours.key', ...unlogged, ...how, named];
      const signed = await (signer as Cosign).run(argv, running());
      assert.equal(signed.status, 0, signed.stderr);
      assert.deepEqual(await ask(image, 'ours.pub'), [0, 'proven']);
      assert.deepEqual(await ask(image, 'theirs.pub'), [1, 'failed']);
      await user.write('app/main', `#!/bin/sh\n# ${repository}\n`);
      await push(repository);
      assert.deepEqual(await ask(image, 'ours.pub'), [1, 'failed']);
    });
  }

  const kinds: Readonly<Record<string, () => KeyPairKeyObjectResult>> = {
    'P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    'P-521': () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
    Ed25519: () => generateKeyPairSync('ed25519'),
    RSA: () => generateKeyPairSync('rsa', { modulusLength: 3072 }),
  };
  test('keys of every kind', async () => {
    const image = await push('kinds');
    for (const [kind, make] of Object.entries(kinds)) {
      const { privateKey, publicKey } = make();
      await user.write(`${kind}.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
      await user.write(`${kind}.pub`, publicKey.export({ type: 'spki', format: 'pem' }));
      await sign(image, `${kind}.pem`, ['--no-papers']);
      assert.equal(await verify(image, `${kind}.pub`), 0, kind);
    }
  });

  test('what the answer says of the key is what cosign wrote beside it; no word of the password or the key is told', async () => {
    const image = await push('told');
    const { stdout, stderr } = await sign(image, 'ours.key');
    assert.equal(JSON.parse(stdout).key.publicKey, await readFile(join(user.folder, 'ours.pub'), 'utf8'));
    assert.doesNotMatch(`${stdout}${stderr}`, new RegExp(`PRIVATE|${password}`));
    const wrong = { env: { COSIGN_PASSWORD: 'another' } };
    const { output } = await user.refused(
      { code: 'KEY_INVALID', status: 2 },
      ['sign', `docker://${image}`, '--key', 'ours.key'],
      wrong,
    );
    assert.doesNotMatch(output, /another/);
  });

  test("trixie's cosign reads the attestations", { skip: typeof older === 'string' ? older : false }, async () => {
    const image = await push('older', ['--sign', 'ours.key']);
    // Without one it would fetch the public instance's.
    await user.write('root.json', '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}');
    const flags = [
      '--new-bundle-format',
      '--trusted-root',
      'root.json',
      '--allow-http-registry',
      '--insecure-ignore-tlog',
    ];
    const status = async (key: string) =>
      (await (older as Cosign).run([...attestation('slsaprovenance1'), '--key', key, ...flags, image], running()))
        .status;
    assert.equal(await status('ours.pub'), 0);
    assert.notEqual(await status('theirs.pub'), 0);
  });
});

interface ManifestJson {
  readonly digest: string;
  readonly subject?: object;
  readonly manifests?: readonly { readonly digest: string }[];
}
