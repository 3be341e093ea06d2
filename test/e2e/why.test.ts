/** `slimimage why`, asked as a user asks it: of a configuration, of its lock and of the image that it builds. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Ajv } from 'ajv';
import { whySchema } from '../../src/build/answer-schemas.ts';
import { runCaptured } from '../../src/cli/testing.ts';
import { archiveConfig } from '../support/archive-config.ts';
import { startArchive, type TestArchive } from '../support/archive-server.ts';
import { startUser, type TestUser } from '../support/cli.ts';

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(whySchema);

let user: TestUser;
let archive: TestArchive;

before(async () => {
  user = await startUser();
  archive = await startArchive();
  await archive.publish({
    date: new Date(),
    components: {
      main: [
        { name: 'app', fields: { Depends: 'engine | other, shell' }, files: { '/usr/bin/app': 'app' } },
        {
          name: 'engine',
          fields: { 'Pre-Depends': 'lib (>= 1)', Replaces: 'lib' },
          files: {
            '/usr/lib/engine.so': { content: 'engine', mode: 0o4755 },
            '/usr/share/shared': 'engine',
            '/usr/share/man/man1/engine.1': 'manual',
            '/usr/share/data/big': 'big',
            '/etc/hostname': 'engine',
          },
        },
        { name: 'lib', version: '1.2-3', files: { '/usr/lib/lib.so': 'lib', '/usr/share/shared': 'lib' } },
        { name: 'tiny-shell', fields: { Provides: 'shell' }, files: { '/bin/tiny': 'x', '/bin/sh': '-> tiny' } },
        { name: 'unused' },
      ],
    },
  });
  await user.write('conf/own.txt', 'mine');
  const more = {
    files: '["conf:/etc/conf"]',
    paths: '[/data/, { path: /etc/note, content: hello }, { path: /usr/bin/start, link: app }]',
    exclude: '[{ engine: [/usr/share/data] }]',
  };
  await user.write('slimimage.yaml', archiveConfig(archive, ['app'], { more }));
  await user.succeed(['lock', '--quiet']);
  await user.succeed(['build', '--quiet', '-t', 'sample', '-o', 'docker-archive:sample.tar', '-o', 'dir:root']);
});

after(async () => {
  await archive[Symbol.asyncDispose]();
  await user[Symbol.asyncDispose]();
});

/** What a person reads, and the exit status. */
async function why(...argv: readonly string[]): Promise<readonly [status: number, text: string]> {
  const options = { cwd: user.folder, env: { HOME: user.folder, SLIMIMAGE_STORE: join(user.folder, 'store') } };
  const { status, stdout, stderr } = await runCaptured(['why', '--quiet', ...argv], options);
  assert.equal(stderr, '');
  const json: object = JSON.parse((await runCaptured(['why', '--quiet', '--format', 'json', ...argv], options)).stdout);
  assert.ok(validate(json), JSON.stringify(validate.errors));
  assert.equal(Reflect.get(json, 'found'), status === 0);
  return [status, stdout.replaceAll(user.folder, '~')];
}

const chain = `  app is requested: app
  app 1.0-1 depends on engine | other
  engine 1.0-1 pre-depends on lib (>= 1)
`;

test('a package of a configuration: the chain from the request', async () => {
  assert.deepEqual(await why('lib'), [0, `lib 1.2-3\n${chain}`]);
  assert.deepEqual(await why('app'), [0, 'app 1.0-1\n  app is requested: app\n']);
  const virtual = 'tiny-shell 1.0-1 provides shell\n  app is requested: app\n  app 1.0-1 depends on shell\n';
  assert.deepEqual(await why('shell'), [0, virtual]);
  const absent = 'unused is not in the image of ~/slimimage.yaml\nNothing that the configuration asks for needs it.\n';
  assert.deepEqual(await why('unused'), [1, absent]);
  assert.match((await why('libs'))[1], /Did you mean lib\?\n$/);
});

test('a path of a configuration: package, link, rule, configured entry', async () => {
  assert.deepEqual(await why('/usr/lib/lib.so'), [
    0,
    `/usr/lib/lib.so is a file: of the package lib\nlib 1.2-3\n${chain}`,
  ]);
  const [status, text] = await why('/bin/sh');
  assert.equal(status, 0);
  assert.match(text, /^\/bin is a link to usr\/bin: made by the rule "base layout", \/usr is merged\n/);
  assert.match(
    text,
    /\n\/usr\/bin\/sh is a link to tiny: of the package tiny-shell\n\/usr\/bin\/tiny is a file: of the package/,
  );
  assert.match((await why('/usr/bin/start'))[1], /^\/usr\/bin\/start is a link to app: of paths: \/usr\/bin\/start\n/);
  assert.deepEqual(await why('/etc/conf/own.txt'), [
    0,
    '/etc/conf/own.txt is a file: of files: /etc/conf, copied from ~/conf/own.txt\n',
  ]);
  assert.deepEqual(await why('/etc/note'), [0, '/etc/note is a file: of paths: /etc/note\n']);
  assert.deepEqual(await why('/usr/share'), [0, '/usr/share is a folder: of engine, lib\n']);
  const record = await why('/var/lib/dpkg/status.d/app');
  assert.equal(record[1], '/var/lib/dpkg/status.d/app is a file: made by the rule "dpkg metadata", the package app\n');
});

