import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fixture, lacking } from '../../test/support/need.ts';
import { type ErrorCode, isSlimimageError } from '../errors.ts';
import { digestOf } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import { decodeUtf8, encodeUtf8 } from '../util/text.ts';
import type { ImageConfig } from './documents.ts';
import {
  encodeImageConfig,
  encodeIndex,
  encodeManifest,
  platformOfConfig,
  successorsOf,
  withPlatform,
} from './encode.ts';
import { documentKind, layerAlgorithm, layerMediaType, mediaTypes } from './media-types.ts';
import { checkLayoutFile, parseDescriptor, parseImageConfig, parseIndex, parseManifest } from './parse.ts';

const layer = { mediaType: layerMediaType('gzip'), digest: digestOf('layer'), size: 5 };
const imageConfig: ImageConfig = {
  os: 'linux',
  architecture: 'arm64',
  created: '2025-01-01T00:00:00Z',
  config: {
    User: '65532',
    Env: ['A=b'],
    Entrypoint: ['/bin/x'],
    Cmd: ['y'],
    ExposedPorts: { '80/tcp': {} },
    Volumes: { '/data': {} },
    WorkingDir: '/',
    Labels: { z: '1', a: '2' },
    StopSignal: 'SIGTERM',
    Healthcheck: { Test: ['CMD', '/bin/x'], Interval: 30_000_000_000 },
  },
  rootfs: { type: 'layers', diff_ids: [digestOf('diff')] },
  history: [{ created: '2025-01-01T00:00:00Z', created_by: 'x', empty_layer: false }],
};
const config = encodeImageConfig(imageConfig);
const manifest = encodeManifest({ config: config.descriptor, layers: [layer], annotations: { b: '1', a: '2' } });
const index = encodeIndex({ manifests: [withPlatform(manifest.descriptor, platformOfConfig(imageConfig))] });

function refuses(action: () => unknown, code: ErrorCode = 'OCI_INVALID'): void {
  assert.throws(action, (error) => isSlimimageError(error, code));
}

function changed(bytes: Uint8Array, change: (value: Record<string, unknown>) => void): Uint8Array {
  const value = JSON.parse(decodeUtf8(bytes)) as Record<string, unknown>;
  change(value);
  return encodeUtf8(JSON.stringify(value));
}

