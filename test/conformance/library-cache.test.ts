import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseLibraryCache } from '../../src/formats/ldcache/parse.ts';
import { buildImage, flagsToSpec } from '../../src/index.ts';
import { findCommand } from '../../tools/system-packages.ts';
import { lackingArchive } from '../support/builder.ts';
import { lacking } from '../support/need.ts';

const emulator = 'qemu-aarch64-static';
const images = [
  { codename: 'bookworm', architecture: 'amd64', needs: {} },
  { codename: 'trixie', architecture: 'amd64', needs: {} },
  { codename: 'trixie', architecture: 'arm64', needs: { commands: [emulator] } },
] as const;

describe("ld.so.cache equals that of the image's own ldconfig", {
  skip: lackingArchive || lacking({ root: true, commands: ['tar', 'chroot'] }),
}, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'slimimage-ldconfig-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const { codename, architecture, needs } of images) {
    test(`${codename} ${architecture}`, { skip: lacking(needs) }, async (t) => {
      const root = await unpackImage({ codename, architecture, folder });
      const made = readFileSync(join(root, 'etc/ld.so.cache'));
      runLdconfig(root, architecture);
      assert.deepEqual(made, readFileSync(join(root, 'etc/ld.so.cache')));
      const { entries, generator } = parseLibraryCache(made);
      t.diagnostic(`${entries.length} libraries, by ${generator}`);
      assert.ok(entries.length > 30, `${entries.length} libraries`);
    });
  }
});

async function unpackImage(options: { codename: string; architecture: string; folder: string }): Promise<string> {
  const { codename, architecture, folder } = options;
  const name = `${codename}-${architecture}`;
  const tar = join(folder, `${name}.tar`);
  const spec = flagsToSpec(
    {
      from: `debian/${codename}`,
      package: ['curl', 'libblas3', 'libc-bin'],
      dependencies: 'full',
      platform: [`linux/${architecture}`],
    },
    { cwd: folder },
  );
  await buildImage(spec, { store: join(folder, 'store'), env: process.env, outputs: [`tar:${tar}`] });
  const root = join(folder, name);
  mkdirSync(root);
  const unpacked = spawnSync('tar', ['-xf', tar, '-C', root], { encoding: 'utf8' });
  assert.equal(unpacked.status, 0, unpacked.stderr);
  return root;
}

/** The image's own: the cache names the version of its writer. */
function runLdconfig(root: string, architecture: string): void {
  const command = ['/sbin/ldconfig'];
  if (architecture === 'arm64') {
    copyFileSync(findCommand(emulator) as string, join(root, 'usr/bin', basename(emulator)));
    command.unshift(`/usr/bin/${emulator}`);
  }
  const done = spawnSync('chroot', [root, ...command], { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
}
