import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { decodeUtf8 } from '../util/text.ts';
import { encodeProvenance } from './encode.ts';
import type { ProvenanceFacts } from './types.ts';

interface Material {
  readonly name: string;
  readonly uri?: string;
  readonly digest: Readonly<Record<string, string>>;
  readonly annotations: unknown;
}

const digest = (letters: string) => `sha256:${letters.repeat(32)}` as const;

const facts: ProvenanceFacts = {
  name: 'team/web',
  subjects: [
    { digest: digest('aa'), platform: undefined },
    { digest: digest('ab'), platform: 'linux/amd64' },
  ],
  toolVersion: '1.2.3',
  configuration: digest('c0'),
  lock: undefined,
  compressor: { name: 'gzip-6', contentFormat: 3, layerFormat: 4 },
  platforms: ['linux/amd64'],
  releases: [
    {
      archive: 'debian',
      suite: 'trixie',
      digest: digest('d0'),
      date: '2026-11-20T00:00:00Z',
      fingerprints: ['BB', 'AA'],
      indexes: [{ path: 'main/binary-amd64/Packages', digest: digest('d1') }],
    },
  ],
  packages: [
    {
      name: 'libc-bin',
      version: '2.41-12',
      architecture: 'amd64',
      vendor: 'debian',
      codename: 'trixie',
      archive: 'debian',
      suite: 'trixie',
      path: 'pool/main/g/glibc/libc-bin_2.41-12_amd64.deb',
      sha256: 'e1'.repeat(32),
      donor: true,
    },
    {
      name: 'own',
      version: '1:2+b1',
      architecture: 'all',
      vendor: undefined,
      codename: undefined,
      archive: 'file',
      suite: '',
      path: 'own.deb',
      sha256: 'e2'.repeat(32),
      donor: false,
    },
  ],
  images: [{ role: 'on', name: 'docker://registry.example/base:1', digest: digest('f0') }],
  sources: [
    { type: 'git', name: './app', commit: '12'.repeat(20), remote: 'https://git.example/app' },
    { type: 'files', name: './site', digest: { dirHash: '13'.repeat(32) }, links: { a: 'b' } },
  ],
};

const statementOf = (changes: Partial<ProvenanceFacts> = {}) =>
  JSON.parse(decodeUtf8(encodeProvenance({ ...facts, ...changes })));

test('a statement of the image and its platforms, with what was asked for and what made it', () => {
  const { predicate, ...statement } = statementOf();
  const { resolvedDependencies, ...definition } = predicate.buildDefinition;
  assert.deepEqual(statement, {
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://slsa.dev/provenance/v1',
    subject: [
      { name: 'team/web', digest: { sha256: 'aa'.repeat(32) } },
      { name: 'team/web', digest: { sha256: 'ab'.repeat(32) }, annotations: { platform: 'linux/amd64' } },
    ],
  });
  assert.deepEqual(definition, {
    buildType: 'urn:slimimage:build:1',
    externalParameters: { name: 'team/web', configuration: { sha256: 'c0'.repeat(32) }, platforms: ['linux/amd64'] },
    internalParameters: { compressor: { name: 'gzip-6', contentFormat: 3, layerFormat: 4 } },
  });
  assert.deepEqual(predicate.runDetails, { builder: { id: 'urn:slimimage:builder', version: { slimimage: '1.2.3' } } });
  assert.equal(resolvedDependencies.length, 7);
});

test('what compiled Python modules', () => {
  const { internalParameters } = statementOf({ bytecode: 'pyodide 0.29.5' }).predicate.buildDefinition;
  assert.equal(internalParameters.bytecode, 'pyodide 0.29.5');
});

test('nothing is said that the specifications have no place for', () => {
  const text = { type: 'string' };
  const closed = (properties: object) => ({ type: 'object', additionalProperties: false, properties });
  const texts = { type: 'object', additionalProperties: text };
  // in-toto attestation framework v1, resource_descriptor.md; SLSA provenance v1, without what slimimage leaves out.
  const resource = {
    ...closed({ name: text, uri: text, digest: texts, annotations: { type: 'object' } }),
    required: ['digest'],
  };
  const resources = { type: 'array', items: resource };
  const definition = {
    buildType: { ...text, format: 'uri' },
    externalParameters: { type: 'object' },
    internalParameters: { type: 'object' },
    resolvedDependencies: resources,
  };
  const builder = closed({ id: { ...text, format: 'uri' }, version: texts });
  const predicate = closed({ buildDefinition: closed(definition), runDetails: closed({ builder }) });
  const validate = new Ajv({ strict: true, formats: { uri: fullFormats.uri } }).compile(
    closed({ _type: text, subject: resources, predicateType: text, predicate }),
  );
  assert.ok(validate(statementOf()), JSON.stringify(validate.errors));
});

test('everything that went in, by what names it anywhere and by its digest', () => {
  const materials: readonly Material[] = statementOf().predicate.buildDefinition.resolvedDependencies;
  const lines = materials.map(({ uri, name, digest: by, annotations }) => {
    const [[algorithm, hex = ''] = []] = Object.entries(by);
    return `${uri ?? name} ${algorithm} ${hex.slice(0, 4)} ${JSON.stringify(annotations)}`;
  });
  assert.deepEqual(lines, [
    'urn:slimimage:archive:debian/dists/trixie/InRelease sha256 d0d0 {"date":"2026-11-20T00:00:00Z","fingerprints":["AA","BB"],"suite":"trixie"}',
    `urn:slimimage:archive:debian/dists/trixie/main/binary-amd64/Packages sha256 d1d1 {"release":"${'d0'.repeat(32)}","suite":"trixie"}`,
    'pkg:deb/debian/libc-bin@2.41-12?arch=amd64&distro=trixie sha256 e1e1 {"archive":"debian","path":"pool/main/g/glibc/libc-bin_2.41-12_amd64.deb","role":"read","suite":"trixie"}',
    `pkg:generic/own@1:2%2Bb1?arch=all&checksum=sha256:${'e2'.repeat(32)} sha256 e2e2 {"archive":"file","path":"own.deb","role":"installed","suite":""}`,
    'docker://registry.example/base:1 sha256 f0f0 {"role":"on"}',
    './site dirHash 1313 {"links":{"a":"b"},"role":"files"}',
    `git+https://git.example/app@${'12'.repeat(20)} gitCommit 1212 {"role":"files"}`,
  ]);
});

test('the lock and the time are parameters where they were given', () => {
  const { externalParameters } = statementOf({ lock: digest('10'), created: 1_700_000_000 }).predicate.buildDefinition;
  assert.equal(externalParameters.created, '2023-11-14T22:13:20Z');
  assert.deepEqual(externalParameters.lock, { sha256: '10'.repeat(32) });
});

test('the bytes do not depend on the order in which things were found', () => {
  const shuffled = { ...facts, packages: facts.packages.toReversed(), releases: facts.releases.toReversed() };
  assert.deepEqual(encodeProvenance(shuffled), encodeProvenance(facts));
});

test('flat archives and names with odd letters have addresses too', () => {
  const uris = (archive: string, suite: string) =>
    statementOf({ releases: facts.releases.map((release) => ({ ...release, archive, suite, indexes: [] })) })
      .predicate.buildDefinition.resolvedDependencies.slice(0, 1)
      .map(({ uri }: { uri: string }) => uri);
  assert.deepEqual(uris('[::1]:80', './'), ['urn:slimimage:archive:%5B::1%5D:80/InRelease']);
  assert.deepEqual(uris('own', 'stable/'), ['urn:slimimage:archive:own/stable/InRelease']);
});
