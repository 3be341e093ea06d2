import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { javaTrustStore } from '../../src/effects/java-trust-store.ts';
import { effectInput } from '../../src/effects/testing.ts';
import type { EffectTree } from '../../src/effects/types.ts';
import { parseKeyStore } from '../../src/formats/jks/parse.ts';
import { diskTree } from '../support/disk-tree.ts';
import { lacking } from '../support/need.ts';

const certificates = '/usr/share/ca-certificates';
const local = '/usr/local/share/ca-certificates';
const real = '/etc/ssl/certs/java/cacerts';
const without = (path: string) => (existsSync(path) ? false : `${path} is not there`);

test('keytool of a real Java reads the store, and every certificate in it', {
  skip: lacking({ commands: ['keytool'] }) || without(certificates),
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'slimimage-keytool-'));
  try {
    const file = join(folder, 'cacerts');
    const store = madeStore();
    writeFileSync(file, store);
    const listed = spawnSync('keytool', ['-list', '-rfc', '-keystore', file, '-storepass', 'changeit'], {
      encoding: 'utf8',
      maxBuffer: 2 ** 24,
    });
    assert.equal(listed.status, 0, listed.stdout);
    const blocks = [...listed.stdout.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)/g)];
    const found = blocks.map(([, body = '']) => body.replace(/\s+/g, ''));
    assert.ok(found.length > 100, `${found.length} certificates`);
    assert.deepEqual(found.toSorted(), certificateSet(store));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the certificates are those that ca-certificates-java has put into the store of this machine, by the same names', {
  skip: without(real) || without(certificates),
}, () => {
  const store = readFileSync(real);
  assert.deepEqual(certificateSet(madeStore()), certificateSet(store));
  const aliases = (bytes: Uint8Array) => {
    return parseKeyStore(bytes, 'changeit')
      .map(({ alias }) => alias)
      .sort();
  };
  // What its owner has imported by hand has another kind of name.
  const made = aliases(madeStore());
  const packaged = aliases(store).filter((alias) => alias.startsWith('debian:'));
  assert.ok(packaged.length > 100);
  assert.deepEqual(
    packaged.filter((alias) => !made.includes(alias)),
    [],
  );
});

function madeStore(): Uint8Array {
  const input = effectInput({ packages: [{ name: 'ca-certificates-java' }] });
  const folders = [certificates, local].filter((folder) => existsSync(folder));
  const trees = folders.map((folder) => ({ prefix: `${folder.slice(1)}/`, tree: diskTree(folder) }));
  const within = (path: string) => {
    const found = trees.find(({ prefix }) => path.startsWith(prefix));
    return found && { tree: found.tree, own: path.slice(found.prefix.length) };
  };
  const tree: EffectTree = {
    get: (path) => {
      const entry = within(path)?.tree.get(within(path)?.own ?? '');
      return entry && { ...entry, path };
    },
    read: (path) => within(path)?.tree.read(within(path)?.own ?? ''),
    below: (folder) => {
      return trees
        .filter(({ prefix }) => prefix === `${folder}/`)
        .flatMap(({ prefix, tree }) => [...tree.below('')].map((name) => `${prefix}${name}`));
    },
  };
  return javaTrustStore({ ...input, tree })[0]?.content as Uint8Array;
}

function certificateSet(store: Uint8Array): readonly string[] {
  return parseKeyStore(store, 'changeit')
    .map(({ certificate }) => Buffer.from(certificate).toString('base64'))
    .sort();
}
