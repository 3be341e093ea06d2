/** `verify` on an image of Debian's own packages, with the keys and the archive of Debian. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { lackingArchive } from '../support/builder.ts';
import {
  claimOf,
  failures,
  idsOf,
  meddle,
  replaceFile,
  startVerifyScene,
  textOf,
  type VerifyScene,
} from '../support/verify-scene.ts';

let scene: VerifyScene;

const config = `name: python
from: debian/trixie
packages: [python3-minimal, passwd, ca-certificates]
special-permissions: [usr/bin/passwd]
accounts: { users: [{ name: app, uid: 1000 }] }
platforms: [linux/amd64]
`;

before(async () => {
  scene = await startVerifyScene();
  await scene.write('slimimage.yaml', config);
});
after(() => scene[Symbol.asyncDispose]());

test('an image of Debian is proven from its keys to every file; a changed one is not', {
  skip: lackingArchive,
}, async () => {
  await scene.lock();
  await scene.build({ outputs: ['oci:python'], attach: true });
  const found = await scene.verify('oci:python', { lock: 'slimimage.lock.json' });
  assert.deepEqual(failures(found), []);
  assert.deepEqual(idsOf(found, 'unproven'), ['image-signature']);
  assert.equal(found.verified, true);
  assert.ok((claimOf(found, 'locked-files')?.counts.proven ?? 0) > 1000);
  assert.ok((claimOf(found, 'listed-packages')?.counts.proven ?? 0) > 20);

  // Debian's archives are known: the provenance alone leads to the .debs.
  const unlocked = await scene.verify('oci:python');
  assert.deepEqual(failures(unlocked), []);
  assert.equal(claimOf(unlocked, 'provenance-files')?.status, 'proven');
  assert.ok((claimOf(unlocked, 'provenance-files')?.counts.proven ?? 0) > 1000);

  await scene.write('alone.lock.json', await readFile(scene.path('slimimage.lock.json')));
  const alone = await scene.verify('oci:python', { lock: 'alone.lock.json' });
  assert.deepEqual(failures(alone), []);
  const kept = claimOf(alone, 'locked-files')?.details.find(({ status }) => status === 'unproven');
  assert.match(kept?.message ?? '', /set-user-id or set-group-id that the .deb has, and a build strips/);

  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  await meddle(scene.path('python'), {
    layer: {
      path: 'usr/bin/passwd',
      change: (files) => {
        const sums = 'var/lib/dpkg/status.d/passwd.md5sums';
        const was = createHash('md5')
          .update(files.get('usr/bin/passwd')?.content ?? '')
          .digest('hex');
        replaceFile(files, 'usr/bin/passwd', 'evil');
        if (files.has(sums)) replaceFile(files, sums, textOf(files, sums).replace(was, md5('evil')));
      },
    },
  });
  const changed = await scene.verify('oci:python', { lock: 'slimimage.lock.json' });
  assert.ok(failures(changed).includes('locked-files: /usr/bin/passwd'), failures(changed).join('\n'));
  assert.equal(changed.verified, false);
});
