import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isSlimimageError } from '../../src/errors.ts';
import { lackingArchive, startBuilder, type TestBuild, type TestBuilder } from '../support/builder.ts';
import { makeDeb } from '../support/deb.ts';
import { lackingDocker, startEngine, type TestEngine } from '../support/engine.ts';

const locked = { readOnly: true, capDrop: true, network: 'none' } as const;
const shell = { entrypoint: '/usr/bin/busybox' } as const;

describe('what a configuration says, seen from inside the real Docker engine', {
  skip: lackingDocker || lackingArchive,
}, () => {
  let builder: TestBuilder;
  let engine: TestEngine;

  before(async () => {
    engine = await startEngine();
    builder = await startBuilder();
  });
  after(async () => {
    await engine?.stop();
    await builder?.[Symbol.asyncDispose]();
  });

  test('on: adds one layer to an image whose layers stay as they are', async () => {
    const base = await builder.build('examples/python.yaml', { outputs: ['store:python'], engine });
    const app = await builder.build('examples/python-app.yaml', { engine });
    const digests = (build: typeof base) => build.platforms[0]?.layers.map(({ digest }) => digest) ?? [];
    assert.deepEqual(digests(app).slice(0, -1), digests(base));
    const added = [...app.paths.values()].flat().map(({ path, type }) => `${path} ${type}`);
    assert.deepEqual(added, ['app directory', 'app/greeting.py file', 'app/main.py file']);

    const [below, above] = await Promise.all([base.tag, app.tag].map(inspect));
    assert.deepEqual(above.RootFS.Layers.slice(0, -1), below.RootFS.Layers);
    assert.deepEqual([above.Config.Entrypoint, above.Config.Env], [below.Config.Entrypoint, below.Config.Env]);
    assert.deepEqual([above.Config.Cmd, above.Config.WorkingDir], [['/app/main.py'], '/app']);
    assert.equal(above.Config.User, '65532:65532');
    const answer = await engine.dockerRun({ image: app.tag, ...locked });
    assert.deepEqual([answer.stdout, answer.stderr], ['hello from CET\n', '']);

    const link = 'on: store:python\npaths: [{ path: /usr/bin/python, hardlink: /usr/bin/python3 }]\n';
    await assert.rejects(builder.build(await builder.write('link.yaml', link)), (error) =>
      isSlimimageError(error, 'CONFIG_INVALID'),
    );
  });

  test('on: with packages adds only what the image below lacks', async () => {
    const file = await builder.write(
      'with-yaml.yaml',
      `
from: debian/trixie
on: store:python
packages: [python3-yaml, python3]
accounts: { users: [{ name: app, uid: 1500 }] }
user: app
`,
    );
    const base = await builder.build('examples/python.yaml', { outputs: ['store:python'] });
    const { tag, platforms, paths } = await builder.build(file, { engine });
    const names = platforms[0]?.packages.map(({ name }) => name);
    assert.deepEqual(names, ['libyaml-0-2', 'python3-yaml']);
    assert.equal(platforms[0]?.layers[0]?.digest, base.platforms[0]?.layers[0]?.digest);
    const added = [...paths.values()].flat().map(({ path }) => path);
    assert.ok(added.includes('usr/lib/python3/dist-packages/yaml/__init__.py'));
    assert.ok(!added.some((path) => path.startsWith('usr/lib/python3.13/')), 'nothing of python itself');

    const program = 'import yaml, os, pwd; print(yaml.safe_load("a: [1]"), pwd.getpwuid(os.getuid()).pw_name)';
    const answer = await engine.dockerRun({ image: tag, args: ['-c', program], ...locked });
    assert.deepEqual([answer.stdout, answer.stderr], ["{'a': [1]} app\n", '']);
    const users = 'import pwd; print(*(user.pw_name for user in pwd.getpwall()))';
    const all = await engine.dockerRun({ image: tag, args: ['-c', users], ...locked });
    assert.deepEqual(all.stdout.trim().split(' ').sort(), ['app', 'nobody', 'nonroot', 'root']);
  });

  test('files: { image: } takes files and folders out of other images, from the store or a file', async () => {
    const file = `docker-archive:${builder.folder}/box.tar`;
    await builder.build('examples/busybox.yaml', { outputs: ['store:box', file] });
    const config = await builder.write(
      'copied.yaml',
      `
files:
  - { image: store:box, source: /usr/bin/sh, path: /sh }
  - { image: store:box, source: /usr/bin/busybox, path: /bin/ }
  - { image: "${file}", source: /usr/share/common-licenses, path: /licenses, owner: "7:8", ignore: ["GPL-*"] }
entrypoint: [/bin/busybox]
`,
    );
    const { tag, paths } = await builder.build(config, { engine });
    const all = [...paths.values()].flat().map(({ path }) => path);
    assert.ok(all.includes('licenses/GPL') && !all.includes('licenses/GPL-3'));
    assert.deepEqual(
      all.filter((path) => !path.startsWith('licenses/')),
      ['bin', 'licenses', 'bin/busybox', 'sh'],
    );
    const script =
      'stat -c "%A %u:%g %N" /bin/busybox /sh /licenses /licenses/BSD /licenses/LGPL; head -n 1 /licenses/BSD';
    const answer = await engine.dockerRun({ image: tag, args: ['sh', '-c', script], ...locked });
    assert.deepEqual(answer.stdout.split('\n'), [
      '-rwxr-xr-x 0:0 /bin/busybox',
      // A source that is itself a link means what it points to, as with `COPY --from`.
      '-rwxr-xr-x 0:0 /sh',
      'drwxr-xr-x 7:8 /licenses',
      '-rw-r--r-- 7:8 /licenses/BSD',
      "lrwxrwxrwx 7:8 '/licenses/LGPL' -> 'LGPL-3'",
      'Copyright (c) The Regents of the University of California.',
      '',
    ]);
  });

  test('special-permissions: keeps what it names; all other set-user-id and set-group-id bits go', async () => {
    const config = await builder.write(
      'special.yaml',
      `
from: debian/trixie
packages: [busybox-static, passwd]
special-permissions: [/usr/bin/passwd, /usr/bin/chage]
`,
    );
    const specialPermissions = ['/usr/bin/passwd', '/usr/bin/chage'];
    const { tag, platforms } = await builder.build(config, { engine, specialPermissions });
    const stripped = platforms[0]?.stripped.map(({ path }) => path) ?? [];
    assert.ok(stripped.includes('/usr/bin/chsh') && stripped.includes('/usr/bin/expiry'));
    assert.ok(!specialPermissions.some((path) => stripped.includes(path)));
    const files = ['passwd', 'chage', 'chsh', 'expiry'].map((name) => `/usr/bin/${name}`);
    const stat = await engine.dockerRun({
      image: tag,
      ...shell,
      args: ['stat', '-c', '%a %U:%G', ...files],
      ...locked,
    });
    assert.equal(stat.stdout, '4755 root:root\n2755 root:shadow\n755 root:root\n755 root:shadow\n', stat.stderr);
    const args = ['find', '/', '-xdev', '-perm', '/6000'];
    const found = await engine.dockerRun({ image: tag, ...shell, args, user: '0', network: 'none' });
    assert.equal(found.stdout, '/usr/bin/chage\n/usr/bin/passwd\n');
  });

  test('accounts:, paths: and env: are there as they are written', async () => {
    await builder.write('tree/run.sh', 'echo "$GREETING from $(pwd)"\n');
    await builder.write('tree/left.log', 'out');
    await builder.write('tree/.dockerignore', 'secret\n.dockerignore\n');
    await builder.write('tree/secret', 'out');
    const config = await builder.write('accounts.yaml', accountsYaml);
    const { tag } = await builder.build(config, { engine });
    const { Config } = await inspect(tag);
    // Engines look up the other groups of a bare uid only.
    assert.deepEqual([Config.User, Config.WorkingDir, Config.StopSignal], ['1000', '/srv/app', 'SIGINT']);
    assert.deepEqual(Config.ExposedPorts, { '53/udp': {}, '8080/tcp': {} });
    assert.deepEqual(Config.Volumes, { '/data': {} });
    assert.deepEqual(Config.Labels, { 'org.example.team': 'one' });
    const script = [
      'id; busybox sh run.sh; cd /; cat /data/link; echo x > /data/new; echo x > /srv/app/new',
      'stat -c "%h %n" /data/note /data/hard; stat -c "%U:%G %n" /usr/share/common-licenses/BSD /usr/share/doc',
      'stat -c "%A %U:%G %n" /data /data/note /srv /srv/app /srv/app/run.sh /home/app',
      'grep -c . /etc/passwd; ls /srv/app; cat /etc/shadow',
    ];
    const args = ['sh', '-c', script.join('; ')];
    const answer = await engine.dockerRun({ image: tag, ...shell, args, capDrop: true });
    assert.deepEqual(answer.stdout.split('\n'), [
      'uid=1000(app) gid=1000(app) groups=1000(app),3000(media)',
      'hello from /srv/app',
      'a note',
      '2 /data/note',
      '2 /data/hard',
      'worker:worker /usr/share/common-licenses/BSD',
      'root:root /usr/share/doc',
      'drwxrwx--- root:media /data',
      '-rw-r----- worker:media /data/note',
      'drwxr-xr-x root:root /srv',
      'drwxr-xr-x app:app /srv/app',
      '-rw-r--r-- app:app /srv/app/run.sh',
      'drwx------ app:app /home/app',
      '5',
      'new',
      'run.sh',
      '',
    ]);
    assert.match(answer.stderr, /^cat: can't open '\/etc\/shadow': No such file or directory$/m);
  });

  test('on: a file that Docker saved, with a .deb of our own, whose file capability stays where it may', async () => {
    const base = await builder.build('examples/python.yaml', { engine });
    const saved = `${builder.folder}/saved.tar`;
    assert.equal((await engine.docker(['save', '--output', saved, base.tag])).status, 0);
    const capability = new Uint8Array(Buffer.from('0100000200040000000000000000000000000000', 'hex'));
    const files = Object.fromEntries(
      ['usr/bin/kept', 'usr/bin/lost'].map((path) => [
        path,
        { content: '', mode: 0o755, xattrs: new Map([['security.capability', capability]]) },
      ]),
    );
    const deb = makeDeb({ name: 'capable', files: { 'usr/': '', 'usr/bin/': '', ...files } });
    await builder.write('capable.deb', deb);
    const text = `on: docker-archive:${saved}\npackages: [./capable.deb]\nspecial-permissions: [/usr/bin/kept]\n`;
    const config = await builder.write('capable.yaml', text);
    const { tag, platforms } = await builder.build(config, { engine, specialPermissions: ['/usr/bin/kept'] });
    assert.deepEqual(
      platforms[0]?.packages.map(({ name }) => name),
      ['capable'],
    );
    assert.deepEqual(
      platforms[0]?.layers.map(({ diffId }) => diffId).slice(0, -1),
      base.platforms[0]?.layers.map(({ diffId }) => diffId),
    );
    const program = 'import os; print(*(os.listxattr(f"/usr/bin/{name}") for name in ["kept", "lost"]))';
    const answer = await engine.dockerRun({ image: tag, args: ['-c', program], ...locked });
    assert.deepEqual([answer.stdout, answer.stderr], ["['security.capability'] []\n", '']);
  });

  test('bookworm, whose base-files has folders where trixie has links, runs from zstd layers', async () => {
    const config = await builder.write(
      'bookworm.yaml',
      'from: debian/bookworm\npackages: [python3]\ncompression: zstd\nentrypoint: [/usr/bin/python3]\n',
    );
    const { tag, paths } = await builder.build(config, { engine });
    const links = [...paths.values()].flat().filter(({ path, type }) => type === 'symlink' && !path.includes('/'));
    assert.deepEqual(
      links.map(({ path, linkTarget }) => `${path} ${linkTarget}`),
      ['bin usr/bin', 'lib usr/lib', 'lib64 usr/lib64', 'sbin usr/sbin'],
    );
    const answer = await engine.dockerRun({
      image: tag,
      args: ['-c', 'import ssl, sys, os; print(*sys.version_info[:2], os.getuid())'],
      ...locked,
    });
    assert.deepEqual([answer.stdout, answer.stderr], ['3 11 65532\n', '']);
  });

  test('an image of many layers runs as one of a single layer does, and a changed application is one layer', async () => {
    const config = async (layers: string, program: string) => {
      await builder.write('layered/main.py', program);
      const what = 'from: debian/trixie\npackages: [python3, ca-certificates]\nfiles: ["./layered:/app"]\n';
      const how = `entrypoint: [/usr/bin/python3, /app/main.py]\nlayers: ${layers}\n`;
      return builder.write('layered.yaml', `${what}${how}`);
    };
    const diffIds = (build: TestBuild) => build.platforms[0]?.layers.map(({ diffId }) => diffId) ?? [];
    const secure = 'import ssl, sqlite3; print(ssl.create_default_context().cert_store_stats()["x509_ca"] > 100)';
    for (const layers of ['package', '{ budget: 8 }']) {
      const first = await builder.build(await config(layers, secure), { engine });
      const answer = await engine.dockerRun({ image: first.tag, ...locked });
      assert.deepEqual([answer.stdout, answer.stderr], ['True\n', '']);
      assert.deepEqual((await inspect(first.tag)).RootFS.Layers, diffIds(first));
      const second = await builder.build(await config(layers, 'print("second")'), { engine });
      assert.deepEqual(diffIds(second).slice(0, -1), diffIds(first).slice(0, -1));
      assert.notEqual(diffIds(second).at(-1), diffIds(first).at(-1));
      assert.equal((await engine.dockerRun({ image: second.tag, ...locked })).stdout, 'second\n');
    }
  });

  async function inspect(image: string) {
    const { stdout, stderr } = await engine.docker(['inspect', image]);
    assert.ok(stdout.startsWith('['), stderr);
    return JSON.parse(stdout)[0];
  }
});

const accountsYaml = `
from: debian/trixie
packages: [busybox-static]
dependencies: none
accounts:
  groups: [{ name: media, gid: 3000 }]
  users:
    - { name: app, uid: 1000, home: /home/app, groups: [media] }
    - worker
files:
  - { source: ./tree, path: /srv/app, owner: app, ignore: ["*.log"] }
paths:
  - { path: /data, type: directory, owner: "root:media", mode: 0770 }
  - { path: /data/note, content: "a note\\n", owner: "worker:media", mode: 0640 }
  - { path: /data/link, link: note }
  - { path: /data/hard, hardlink: /data/note }
  - { path: /usr/share/common-licenses, owner: worker, recursive: true }
env: { GREETING: hello }
user: app
workdir: /srv/app
ports: [8080, 53/udp]
volumes: [/data]
labels: { org.example.team: one }
stop-signal: SIGINT
`;
