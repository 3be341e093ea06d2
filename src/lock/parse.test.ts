import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { lockOf } from '../../test/support/locks.ts';
import { isSlimimageError, SlimimageError } from '../errors.ts';
import { encodeLock } from './encode.ts';
import { lockJsonSchema, lockJsonSchemaText } from './json-schema.ts';
import { parseLock } from './parse.ts';
import type { LockDocument } from './types.ts';

const lock = lockOf(
  ['curl 8.14.1-2; Requests: curl', 'libc6 2.41-12; For: curl; Source: glibc', 'zlib1g 1:1.3.1-1+b1'],
  {
    inputs: { packages: ['curl'], from: 'debian/trixie', archives: [{ name: 'own', suites: ['./'] }], on: null },
    users: { _apt: 42, 'systemd-network': 998 },
    images: [
      { image: 'docker://h.example/a:1', digest: `sha256:${'1'.repeat(64)}` },
      { image: 'oci:../b', digest: `sha256:${'2'.repeat(64)}` },
    ],
  },
);
const text = encodeLock(lock);
const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(lockJsonSchema());

test('what is written is read, and written again the same', () => {
  assert.equal(encodeLock(parseLock(text)), text);
  assert.ok(validate(JSON.parse(text)), JSON.stringify(validate.errors));
});

test('what compiled Python modules is read and written, where some were compiled', () => {
  const compiled = { ...lock, compressor: { ...lock.compressor, bytecode: 'pyodide 0.29.5' } };
  assert.equal(parseLock(encodeLock(compiled)).compressor.bytecode, 'pyodide 0.29.5');
  assert.ok(validate(JSON.parse(encodeLock(compiled))), JSON.stringify(validate.errors));
  const hostile = { ...lock, compressor: { ...lock.compressor, bytecode: 'pyodide 1; rm -rf /' } };
  assert.throws(() => parseLock(encodeLock(hostile)), /expected a name and a version/);
});

test("the order of lists and keys is not the writer's", () => {
  const platforms = lock.platforms.map((one) => ({
    ...one,
    images: one.images.toReversed(),
    packages: one.packages.toReversed(),
  }));
  const shuffled = { ...lock, platforms };
  const { lockVersion, ...rest } = shuffled;
  assert.equal(encodeLock({ ...rest, lockVersion }), text);
  assert.equal(encodeLock(parseLock(JSON.stringify({ ...rest, lockVersion }))), text);
});

test('the bytes of a lock', () => {
  assert.equal(
    encodeLock(lockOf(['curl 8.14.1-2; Requests: curl'])).replace(/[0-9a-f]{64}/g, (hex) => `${hex.slice(0, 4)}...`),
    `{
  "lockVersion": 1,
  "configuration": {
    "digest": "sha256:83e4...",
    "inputs": {
      "from": "debian/trixie",
      "packages": [
        "curl"
      ]
    }
  },
  "compressor": {
    "algorithm": "gzip",
    "level": 6,
    "contentFormat": 1,
    "layerFormat": 1
  },
  "releases": [
    {
      "archive": "debian",
      "suite": "trixie",
      "codename": "trixie",
      "digest": "sha256:121b...",
      "date": "2026-09-01T08:00:00Z",
      "validUntil": null,
      "fingerprints": [
        "ABABABABABABABABABABABABABABABABABABABAB"
      ],
      "indexes": [
        {
          "path": "main/binary-amd64/Packages",
          "size": 100,
          "sha256": "5b5a..."
        }
      ]
    }
  ],
  "platforms": [
    {
      "platform": "linux/amd64",
      "on": null,
      "images": [],
      "packages": [
        {
          "name": "curl",
          "version": "8.14.1-2",
          "architecture": "amd64",
          "source": {
            "name": "curl",
            "version": "8.14.1-2"
          },
          "archive": "debian",
          "suite": "trixie",
          "component": "main",
          "path": "pool/main/c/curl/curl_8.14.1-2_amd64.deb",
          "size": 1000,
          "installedSize": 3000,
          "sha256": "8ab5...",
          "requests": [
            "curl"
          ],
          "requestedBy": []
        }
      ],
      "donors": [],
      "absentDonors": [],
      "omitted": [],
      "cuts": [],
      "accounts": {
        "users": {},
        "groups": {}
      }
    }
  ]
}
`,
  );
});

