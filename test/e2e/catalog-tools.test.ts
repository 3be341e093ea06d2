import assert from 'node:assert/strict';
import { chmod, mkdir } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { lackingArchive } from '../support/builder.ts';
import { type CatalogImages, eventually, startCatalog } from '../support/catalog-images.ts';
import { lackingDocker } from '../support/engine.ts';

describe('bases and tools of the catalogue', { skip: lackingDocker || lackingArchive }, () => {
  let catalog: CatalogImages;
  before(async () => {
    catalog = await startCatalog();
  });
  after(() => catalog?.[Symbol.asyncDispose]());

  /** A folder that any user of a container may write to. */
  async function writable(name: string): Promise<string> {
    const folder = `${catalog.folder}/${name}`;
    await mkdir(folder);
    await chmod(folder, 0o777);
    return folder;
  }

  test('static: a static program finds certificates, time zones and its account, and no libc is there', async () => {
    const image = await catalog.build('static-debug');
    const script = [
      'id -un; grep -c BEGIN "$SSL_CERT_FILE" | grep -q ... && echo authorities',
      'TZ=:/usr/share/zoneinfo/Asia/Tokyo date -d @0 +%H; grep -w ^https /etc/services | head -n 1',
      'ls /usr/lib /usr/lib/*-linux-gnu 2>/dev/null | grep "^libc" || echo none',
    ];
    const lines = (await catalog.run(image, ['-c', script.join('\n')])).split('\n');
    assert.deepEqual(lines.slice(0, 3), ['nonroot', 'authorities', '09']);
    assert.match(lines[3] ?? '', /^https\s+443\/tcp/);
    assert.equal(lines[4], 'none');
  });

  test('base: a dynamically linked program finds its account and services, and TLS trusts a private authority', async () => {
    const image = await catalog.build('base', 'packages: [libc-bin, openssl]\n');
    const getent = { entrypoint: '/usr/bin/getent' };
    assert.match(await catalog.run(image, ['passwd', '65532'], getent), /^nonroot:x:65532:65532:/);
    assert.match(await catalog.run(image, ['services', 'https'], getent), /^https +443\/tcp/);
    const args = ['s_client', '-connect', new URL(catalog.url).host, '-verify_return_error', '-brief', '-ign_eof'];
    const openssl = { image, entrypoint: '/usr/bin/openssl', network: 'host', readOnly: true, capDrop: true } as const;
    const answer = await catalog.engine.dockerRun({ ...openssl, args: [...args, '-no_ign_eof'] });
    assert.match(answer.stderr, /^Verification: OK$/m);
    const iconv = { entrypoint: '/usr/bin/iconv' };
    assert.equal(await catalog.run(image, ['-f', 'UTF-8', '-t', 'ISO-8859-1', '/dev/null'], iconv), '');
  });

  test('cc: a program of C++ runs', async () => {
    const image = await catalog.build('cc', 'packages: [gperf]\n');
    const words = await catalog.write('words', 'one\ntwo\nthree\n');
    const options = { entrypoint: '/usr/bin/gperf', volumes: [`${words}:/words:ro`] };
    assert.match(await catalog.run(image, ['/words'], options), /^in_word_set \(/m);
  });

  test('dotnet-deps: ICU, OpenSSL and Kerberos are where .NET looks for them', async () => {
    // perl-base brings libc6 and libcrypt1 alone, and opens what it is told.
    const image = await catalog.build('dotnet-deps', 'packages: [icu-devtools, perl-base]\n');
    const text = await catalog.write('text', 'straße\n');
    const options = { entrypoint: '/usr/bin/uconv', volumes: [`${text}:/text:ro`] };
    assert.equal(await catalog.run(image, ['-x', 'any-upper', '/text'], options), 'STRASSE\n');
    const libraries = 'crypto.so.3 ssl.so.3 gssapi_krb5.so.2 icuuc.so.76 icui18n.so.76 stdc++.so.6 gcc_s.so.1 z.so.1';
    const open = `use DynaLoader; DynaLoader::dl_load_file("lib$_", 1) or print DynaLoader::dl_error() for qw(${libraries});`;
    assert.equal(await catalog.run(image, ['-e', open], { entrypoint: '/usr/bin/perl' }), '');
  });

  test('git: a commit, a clone, a submodule', async () => {
    const image = await catalog.build('git');
    const script = `
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
git init -q -b main one && cd one && echo hello >file && git add file && git commit -qm first
cd .. && git clone -q "file://$PWD/one" two && cat two/file
one=$PWD/one && cd two && git -c protocol.file.allow=always submodule --quiet add "file://$one" below && git submodule status
git commit -qm second && git gc -q && git fsck && git log --format=%s`;
    const options = { entrypoint: '/bin/sh', tmpfs: ['/work:uid=65532,gid=65532', '/tmp'] };
    const lines = (await catalog.run(image, ['-ec', script], options)).trim().split('\n');
    assert.deepEqual([lines[0], ...lines.slice(-2)], ['hello', 'second', 'first']);
    assert.match(lines[1] ?? '', /^ [0-9a-f]{40} below \(heads\/main\)$/);
  });

  test('openssh-client: keys are made, a server is asked for its key, and refuses a stranger', async () => {
    const accepted = `accept:
  - { package: openssh-server, because: it runs without its configuration }
  - { package: libwtmpdb0, because: nobody logs in }
`;
    const image = await catalog.build('openssh-client', `packages: [openssh-server]\n${accepted}`);
    const made = await writable('ssh');
    await catalog.run(image, ['-q', '-t', 'ed25519', '-N', '', '-f', '/made/key'], {
      entrypoint: '/usr/bin/ssh-keygen',
      volumes: [`${made}:/made`],
    });
    const settings = ['UsePAM=no', 'PidFile=none', 'StrictModes=no'].flatMap((setting) => ['-o', setting]);
    const { name } = await catalog.start(image, {
      entrypoint: '/usr/sbin/sshd',
      args: ['-D', '-e', '-f', '/dev/null', '-p', '2222', '-h', '/made/key', ...settings],
      volumes: [`${made}:/made:ro`],
    });
    const beside = { image, network: `container:${name}`, readOnly: true, capDrop: true } as const;
    await eventually(async () => {
      const scan = { ...beside, entrypoint: '/usr/bin/ssh-keyscan', args: ['-p', '2222', '127.0.0.1'] };
      return /^\[127\.0\.0\.1\]:2222 ssh-ed25519 /m.test((await catalog.engine.dockerRun(scan)).stdout);
    }, 'sshd');
    const args = [
      '-p',
      '2222',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      'nobody@127.0.0.1',
    ];
    const stranger = await catalog.engine.dockerRun({ ...beside, args });
    assert.match(stranger.stderr, /Permission denied|Connection closed/);
    assert.equal(stranger.status, 255);
  });

  test('ffmpeg: a generated clip is encoded, and has its streams', async () => {
    const image = await catalog.build('ffmpeg');
    const volumes = [`${await writable('clip')}:/work`];
    const source = ['-f', 'lavfi', '-i', 'testsrc=d=1:s=128x96:r=10', '-f', 'lavfi', '-i', 'sine=d=1'];
    const args = ['-hide_banner', '-loglevel', 'error', ...source, '-c:v', 'libx264', '-c:a', 'aac', 'clip.mp4'];
    await catalog.run(image, args, { volumes });
    const probe = ['-v', 'error', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0', 'clip.mp4'];
    assert.equal(await catalog.run(image, probe, { entrypoint: '/usr/bin/ffprobe', volumes }), 'h264\naac\n');
  });

  test('debug variants begin with a shell', async () => {
    for (const name of ['base', 'cc', 'dotnet-deps', 'git', 'openssh-client', 'ffmpeg']) await catalog.shell(name);
  });
});
