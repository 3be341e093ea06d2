/** Archives of which one stanza is wrong: the rest is usable, and a refusal says what is wrong with which package. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { archiveConfig } from '../support/archive-config.ts';
import { startArchive, type TestArchive } from '../support/archive-server.ts';
import { startUser, type TestUser } from '../support/cli.ts';

let user: TestUser;
let archive: TestArchive;

before(async () => {
  user = await startUser();
});

beforeEach(async () => {
  archive = await startArchive();
});

afterEach(async () => {
  await archive[Symbol.asyncDispose]();
});

after(async () => {
  await user[Symbol.asyncDispose]();
});

/** Publishes `good`, `app` that needs `weird | good`, and a `weird` whose stanza is edited. */
async function publish(edit: (stanza: string) => string): Promise<void> {
  await archive.publish({
    date: new Date(),
    components: {
      main: [{ name: 'good' }, { name: 'app', fields: { Depends: 'weird | good' } }, { name: 'weird' }],
    },
    edit: (stanza) => (stanza.startsWith('Package: weird\n') ? edit(stanza) : stanza),
  });
}

async function resolve(...packages: readonly string[]): Promise<string> {
  await user.write('slimimage.yaml', archiveConfig(archive, packages));
  const { status, stdout, stderr } = await user.run(['resolve', '--quiet']);
  if (status !== 0) return `${status} ${stderr}`;
  return [...stdout.matchAll(/^ +[0-9.]+ .?B +(\S+)/gm)].map(([, name]) => name).join(' ');
}

test('a field that cannot be read', async () => {
  await publish((stanza) => stanza.replace('\n', '\nDepends: lib (>=\n'));
  assert.equal(await resolve('app'), 'app good');
  assert.equal(
    await resolve('weird'),
    `2 error: weird 1.0-1 cannot be installed: its stanza in own trixie cannot be read
  Depends of weird: "lib (>=" is no package relation
hint: leave out weird, or have the archive own repaired
`,
  );
});

test('a package without a sum that can be trusted is refused before anything is fetched', async () => {
  await publish((stanza) => stanza.replace(/\nSHA256: .*/, '\nMD5sum: d41d8cd98f00b204e9800998ecf8427e'));
  assert.equal(await resolve('good'), 'good');
  assert.equal(
    await resolve('weird'),
    `3 error: weird 1.0-1 (amd64) cannot be verified: the index of own trixie lists it without its SHA256
hint: leave it out, take it from another archive, or have that one repaired
`,
  );
});

test('a stanza beyond the limit', async () => {
  await publish((stanza) => stanza.replace('\n', `\nNote: ${'x'.repeat(5_000_000)}\n`));
  assert.match(
    await resolve('good'),
    /^3 error: The index own trixie main\/binary-amd64\/Packages cannot be used: the stanza at byte \d+ of a Packages file has more than 4194304 bytes\nhint: leave that archive out, or have it repaired\n$/,
  );
});