const platform = (change: object) => ({ platforms: { 0: change } });
const curl = (change: object) => platform({ packages: { 0: change } });
const index = (change: object) => ({ releases: { 0: { indexes: { 0: change } } } });

const refused: Readonly<Record<string, readonly [change: object, message: RegExp]>> = {
  'an unknown key': [curl({ mirror: 'https://h.example' }), /platforms\.0\.packages\.0\.mirror: unknown key/],
  'a missing key': [curl({ sha256: undefined }), /packages\.0\.sha256/],
  'a path that leaves the archive': [curl({ path: 'pool/../../x.deb' }), /path that stays inside the archive/],
  'a path above the archive': [curl({ path: '../x.deb' }), /path that stays inside the archive/],
  'an absolute path': [curl({ path: '/pool/x.deb' }), /path that stays inside the archive/],
  'a path with a query': [curl({ path: 'pool/x.deb?y' }), /path that stays inside the archive/],
  'a path with a fragment': [curl({ path: 'pool/x.deb#y' }), /path that stays inside the archive/],
  'a path with a backslash': [curl({ path: 'pool\\x.deb' }), /path that stays inside the archive/],
  'a path with a line break': [curl({ path: 'pool/x.deb\nHost: y' }), /path that stays inside the archive/],
  'a host for a path': [curl({ path: '//h.example/x.deb' }), /path that stays inside the archive/],
  'a sha256 of other letters': [curl({ sha256: 'AB'.repeat(32) }), /sha256 of 64 hexadecimal digits/],
  'a name that no package has': [curl({ name: '../etc' }), /the name of a package/],
  'a version that no package has': [curl({ version: '1 2' }), /a version/],
  'a size below zero': [curl({ size: -1 }), /bytes/],
  'an empty .deb': [curl({ size: 0 }), /a number of bytes above 0/],
  'a donor that is absent twice': [platform({ absentDonors: ['libc-bin', 'libc-bin'] }), /each name once/],
  'a size that is no number of bytes': [curl({ size: 1.5 }), /whole number of bytes/],
  'an index outside the suite': [index({ path: '../main/Packages' }), /path that stays inside the archive/],
  'an index without its digest': [index({ sha256: undefined }), /indexes\.0\.sha256/],
  'a Release without the indexes that were read': [{ releases: { 0: { indexes: undefined } } }, /indexes/],
  'a package twice': [curl({ name: 'libc6' }), /platforms\.0\.packages: expected each package once/],
  'an image that is there twice': [platform({ images: { 1: { image: 'docker://h.example/a:1' } } }), /each image once/],
  'an image without its digest': [platform({ images: { 0: { digest: undefined } } }), /images\.0\.digest/],
  'an image with a line break': [platform({ images: { 0: { image: 'oci:a\nb' } } }), /expected an image/],
  'a package that is left out twice': [
    platform({
      omitted: [
        { name: 'a', provides: ['b'] },
        { name: 'a', provides: ['c'] },
      ],
    }),
    /each package once/,
  ],
  'what is left out and provides no package': [platform({ omitted: [{ name: 'a', provides: ['b | c'] }] }), /provided/],
  'no images': [platform({ images: undefined }), /the key "?images"? is missing/],
  'another platform': [platform({ platform: 'windows/amd64' }), /a platform such as linux\/amd64/],
  'a platform in an unusual form': [platform({ platform: 'linux/x86_64' }), /a platform such as/],
  'no platform': [{ platforms: [] }, /at least one platform/],
  'an account that is a path': [platform({ accounts: { users: { '../x': 1 }, groups: {} } }), /the name of an account/],
  'an id that is none': [platform({ accounts: { users: { x: 2 ** 32 }, groups: {} } }), /expected an id/],
  'a digest of other inputs': [
    { configuration: { digest: `sha256:${'0'.repeat(64)}` } },
    /configuration\.digest is not the digest of configuration\.inputs/,
  ],
  'no lockVersion': [{ lockVersion: undefined }, /no lockVersion/],
  'lockVersion 0': [{ lockVersion: 0 }, /lockVersion: expected 1/],
};