describe('documents', () => {
  it('have bytes that depend on their values alone', () => {
    const other = encodeImageConfig({ ...imageConfig, config: { ...imageConfig.config, Labels: { a: '2', z: '1' } } });
    assert.deepEqual(other, config);
    assert.equal(
      decodeUtf8(manifest.bytes).startsWith('{"annotations":{"a":"2","b":"1"},"config":{"digest":"sha256:'),
      true,
    );
    assert.equal(manifest.descriptor.digest, digestOf(manifest.bytes));
    assert.doesNotMatch(
      decodeUtf8(encodeManifest({ config: layer, layers: [], annotations: {} }).bytes),
      /annotations/,
    );
  });

  it('are read back', () => {
    assert.deepEqual(parseImageConfig(config.bytes), imageConfig);
    assert.deepEqual(successorsOf(parseManifest(manifest.bytes)), [config.descriptor, layer]);
    const [entry] = successorsOf(parseIndex(index.bytes));
    assert.deepEqual(entry, { ...manifest.descriptor, platform: { os: 'linux', architecture: 'arm64' } });
  });

  it('are valid by the schemas of the specification', { skip: lacking({ fixtures: ['oci-schemas'] }) }, async () => {
    const { default: Ajv } = await import('ajv');
    const ajv = new Ajv.default({ strict: false, validateFormats: false });
    const names = ['defs.json', 'defs-descriptor.json', 'content-descriptor.json'];
    const documents = ['config-schema.json', 'image-manifest-schema.json', 'image-index-schema.json'];
    for (const name of [...names, ...documents])
      ajv.addSchema(withoutIds(fixture('oci-schemas', name)), `schema:/${name}`);
    const check = (name: string, bytes: Uint8Array) => {
      const validate = ajv.getSchema(`schema:/${name}`) ?? assert.fail(name);
      assert.ok(validate(JSON.parse(decodeUtf8(bytes))), JSON.stringify(validate.errors));
      assert.ok(!validate({ schemaVersion: 'two', rootfs: 1 }));
    };
    check('config-schema.json', config.bytes);
    check('image-manifest-schema.json', manifest.bytes);
    check('image-index-schema.json', index.bytes);
  });

  it("may be Go's, with null where something is empty, and with members of tomorrow", () => {
    const bytes = changed(config.bytes, (value) => {
      value['config'] = { Cmd: null, Entrypoint: null, Env: null, Labels: null, Volumes: null, ArgsEscaped: true };
      value['history'] = null;
      value['container_config'] = { Hostname: 'x' };
    });
    const parsed = parseImageConfig(bytes);
    assert.equal(parsed.config?.Cmd, undefined);
    assert.equal(parsed.history, undefined);
    assert.match(canonicalJson(parsed), /"container_config":\{"Hostname":"x"\}/);
    assert.doesNotMatch(canonicalJson(parsed), /null/);
  });

  it('are refused where they are wrong', () => {
    const wrong: ((value: Record<string, unknown>) => void)[] = [
      (value) => (value['schemaVersion'] = 1),
      (value) => (value['mediaType'] = mediaTypes.ociIndex),
      (value) => (value['mediaType'] = 'text'),
      (value) => (value['layers'] = 'none'),
      (value) => (value['layers'] = [{ ...layer, digest: 'sha256:XYZ' }]),
      (value) => (value['layers'] = [{ ...layer, digest: `sha512:${'0'.repeat(128)}` }]),
      (value) => (value['layers'] = [{ ...layer, size: -1 }]),
      (value) => (value['layers'] = [{ ...layer, size: 1.5 }]),
      (value) => (value['layers'] = [{ ...layer, size: 2 ** 60 }]),
      (value) => (value['layers'] = Array.from({ length: 1001 }, () => layer)),
      (value) => (value['annotations'] = { a: 1 }),
      (value) => (value['manifests'] = []),
      (value) => delete value['config'],
    ];
    for (const change of wrong) refuses(() => parseManifest(changed(manifest.bytes, change)));
    refuses(() => parseIndex(changed(index.bytes, (value) => (value['layers'] = []))));
    refuses(() => parseIndex(manifest.bytes));
    refuses(() =>
      parseImageConfig(changed(config.bytes, (value) => (value['rootfs'] = { type: 'layers', diff_ids: ['x'] }))),
    );
    refuses(() => parseDescriptor({ ...layer, mediaType: '../x' }));
    refuses(() => checkLayoutFile(encodeUtf8('{"imageLayoutVersion":"2.0.0"}')));
    for (const text of ['', '{', '[]', 'null', '"x"', '\ufeff{}']) refuses(() => parseManifest(encodeUtf8(text)));
    refuses(() => parseManifest(Uint8Array.of(0x7b, 0xff, 0x7d)));
    refuses(() => parseManifest(encodeUtf8('['.repeat(1_000_000))));
    refuses(() =>
      parseImageConfig(changed(config.bytes, (value) => (value['x'] = JSON.parse('['.repeat(200) + ']'.repeat(200))))),
    );
    refuses(() => parseManifest(new Uint8Array(5 * 1024 * 1024)), 'LIMIT_EXCEEDED');
  });

  it('end in a value or in a typed error, whatever the bytes', () => {
    const parsers = [parseManifest, parseIndex, parseImageConfig];
    const seeds = [manifest.bytes, index.bytes, config.bytes];
    const mutated = fc
      .tuple(fc.nat(2), fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 4 }))
      .map(([which, edits]) => {
        const bytes = seeds[which]?.slice() ?? new Uint8Array(0);
        for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
        return bytes;
      });
    const json = fc.json({ maxDepth: 4 }).map(encodeUtf8);
    const keys = fc.constantFrom(
      'schemaVersion',
      'mediaType',
      'config',
      'layers',
      'manifests',
      'rootfs',
      '__proto__',
      'history',
    );
    const shaped = fc.dictionary(
      keys,
      fc.oneof(fc.jsonValue(), fc.constant([layer]), fc.constant(layer), fc.constant(2)),
    );
    const input = fc.oneof(
      mutated,
      json,
      shaped.map((value) => encodeUtf8(JSON.stringify(value))),
      fc.uint8Array({ maxLength: 200 }),
    );
    fc.assert(
      fc.property(input, (bytes) => {
        for (const parse of parsers) {
          try {
            canonicalJson(parse(bytes));
          } catch (error) {
            assert.ok(isSlimimageError(error, 'OCI_INVALID'), String(error));
          }
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('media types', () => {
  it('say what a blob is', () => {
    assert.deepEqual(Object.values(mediaTypes).map(documentKind).filter(Boolean), [
      'index',
      'manifest',
      'index',
      'manifest',
    ]);
    for (const algorithm of ['gzip', 'zstd', 'none'] as const)
      assert.equal(layerAlgorithm(layerMediaType(algorithm)), algorithm);
    assert.equal(layerAlgorithm(mediaTypes.dockerLayerGzip), 'gzip');
    assert.equal(layerAlgorithm('toString'), undefined);
  });
});

/** The schemas are of draft 4, whose identifiers today's ajv does not know: names beside one another do. */
function withoutIds(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8'), (key, value: unknown) => {
    const isIdentifier = (key === 'id' || key === '$schema') && typeof value === 'string';
    return isIdentifier ? undefined : value;
  }) as Record<string, unknown>;
}
