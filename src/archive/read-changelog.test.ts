import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type DebRecipe, makeDeb } from '../../test/support/deb-maker.ts';
import { failsWith } from '../../test/support/http-client.ts';
import { limits } from '../limits.ts';
import { type Changelog, readChangelog } from './read-changelog.ts';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slimimage-changelog-'));
});

after(() => rm(folder, { recursive: true }));

const entry = (version: string) => `app (${version}) trixie; urgency=low\n\n  * x\n\n -- A <a@example.org>  x\n`;
const packed = (...versions: string[]) => gzipSync(versions.map(entry).join('\n'));
const doc = '/usr/share/doc/app';

async function put(files: DebRecipe['files'] & {}, packing: DebRecipe['packing'] = 'xz'): Promise<string> {
  const path = join(folder, 'app.deb');
  await writeFile(path, await makeDeb({ name: 'app', packing, files }));
  return path;
}

async function read(files: DebRecipe['files'] & {}, packing?: DebRecipe['packing']): Promise<unknown> {
  return shown(await readChangelog(await put(files, packing), { name: 'app' }));
}

function shown(changelog: Changelog): unknown {
  if (changelog.type === 'entries') return changelog.entries.map(({ version }) => version);
  return changelog.type === 'elsewhere' ? `in ${changelog.package}` : 'missing';
}

for (const packing of ['none', 'gzip', 'zstd', 'xz'] as const) {
  test(`changelog.Debian.gz of a .deb packed as ${packing}`, async () => {
    const files = { '/usr/bin/app': 'app', [`${doc}/changelog.Debian.gz`]: packed('2', '1'), [`${doc}/copyright`]: '' };
    assert.deepEqual(await read(files, packing), ['2', '1']);
  });
}

test('Debian’s is taken where the upstream has one too, whatever their order', async () => {
  const debian = { [`${doc}/changelog.Debian.gz`]: packed('1.0-2') };
  const upstream = { [`${doc}/changelog.gz`]: packed('1.0') };
  assert.deepEqual(await read({ ...debian, ...upstream }), ['1.0-2']);
  assert.deepEqual(await read({ ...upstream, ...debian }), ['1.0-2']);
});

test('changelog.gz of a native package, and one that is not packed', async () => {
  assert.deepEqual(await read({ [`${doc}/changelog.gz`]: packed('3') }), ['3']);
  assert.deepEqual(await read({ [`${doc}/changelog.Debian`]: entry('4') }), ['4']);
  assert.deepEqual(await read({ [`${doc}/changelog`]: entry('5') }), ['5']);
});

test('the entry of a binNMU comes before those of its source', async () => {
  const files = {
    [`${doc}/changelog.Debian.amd64.gz`]: packed('1-2+b1'),
    [`${doc}/changelog.Debian.gz`]: packed('1-2', '1-1'),
  };
  assert.deepEqual(await read(files), ['1-2+b1', '1-2', '1-1']);
});

describe('another package of the source has it', () => {
  test('the folder is a link', async () => {
    for (const target of ['app-common', './app-common', '/usr/share/doc/app-common', '../doc/app-common/']) {
      assert.equal(await read({ [doc]: `-> ${target}`, '/usr/share/zz': '' }), 'in app-common', target);
    }
  });

  test('the file is a link, and what lies beside it is the upstream’s', async () => {
    const link = { [`${doc}/changelog.Debian.gz`]: '-> ../libapp1/changelog.Debian.gz' };
    assert.equal(await read(link), 'in libapp1');
    assert.equal(await read({ ...link, [`${doc}/changelog.gz`]: packed('1.0') }), 'in libapp1');
  });

  test('a link to nowhere of use is none', async () => {
    for (const target of ['/etc/passwd', '../../../../etc', '.', 'app', '../app/changelog.gz']) {
      assert.equal(await read({ [doc]: `-> ${target}` }), 'missing', target);
    }
  });
});

test('no changelog, and one of another package only', async () => {
  assert.equal(await read({ '/usr/bin/app': '' }), 'missing');
  assert.equal(await read({ '/usr/share/doc/application/changelog.gz': packed('1') }), 'missing');
  assert.equal(await read({ [`${doc}/examples/changelog.gz`]: packed('1') }), 'missing');
});

test('what comes behind the folder is not read', async () => {
  const path = await put({ [`${doc}/changelog.gz`]: packed('1'), '/usr/share/zz': 'zz'.repeat(1e6), '/z': '' }, 'none');
  const cut = join(folder, 'damaged.deb');
  const bytes = await readFile(path);
  bytes.fill(0xff, bytes.length - 1e6);
  await writeFile(cut, bytes);
  assert.deepEqual(shown(await readChangelog(cut, { name: 'app' })), ['1']);
  await failsWith('TAR_INVALID', readChangelog(cut, { name: 'other' }));
});

describe('refused', () => {
  test('a changelog beyond the limits, packed or unpacked (LIMIT_EXCEEDED)', async () => {
    const large = new Uint8Array(limits.changelogPackedBytes + 1);
    await failsWith('LIMIT_EXCEEDED', read({ [`${doc}/changelog.Debian`]: large }, 'zstd'));
    const bomb = gzipSync(Buffer.alloc(limits.changelogBytes + 1));
    await failsWith('LIMIT_EXCEEDED', read({ [`${doc}/changelog.Debian.gz`]: bomb }, 'none'));
  });

  test('damaged bytes, and what is no .deb', async () => {
    await failsWith('COMPRESSION_INVALID', read({ [`${doc}/changelog.Debian.gz`]: 'no gzip' }));
    const text = join(folder, 'text.deb');
    await writeFile(text, 'hello');
    await failsWith('AR_INVALID', readChangelog(text, { name: 'app' }));
    await failsWith('IO', readChangelog(join(folder, 'none.deb'), { name: 'app' }));
  });

  test('with a fired signal (ABORTED)', async () => {
    const path = await put({ [`${doc}/changelog.gz`]: packed('1') });
    await failsWith('ABORTED', readChangelog(path, { name: 'app', signal: AbortSignal.abort() }));
  });
});