for (const [name, [change, message]] of Object.entries(refused)) {
  test(`refused: ${name}`, () => {
    const value = changed(JSON.parse(text), change);
    assert.throws(
      () => parseLock(JSON.stringify(value), { name: 'web.lock.json' }),
      (error) => {
        assert.ok(isSlimimageError(error, 'LOCK_INVALID'));
        assert.match(error.message, /^web\.lock\.json is not valid: /);
        assert.match(error.message, message);
        assert.match(error.hint ?? '', /slimimage lock/);
        return true;
      },
    );
  });
}

test('a lock of a newer slimimage says so, whatever is in it', () => {
  assert.throws(
    () => parseLock('{ "lockVersion": 2, "news": [] }'),
    (error) => isSlimimageError(error, 'LOCK_INVALID') && error.hint === 'Update slimimage.',
  );
});

test('what is no JSON, not UTF-8, too deep or too large is refused', () => {
  const long = JSON.stringify('\n'.repeat(5_000_000));
  const bad = ['', long, '{', '<<<<<<< HEAD', '[]', 'null', '1', '['.repeat(1000), new Uint8Array([0x22, 0xff, 0x22])];
  for (const source of bad) assert.throws(() => parseLock(source), { code: 'LOCK_INVALID' });
  assert.throws(() => parseLock(text, { maxBytes: 100 }), { code: 'LIMIT_EXCEEDED' });
});

test('inputs of any size are read in time that grows with it', () => {
  const inputs = { x: new Array(500_000).fill(1) };
  const { configuration } = lockOf([], { inputs });
  assert.deepEqual(parseLock(JSON.stringify({ ...lock, configuration })).configuration.inputs, inputs);
});

test('a source may be called what the Source field of a package may say', () => {
  const source = { name: 'Foo/Bar_x', version: '1.0_2' };
  assert.deepEqual(parseLock(withFirst({ source })).platforms[0]?.packages[0]?.source, source);
  for (const name of ['', 'a b', 'a(b)', 'a\u001bb']) {
    assert.throws(() => parseLock(withFirst({ source: { ...source, name } })), { code: 'LOCK_INVALID' });
  }
});

