import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { packTar, unpackTar } from 'modern-tar';
import { encodeByteText } from '../../util/byte-text.ts';
import { decodeUtf8, encodeUtf8 } from '../../util/text.ts';
import { pack, plain, unpack } from './tar-suite.ts';

describe('other implementations', {
  skip: spawnSync('tar', ['--version']).status === 0 ? false : 'GNU tar is missing',
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'slimimage-tar-'));
  test.after(() => rmSync(folder, { recursive: true }));
  const names = [
    'plain',
    `${'d'.repeat(90)}/${'n'.repeat(90)}`,
    `${'x'.repeat(200)}`,
    'ünï',
    '\udcff\udcfe',
    `${'p'.repeat(200)}/${'q'.repeat(200)}`,
  ];

  for (const format of ['gnu', 'pax', 'ustar', 'v7', 'oldgnu']) {
    test(`GNU tar writes ${format}, we read`, () => {
      const base = join(folder, format);
      const fits = names.filter((name) => /gnu|pax/.test(format) || encodeByteText(name).length < 100);
      const shell = spawnSync('bash', ['-s', base], {
        input: Buffer.concat([
          encodeUtf8('set -e; mkdir -p "$1"; cd "$1"; for n in '),
          ...fits.flatMap((name) => [encodeUtf8("'"), encodeByteText(name), encodeUtf8("' ")]),
          encodeUtf8(
            '; do mkdir -p "$(dirname "$n")"; printf content > "$n"; ln -s "$n" l; mv l "$n.s"; touch -d @1000000000 "$n"; done\n',
          ),
        ]),
      });
      assert.equal(shell.status, 0, String(shell.stderr));
      const written = spawnSync('tar', [`--format=${format}`, '--sort=name', '-C', base, '-cf', `${base}.tar`, '.']);
      assert.equal(written.status, 0, String(written.stderr));
      const members = new Map(unpack(readFileSync(`${base}.tar`)).map((member) => [member.header.path, member]));
      for (const name of fits) {
        const file = members.get(`./${name}`);
        assert.equal(decodeUtf8(file?.content ?? new Uint8Array(0)), 'content');
        assert.equal(file?.header.mtime, 1000000000);
        assert.equal(members.get(`./${name}.s`)?.header.linkTarget, name);
      }
    });
  }

  test('we write, GNU tar lists and extracts the same', () => {
    const file = join(folder, 'ours.tar');
    writeFileSync(
      file,
      pack(
        ...names.map(
          (path) =>
            [
              { path, type: 'file', ...plain, mode: 0o640, uid: 123, gid: 3000000, mtime: -5 } as const,
              'hello',
            ] as const,
        ),
        [{ path: 'h', type: 'hardlink', ...plain, linkTarget: names[2] as string }],
        [{ path: 's', type: 'symlink', ...plain, linkTarget: `/${'t'.repeat(150)}` }],
        [{ path: 'd', type: 'directory', ...plain, mode: 0o2755 }],
      ),
    );
    const list = spawnSync('tar', ['--numeric-owner', '--full-time', '--utc', '--quoting-style=literal', '-tvf', file]);
    assert.equal(list.status, 0, String(list.stderr));
    assert.equal(String(list.stderr), '');
    const lines = list.stdout.toString('latin1').trimEnd().replaceAll(/ +/g, ' ').split('\n');
    assert.deepEqual(
      lines.slice(0, names.length),
      names.map(
        (name) =>
          `-rw-r----- 123/3000000 5 1969-12-31 23:59:55 ${Buffer.from(encodeByteText(name)).toString('latin1')}`,
      ),
    );
    assert.match(lines.at(-3) ?? '', new RegExp(` h link to ${'x'.repeat(200)}$`));
    assert.match(lines.at(-2) ?? '', new RegExp(` s -> /${'t'.repeat(150)}$`));
    assert.match(lines.at(-1) ?? '', /^drwxr-sr-x .* d\/$/);
    assert.equal(spawnSync('tar', ['-xOf', file, names[5] as string]).stdout.toString(), 'hello');
  });

  test('modern-tar reads ours, we read its', async () => {
    const ours = await unpackTar(
      pack([{ path: `${'d'.repeat(150)}/ü`, type: 'file', ...plain, mtime: 1700000000 }, 'hello']),
    );
    assert.deepEqual(
      ours.map(({ header, data }) => [header.name, header.mtime?.getTime(), decodeUtf8(data ?? new Uint8Array(0))]),
      [[`${'d'.repeat(150)}/ü`, 1700000000000, 'hello']],
    );
    const theirs = unpack(
      await packTar([
        {
          header: { name: `${'n'.repeat(300)}/é`, size: 5, mode: 0o600, mtime: new Date(1000), uid: 1, gid: 2 },
          body: 'hello',
        },
      ]),
    );
    assert.deepEqual(
      theirs.map(({ header, content }) => [header.path, header.mode, header.mtime, decodeUtf8(content)]),
      [[`${'n'.repeat(300)}/é`, 0o600, 1, 'hello']],
    );
  });
});