test('a path that was copied from an image: the image, and the path in it', async () => {
  const more = { files: '[{ image: "docker-archive:sample.tar", source: /usr/, path: /srv }]' };
  await user.write('copying.yaml', archiveConfig(archive, ['lib'], { more }));
  const [status, text] = await why('/srv/lib/lib.so', 'copying.yaml');
  const from = 'copied from /usr/lib/lib.so of the image docker-archive:~/sample.tar';
  assert.deepEqual([status, text], [0, `/srv/lib/lib.so is a file: of files: /srv, ${from}\n`]);
});

test('a path that is left out, changed or not there', async () => {
  const manual = await why('/usr/share/man/man1/engine.1');
  assert.equal(manual[0], 1);
  assert.match(manual[1], /not in the image: engine has it, left out \(man pages by default; include: /);
  assert.match((await why('/usr/share/data/big'))[1], /engine has it, left out \(exclude: \/usr\/share\/data\)\n/);
  assert.match((await why('/etc/hostname'))[1], /left out \(the image and its runtime have their own\)/);
  assert.match((await why('/usr/share/shared'))[1], /\nlib has it too: engine Replaces it\.\n$/);
  assert.match(
    (await why('/usr/lib/engine.so'))[1],
    /\nIts mode in the package is 4755: special permissions are stripped/,
  );
  assert.deepEqual(await why('/opt/app'), [1, '/opt/app: not in the image\nThere is /usr/bin/app.\n']);
});

test('a lock: its packages, and who of them has a path', async () => {
  const file = 'slimimage.lock.json';
  const locked = chain.replace('engine | other', 'engine').replace('lib (>= 1)', 'lib').replace('pre-', '');
  assert.deepEqual(await why('lib', file), [0, `lib 1.2-3\n${locked}`]);
  assert.deepEqual(await why('unused', file), [1, 'unused is not in the lock ~/slimimage.lock.json\n']);
  assert.deepEqual(await why('/usr/lib/lib.so', file), [
    0,
    `/usr/lib/lib.so is a file: of the package lib\nlib 1.2-3\n${locked}`,
  ]);
  const [status, text] = await why('/etc/note', file);
  assert.equal(status, 1);
  assert.match(text, /ask the configuration\.\n$/);
});

test('an image on top of another: what is below counts, and nothing is added for it', async () => {
  const more = { on: 'store:sample' };
  await user.write('upper.yaml', archiveConfig(archive, ['unused', 'lib'], { more }));
  assert.deepEqual(await why('lib', 'upper.yaml'), [
    0,
    'lib 1.2-3 is in the image below, store:sample: nothing is added for it.\n',
  ]);
  assert.deepEqual(await why('unused', 'upper.yaml'), [0, 'unused 1.0-1\n  unused is requested: unused\n']);
  assert.deepEqual(await why('/usr/lib/lib.so', 'upper.yaml'), [
    0,
    '/usr/lib/lib.so is a file: of the image below, store:sample\nslimimage why /usr/lib/lib.so store:sample tells more.\n',
  ]);
});

for (const image of ['store:sample', 'docker-archive:sample.tar', 'dir:root']) {
  test(`an image, ${image}: chains over what its packages say, and owners of paths`, async () => {
    const from = image.startsWith('dir:')
      ? 'app is needed by nothing in the image: it was asked for, or left over'
      : 'app is requested: app';
    const expected = `lib 1.2-3\n${chain.replace('app is requested: app', from)}`;
    assert.deepEqual(await why('lib', image), [0, expected]);
    assert.match((await why('/lib/lib.so', image))[1], /\/usr\/lib\/lib\.so is a file: of the package lib\n/);
    // Beside the layer of packages there is one of what the configuration put in.
    const layer = image.startsWith('dir:') ? 'layer 1 has it' : 'layer 2 has it, made by slimimage build';
    assert.deepEqual(await why('/etc/note', image), [0, `/etc/note is a file: in no package's records; ${layer}\n`]);
    assert.equal((await why('unused', image))[0], 1);
  });
}
