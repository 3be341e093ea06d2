import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagsToSpec } from '../../config/load.ts';
import type { ImageSpec } from '../../config/spec.ts';
import { configurationDigest } from './configuration-digest.ts';

const flags = {
  from: 'debian/trixie',
  package: ['nginx', './own.deb'],
  file: ['./site:/srv'],
  certificate: ['ca.pem'],
  name: 'web',
};

async function digest(changes: object = {}, cwd = '/home/user/web'): Promise<string> {
  const spec: ImageSpec = { ...(await flagsToSpec(flags, { cwd })), ...changes };
  return configurationDigest(spec);
}

test('where the configuration lies and which mirrors are asked is no part of it', async () => {
  assert.equal(await digest({}, '/elsewhere'), await digest());
  const { name: _, ...nameless } = flags;
  const ofFolder = async (cwd: string) => configurationDigest(await flagsToSpec(nameless, { cwd }));
  assert.equal(await ofFolder('/one'), await ofFolder('/another'));
  const asked = {
    mirrors: { debian: ['https://user:secret@mirror.example/debian'] },
    snapshot: 'https://snapshot.example/{archive}/{timestamp}',
    file: '/home/user/web/slimimage.yaml',
  };
  assert.equal(await digest(asked), await digest());
});

test('own archives count by name, suites and keys, wherever their keys and servers are', async () => {
  const archive = {
    name: 'own',
    urls: ['https://user:secret@archive.example/debian'],
    suites: ['stable'],
    components: ['main'],
    signedBy: ['/etc/keys/own.asc'],
    checkValidUntil: true,
  };
  const one = await digest({ archives: [archive] });
  assert.notEqual(one, await digest());
  const moved = { ...archive, urls: ['http://other.example/'], signedBy: ['/root/own.asc'] };
  assert.equal(await digest({ archives: [moved] }), one);
  assert.notEqual(await digest({ archives: [{ ...archive, suites: ['testing'] }] }), one);
});

test('whatever decides about the image counts', async () => {
  const base = await digest();
  const changes: readonly Partial<ImageSpec>[] = [
    { packages: ['nginx'] },
    { recommends: true },
    { name: 'other' },
    { on: 'store:base' },
    { platforms: ['linux/arm64'] },
    { compression: { algorithm: 'zstd', level: 3 } },
  ];
  const digests = await Promise.all(changes.map((change) => digest(change)));
  assert.equal(new Set([base, ...digests]).size, changes.length + 1);
});
