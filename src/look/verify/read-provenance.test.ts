import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../../errors.ts';
import { encodeProvenance } from '../../provenance/encode.ts';
import { encodeUtf8 } from '../../util/text.ts';
import { readProvenance } from './read-provenance.ts';

const digest = (letters: string) => `sha256:${letters.repeat(32)}` as const;

const place = { archive: 'debian', suite: 'trixie', path: 'pool/main/g/g++/g++_1_amd64.deb' };
const debian = { vendor: 'debian', codename: 'trixie', architecture: 'amd64', ...place };

const written = encodeProvenance({
  name: 'team/web',
  subjects: [{ digest: digest('aa'), platform: undefined }],
  toolVersion: '1.2.3',
  configuration: digest('c0'),
  lock: digest('c1'),
  compressor: { name: 'gzip-6', contentFormat: 3, layerFormat: 4 },
  platforms: ['linux/amd64'],
  releases: [
    {
      archive: 'debian security',
      suite: 'trixie-security',
      digest: digest('d0'),
      date: '2026-11-20T00:00:00Z',
      fingerprints: ['BB', 'AA'],
      indexes: [{ path: 'main/binary-amd64/Packages', digest: digest('d1') }],
    },
  ],
  packages: [
    { ...debian, name: 'g++', version: '1:2.0+b1~rc1-3', sha256: 'e1'.repeat(32), donor: false },
    {
      ...debian,
      name: 'own',
      version: '1',
      vendor: undefined,
      codename: undefined,
      sha256: 'e2'.repeat(32),
      donor: true,
    },
  ],
  images: [{ role: 'on', name: 'store:base', digest: digest('f0') }],
  sources: [],
});

test('what a build wrote is read back', () => {
  const read = readProvenance(written);
  assert.deepEqual(read, {
    subjects: ['aa'.repeat(32)],
    isOurs: true,
    lock: 'c1'.repeat(32),
    releases: [
      {
        archive: 'debian security',
        suite: 'trixie-security',
        sha256: 'd0'.repeat(32),
        date: '2026-11-20T00:00:00Z',
        fingerprints: ['AA', 'BB'],
        indexes: new Map([['main/binary-amd64/Packages', 'd1'.repeat(32)]]),
      },
    ],
    packages: [
      { name: 'g++', version: '1:2.0+b1~rc1-3', sha256: 'e1'.repeat(32), isInstalled: true, ...shared },
      { name: 'own', version: '1', sha256: 'e2'.repeat(32), isInstalled: false, ...shared },
    ],
    images: [{ role: 'on', sha256: 'f0'.repeat(32) }],
  });
});

const shared = { architecture: 'amd64', archive: 'debian', suite: 'trixie' };

test('a statement of another kind is none; one of another builder names nothing', () => {
  const statement = JSON.parse(Buffer.from(written).toString('utf8'));
  const read = (value: unknown) => readProvenance(encodeUtf8(JSON.stringify(value)));
  assert.equal(read({ ...statement, predicateType: 'https://spdx.dev/Document' }), undefined);
  statement.predicate.buildDefinition.buildType = 'https://mobyproject.org/buildkit@v1';
  const other = read(statement);
  assert.deepEqual([other?.isOurs, other?.packages], [false, []]);
});

test('fuzz: any document is read, or refused', () => {
  const statement = JSON.parse(Buffer.from(written).toString('utf8'));
  const near = fc.anything().map((value) => {
    const { predicate } = statement;
    const buildDefinition = { ...predicate.buildDefinition, resolvedDependencies: value };
    return encodeUtf8(JSON.stringify({ ...statement, subject: value, predicate: { buildDefinition } }));
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), near), (bytes) => {
      try {
        readProvenance(bytes);
      } catch (error) {
        assert.ok(isSlimimageError(error));
      }
    }),
    { numRuns: 200 },
  );
});
