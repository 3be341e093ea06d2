import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { compileSchemas } from '../../src/formats/gschema/compile-schemas.ts';
import { writeMimeDatabase } from '../../src/formats/mime/write-database.ts';
import { lacking } from '../support/need.ts';

/** Schemas and media types of this machine, through the real programs and through ours: the same bytes. */
describe('databases of the desktop', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'slimimage-desktop-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('gschemas.compiled equals glib-compile-schemas', {
    skip: lacking({ commands: ['glib-compile-schemas'] }),
  }, (t) => {
    const schemas = join(folder, 'schemas');
    cpSync('/usr/share/glib-2.0/schemas', schemas, { recursive: true });
    run('glib-compile-schemas', [schemas]);
    const made = compileSchemas(filesOf(schemas));
    t.diagnostic(`${made.schemas} schemas`);
    assert.deepEqual(made.problems, []);
    assert.ok(Buffer.from(made.bytes).equals(readFileSync(join(schemas, 'gschemas.compiled'))));
  });

  test('the media types equal update-mime-database', { skip: lacking({ commands: ['update-mime-database'] }) }, (t) => {
    const mime = join(folder, 'mime');
    cpSync('/usr/share/mime/packages', join(mime, 'packages'), { recursive: true });
    run('update-mime-database', [mime]);
    const version = readFileSync(join(mime, 'version'), 'utf8').trim();
    const { files, problems } = writeMimeDatabase(filesOf(join(mime, 'packages')), version);
    t.diagnostic(`${files.size} files`);
    assert.deepEqual(problems, []);
    const real = readdirSync(mime, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.startsWith('packages') && statSync(join(mime, name)).isFile())
      .sort();
    assert.deepEqual([...files.keys()].sort(), real);
    const differing = real.filter((name) => !readFileSync(join(mime, name)).equals(files.get(name) as Uint8Array));
    assert.deepEqual(differing, []);
  });
});

function filesOf(folder: string) {
  return readdirSync(folder).map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(folder, name))) }));
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}
