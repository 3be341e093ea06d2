/** What `verify` says of packaged files in an image of the real Docker engine, held against what dpkg says of them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ImageVerification } from '../../src/index.ts';
import { type LookScene, lackingLookScene, startLookScene } from '../support/look-scene.ts';
import { lacking } from '../support/need.ts';
import { claimOf } from '../support/verify-scene.ts';

/** A layer for each way in which a packaged file comes to be another one, and some in which it stays the same. */
const dockerfile = `FROM look/base:1
RUN echo evil >> /usr/bin/base64
RUN rm /usr/bin/sort && rm -rf /usr/share/doc/bash
RUN ln -sf true /usr/bin/uniq
RUN ln -f /usr/bin/head /usr/bin/tail
RUN echo "# mine" >> /etc/bash.bashrc && rm /etc/skel/.profile
RUN rm -rf /usr/lib/apt/methods
RUN dpkg-divert --local --rename --add /usr/bin/cksum && cp /bin/true /usr/bin/cksum
RUN cp /usr/bin/cut /tmp/cut && rm /usr/bin/cut && mv /tmp/cut /usr/bin/cut && chmod 4700 /usr/bin/cut && chown 9 /usr/bin/comm
RUN mv /usr/share/perl5 /opt/perl5 && ln -s ../../opt/perl5 /usr/share/perl5
RUN cp /bin/true /usr/local/bin/mine && cp /usr/lib/x86_64-linux-gnu/libc.so.6 /usr/local/lib/libmine.so.1
`;

const skip = lackingLookScene || lacking({ commands: ['dpkg', 'tar'] });

describe('packaged files of an image of the real Docker engine', { skip }, () => {
  let scene: LookScene;
  let found: ImageVerification;
  before(async () => {
    scene = await startLookScene([]);
    const context = join(scene.folder, 'context');
    await mkdir(context);
    await writeFile(join(context, 'Dockerfile'), dockerfile);
    await scene.docker('build', '--network=none', '--tag', 'verify/changed:1', context);
    found = await scene.ask<ImageVerification>(['verify', 'docker-daemon:verify/changed:1']);
  });
  after(() => scene?.[Symbol.asyncDispose]());

  test('those that were changed or removed are told, as dpkg --verify does, and no other', async () => {
    const tree = join(scene.folder, 'tree');
    const tar = join(scene.folder, 'changed.tar');
    await mkdir(tree);
    await scene.docker('export', '--output', tar, (await scene.docker('create', 'verify/changed:1', '/none')).trim());
    assert.equal(spawnSync('tar', ['--numeric-owner', '-p', '-C', tree, '-xf', tar]).status, 0);
    const { stdout } = spawnSync('dpkg', [`--root=${tree}`, '--verify'], { encoding: 'utf8' });
    // `??5?????? c /etc/bash.bashrc`, `missing     /usr/bin/sort`
    const said = stdout
      .split('\n')
      .flatMap((line) => /^(?:\S{9}|missing) +(?:c )? *(\/.*?)(?: \(.*\))?$/.exec(line)?.[1] ?? []);
    assert.ok(said.length > 5, stdout);
    const told = (['packaged-files', 'configuration-files'] as const).flatMap(
      (id) => claimOf(found, id)?.details.map(({ about }) => about) ?? [],
    );
    assert.deepEqual([...told].sort(), [...said].sort());
  });

  test('programs and libraries that are nobody’s are listed', () => {
    assert.deepEqual(
      claimOf(found, 'unowned-programs')?.details.map(({ about }) => about),
      ['/usr/bin/cksum', '/usr/local/bin/mine', '/usr/local/lib/libmine.so.1'],
    );
  });

  test('that it fails, and why, is said', () => {
    assert.equal(found.verified, false);
    assert.deepEqual(found.against, []);
    assert.equal(claimOf(found, 'layers')?.status, 'proven');
  });
});