test('a key that is there twice, or that no object can hold, is refused wherever it is', () => {
  for (const [from, to, message] of [
    ['"level": 6', '"level": 6, "level": 9', /the key level is there twice/],
    ['"level": 6', '"level": 6, "le\\u0076el": 9', /the key level is there twice/],
    ['"_apt": 42', '"_apt": 42, "_apt": 43', /the key _apt is there twice/],
    ['"_apt": 42', '"__proto__": 42', /__proto__ can't be a key/],
    ['"_apt": 42', '"constructor": 42', /constructor can't be a key/],
    ['"on": null,', '"on": null, "__proto__": { "x": 1 },', /__proto__ can't be a key/],
  ] as const) {
    assert.ok(text.includes(from), from);
    assert.throws(() => parseLock(text.replace(from, to)), { code: 'LOCK_INVALID', message });
  }
  const named = lockOf(['constructor 1; Requests: constructor', 'prototype 1; For: constructor']);
  assert.deepEqual(parseLock(encodeLock(named)), named);
});

test('a byte order mark and an unfinished merge are called what they are', () => {
  assert.throws(() => parseLock(`\ufeff${text}`), { code: 'LOCK_INVALID', message: /begins with a byte order mark/ });
  const conflict = text.replace(
    '    "level": 6',
    '<<<<<<< HEAD\n    "level": 9\n=======\n    "level": 6\n>>>>>>> main',
  );
  assert.throws(() => parseLock(conflict, { name: 'web.lock.json' }), {
    code: 'LOCK_INVALID',
    message: 'web.lock.json has the marks of a merge that is not finished, in line 23',
    hint: /Take one of its sides whole/,
  });
});

test('a .deb of your own may lie beside the folder, one of an archive may not', () => {
  for (const path of ['debs/app.deb', './debs/app.deb', '../app.deb', '../../größe 1.deb', 'my#app?.deb', 'a\\b.deb']) {
    assert.doesNotThrow(() => parseLock(withFirst({ archive: 'file', suite: '', component: '', path })), path);
  }
  for (const path of ['/etc/app.deb', '../x/../app.deb', './../app.deb', 'debs/./app.deb', 'debs//app.deb', '..', '']) {
    assert.throws(() => parseLock(withFirst({ archive: 'file', path })), { code: 'LOCK_INVALID' }, path);
  }
});

test('any change of a lock is read or refused with a SlimimageError', () => {
  const value: unknown = JSON.parse(text);
  const places = placesOf(value);
  const scalar = fc.oneof(
    fc.constantFrom<unknown>(null, -1, 0, 1e300, '', '..', '__proto__', '\u0000', 'a'.repeat(5000), [], {}, [[]], true),
    fc.string({ maxLength: 10 }),
    fc.jsonValue({ maxDepth: 3 }),
  );
  let accepted = 0;
  fc.assert(
    fc.property(fc.constantFrom(...places), scalar, fc.boolean(), (place, replacement, add) => {
      const mutated = structuredClone(value);
      const parent: unknown = place
        .slice(0, -1)
        .reduce<unknown>((node, key) => Reflect.get(Object(node), key), mutated);
      Reflect.set(Object(parent), add ? 'added' : (place.at(-1) ?? ''), replacement);
      accepted += tryToRead(JSON.stringify(mutated));
    }),
    { numRuns: 2000 },
  );
  assert.ok(accepted > 20, `only ${accepted} were accepted`);
});

test('any bytes are read or refused with a SlimimageError', () => {
  const cut = fc.tuple(fc.nat(text.length), fc.nat(20), fc.string({ unit: 'binary', maxLength: 8 }));
  fc.assert(
    fc.property(cut, ([from, length, put]) => {
      tryToRead(text.slice(0, from) + put + text.slice(from + length));
    }),
    { numRuns: 1000 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void tryToRead(bytes)));
});

test('the published schema is up to date (node tools/generate-schema.ts)', async () => {
  const published = await readFile(new URL('../../schema/slimimage.lock.schema.json', import.meta.url), 'utf8');
  assert.equal(published, lockJsonSchemaText());
});

test('the published schema refuses what the parser refuses by form', () => {
  const byCheck = new Set([
    'a path above the archive',
    'an index outside the suite',
    'a path with a query',
    'a path with a fragment',
    'a path with a backslash',
    'a package twice',
    'a donor that is absent twice',
    'a package that is left out twice',
    'an image that is there twice',
    'a platform in an unusual form',
    'a digest of other inputs',
  ]);
  for (const [name, [change]] of Object.entries(refused)) {
    assert.equal(validate(changed(JSON.parse(text), change)), byCheck.has(name), name);
  }
});

/** 1 where it was read: then writing and reading it again changes nothing. */
function tryToRead(source: string | Uint8Array): number {
  let read: LockDocument;
  try {
    read = parseLock(source);
  } catch (error) {
    if (!(error instanceof SlimimageError)) throw error;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may reach a terminal.
    assert.doesNotMatch(error.message, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    return 0;
  }
  const written = encodeLock(read);
  assert.equal(encodeLock(parseLock(written)), written);
  return 1;
}

function withFirst(change: object): string {
  return JSON.stringify(changed(JSON.parse(text), curl(change)));
}

/** `change` laid over `value`: maps are merged, `undefined` removes. */
function changed(value: unknown, change: unknown): unknown {
  const isMap = typeof change === 'object' && change !== null && !Array.isArray(change);
  if (!isMap || typeof value !== 'object' || value === null) return change;
  for (const [key, member] of Object.entries(change)) {
    if (member === undefined) Reflect.deleteProperty(value, key);
    else Reflect.set(value, key, changed(Reflect.get(value, key), member));
  }
  return value;
}

function placesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [[...path, key], ...placesOf(member, [...path, key])]);
}
