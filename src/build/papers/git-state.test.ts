import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { lacking } from '../../../test/support/need.ts';
import { publicRemote } from './git-remote.ts';
import { type CheckedOut, gitState } from './git-state.ts';

const home = mkdtempSync(join(tmpdir(), 'slimimage-git-'));
const env = { PATH: process.env['PATH'], HOME: home };

describe('the commit of a folder', { skip: lacking({ commands: ['git'] }) }, () => {
  after(() => rmSync(home, { recursive: true }));

  test('is told of a clean checkout, with its remote', async () => {
    const repository = makeRepository('clean', { 'app/main.py': 'a', 'app/run': 'b', other: 'c' });
    git(repository, 'remote', 'add', 'origin', 'https://user:secret@example.org/app.git');
    const state = { commit: head(repository), remote: 'https://example.org/app.git' };
    assert.deepEqual(await ask({ folder: join(repository, 'app'), paths: ['main.py', 'run'] }), state);
    assert.deepEqual(await ask({ folder: repository, paths: ['app/main.py'] }), state);
    assert.deepEqual(await ask({ folder: repository, only: 'other', paths: ['other'] }), state);
  });

  test('is not told of what is no longer, or not only, that commit', async () => {
    const changes: Readonly<Record<string, (folder: string) => void>> = {
      'a changed file': (folder) => writeFileSync(join(folder, 'a'), 'changed'),
      'a changed file of the same size': (folder) => writeFileSync(join(folder, 'a'), 'b'),
      'a changed file that stays out of the image': (folder) => writeFileSync(join(folder, '.dockerignore'), 'x'),
      'a removed file': (folder) => rmSync(join(folder, 'b')),
      'an executable bit': (folder) => chmodSync(join(folder, 'a'), 0o755),
      'a file that became a link': (folder) => {
        writeFileSync(join(folder, '..', 'target'), 'a');
        rmSync(join(folder, 'a'));
        symlinkSync('../target', join(folder, 'a'));
      },
      'a link elsewhere': (folder) => {
        rmSync(join(folder, 'link'));
        symlinkSync('b', join(folder, 'link'));
      },
    };
    for (const [what, change] of Object.entries(changes)) {
      const folder = makeRepository(what.replaceAll(' ', '-'), { a: 'a', b: 'bb', '.dockerignore': 'b' });
      assert.notEqual(await ask({ folder, paths: ['a', 'link'] }), undefined, `before ${what}`);
      change(folder);
      assert.equal(await ask({ folder, paths: ['a', 'link'] }), undefined, what);
    }
  });

  test('is not told where an untracked file goes into the image, ignored by git or not', async () => {
    const folder = makeRepository('untracked', { a: 'a', '.gitignore': 'ignored\n' });
    for (const name of ['ignored', 'new']) writeFileSync(join(folder, name), 'x');
    assert.equal(await ask({ folder, paths: ['a', 'ignored'] }), undefined);
    assert.equal(await ask({ folder, paths: ['a', 'new'] }), undefined);
    assert.equal((await ask({ folder, paths: ['a'] }))?.commit, head(folder));
  });

  test('is told of worktrees, shallow clones and sparse checkouts', async () => {
    const origin = makeRepository('origin', { 'in/a': 'a', 'out/b': 'b' });
    const worktree = join(home, 'worktree');
    git(origin, 'worktree', 'add', '-q', worktree);
    const shallow = join(home, 'shallow');
    git(home, 'clone', '-q', '--depth', '1', `file://${origin}`, shallow);
    const sparse = join(home, 'sparse');
    git(home, 'clone', '-q', '--sparse', `file://${origin}`, sparse);
    git(sparse, 'sparse-checkout', 'set', 'in');
    assert.equal(existsSync(join(sparse, 'out')), false);
    for (const folder of [worktree, shallow, sparse])
      assert.deepEqual(await ask({ folder, paths: ['in/a'] }), { commit: head(origin), remote: undefined }, folder);
  });

  test('of a submodule counts where its files go into the image', async () => {
    const part = makeRepository('part', { b: 'b' });
    const whole = makeRepository('whole', { a: 'a' });
    git(whole, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', part, 'part');
    git(whole, 'commit', '-qm', 'part');
    const paths = ['a', 'part/b'];
    assert.equal((await ask({ folder: whole, paths }))?.commit, head(whole));
    writeFileSync(join(whole, 'part/b'), 'changed');
    assert.equal(await ask({ folder: whole, paths }), undefined);
    assert.equal((await ask({ folder: whole, paths: ['a'] }))?.commit, head(whole));
    git(join(whole, 'part'), 'commit', '-qam', 'changed');
    assert.equal(await ask({ folder: whole, paths }), undefined);
  });

  test('is not told without a repository, a commit or a git', async () => {
    const plain = join(home, 'plain');
    mkdirSync(plain);
    writeFileSync(join(plain, 'a'), 'a');
    assert.equal(await ask({ folder: plain, paths: ['a'] }), undefined);
    git(plain, 'init', '-q');
    assert.equal(await ask({ folder: plain, paths: ['a'] }), undefined);
    assert.equal(await gitState({ folder: plain, paths: ['a'] }, { env: { PATH: '' } }), undefined);
  });

  test('is asked for without running anything that a repository names', async () => {
    const folder = makeRepository('hostile', { a: 'a', '.gitattributes': '* filter=evil diff=evil merge=evil\n' });
    const mark = join(home, 'ran');
    const script = join(folder, '.git', 'evil');
    writeFileSync(script, `#!/bin/sh\necho "$0 $*" >> ${mark}\ncat\n`, { mode: 0o755 });
    const settings = {
      'core.fsmonitor': script,
      'core.hooksPath': join(folder, '.git'),
      'core.pager': script,
      'core.sshCommand': script,
      'core.editor': script,
      'core.askPass': script,
      'credential.helper': script,
      'filter.evil.clean': script,
      'filter.evil.smudge': script,
      'filter.evil.process': script,
      'diff.evil.textconv': script,
      'diff.evil.command': script,
      'diff.external': script,
      'alias.ls-tree': `!${script}`,
      'remote.origin.url': 'ext::sh -c evil',
      'remote.origin.promisor': 'true',
      'remote.origin.uploadpack': script,
      'extensions.partialClone': 'origin',
      'uploadpack.packObjectsHook': script,
      'gpg.program': script,
    };
    for (const [name, value] of Object.entries(settings)) git(folder, 'config', name, value);
    for (const hook of ['post-index-change', 'fsmonitor-watchman', 'post-checkout', 'reference-transaction'])
      writeFileSync(join(folder, '.git', 'hooks', hook), `#!/bin/sh\necho ${hook} >> ${mark}\n`, { mode: 0o755 });
    // A program of that name in the folder is none either, whatever PATH says of the present folder.
    writeFileSync(join(folder, 'git'), `#!/bin/sh\necho git >> ${mark}\n`, { mode: 0o755 });
    const hostileEnv = { ...env, PATH: `.::${env.PATH}`, GIT_EXTERNAL_DIFF: script, GIT_SSH_COMMAND: script };
    const answer = await gitState({ folder, paths: ['a'] }, { env: hostileEnv });
    assert.equal(answer?.remote, undefined);
    assert.equal(answer?.commit, head(folder));
    assert.equal(existsSync(mark), false, 'something ran');
    // The traps are set: whoever asks without care walks into them.
    spawnSync('git', ['status'], { cwd: folder, env });
    assert.equal(existsSync(mark), true);
    rmSync(mark);
    // What is missing would be fetched.
    const blob = git(folder, 'rev-parse', 'HEAD^{tree}').trim();
    rmSync(join(folder, '.git/objects', blob.slice(0, 2), blob.slice(2)), { force: true });
    assert.equal(await gitState({ folder, paths: ['a'] }, { env: hostileEnv }), undefined);
    assert.equal(existsSync(mark), false, 'something ran');
  });
});

test('a remote is told without credentials, and only where others could use it', () => {
  const remotes: Readonly<Record<string, string | undefined>> = {
    'https://example.org/a.git': 'https://example.org/a.git',
    'https://user:token@example.org/a.git?x=secret#y': 'https://example.org/a.git',
    'https://token@example.org:8443/a.git': 'https://example.org:8443/a.git',
    'ssh://git@example.org/a.git': 'ssh://git@example.org/a.git',
    'ssh://me:pw@example.org/a.git': 'ssh://example.org/a.git',
    'git@example.org:group/a.git': 'git@example.org:group/a.git',
    'me@example.org:a.git': 'example.org:a.git',
    'a_b:secret@example.org:a.git': undefined,
    'me@a_b:secret@example.org:a.git': undefined,
    '/srv/git/a.git': undefined,
    '../a.git': undefined,
    'file:///srv/git/a.git': undefined,
    'ext::sh -c evil': undefined,
    '': undefined,
  };
  const told = Object.fromEntries(Object.keys(remotes).map((remote) => [remote, publicRemote(remote)]));
  assert.deepEqual(told, remotes);
});

function ask(checkedOut: CheckedOut) {
  return gitState(checkedOut, { env });
}

/** A repository with one commit of these files, and a link to `a`. */
function makeRepository(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(home, name);
  mkdirSync(folder);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  symlinkSync('a', join(folder, 'link'));
  git(folder, 'init', '-q');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', 'all');
  return folder;
}

function head(folder: string): string {
  return git(folder, 'rev-parse', 'HEAD').trim();
}

function git(cwd: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'init.defaultBranch=main'];
  const answer = spawnSync('git', [...identity, ...args], {
    cwd,
    env: { ...env, GIT_CONFIG_NOSYSTEM: '1' },
    encoding: 'utf8',
  });
  assert.equal(answer.status, 0, answer.stderr);
  return answer.stdout;
}
