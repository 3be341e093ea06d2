/** What diff tells of images of Debian's real packages, held against GNU diff, find and diffoscope over what umoci unpacked. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { FileChange, FileDifference, ImageDifference } from '../../src/index.ts';
import { lackingArchive } from '../support/builder.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import { lacking } from '../support/need.ts';

const skip = lackingArchive || lacking({ commands: ['umoci', 'diff', 'find'], root: true });

describe('diff of trixie and bookworm', { skip }, () => {
  let user: TestUser;
  let difference: ImageDifference;

  before(async () => {
    user = await startUser();
    await user.write('a/app/conf', 'port: 80\n');
    await user.write('a/app/old/data', 'data that moves\n');
    await user.write('a/app/same', 'same\n');
    await user.write('b/app/conf', 'port: 8080\n');
    await user.write('b/app/new/data', 'data that moves\n');
    await user.write('b/app/same', 'same\n', 0o755);
    for (const [name, suite] of [
      ['a', 'trixie'],
      ['b', 'bookworm'],
    ] as const) {
      await user.write(
        `${name}/slimimage.yaml`,
        [
          `name: ${name}`,
          `from: debian/${suite}`,
          'packages: [curl, ca-certificates]',
          'platforms: [linux/amd64]',
          'files:',
          '  - { source: ./app, path: /opt/app }',
          ...(name === 'a' ? ['env: { MODE: one }'] : ['env: { MODE: two }', 'user: "1000"']),
          '',
        ].join('\n'),
      );
      await user.succeed(['build', name, '--quiet']);
      await user.succeed(['copy', `store:${name}`, `oci:./${name}-layout:image`, '--quiet']);
      run('umoci', 'unpack', '--image', `${name}-layout:image`, `${name}-bundle`);
    }
    difference = await ask<ImageDifference>(['store:a', 'oci:./b-layout:image']);
  });
  after(() => user[Symbol.asyncDispose]());

  async function ask<T>(argv: readonly string[]): Promise<T> {
    const { stdout } = await user.succeed(['diff', ...argv, '--format', 'json', '--quiet']);
    return JSON.parse(stdout) as T;
  }

  function run(command: string, ...args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: user.folder,
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      maxBuffer: 256 * 1024 * 1024,
    });
    // diff and diffoscope: 1 says that there are differences.
    assert.ok(status === 0 || status === 1, `${command} ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  function paths(select: (change: FileChange) => boolean): readonly string[] {
    return difference.files.changes.filter(select).map(({ path }) => path);
  }

  const isOther = ({ change, aspects }: FileChange) =>
    change === 'changed' && aspects.some((aspect) => ['content', 'link', 'type'].includes(aspect));

  test('the files that differ and those on one side alone are those of diff -r --no-dereference', () => {
    const text = run('diff', '-r', '--no-dereference', '--brief', 'a-bundle/rootfs', 'b-bundle/rootfs');
    const lines = text.trimEnd().split('\n');
    const differ: string[] = [];
    const only: string[] = [];
    for (const line of lines) {
      const both = /^(?:Files|Symbolic links) a-bundle\/rootfs(\S+) and \S+ differ$/.exec(line);
      const one = /^Only in ([ab])-bundle\/rootfs([^:]*): (.+)$/.exec(line);
      if (both !== null) differ.push(both[1] ?? '');
      else if (one !== null) only.push(`${one[1]} ${one[2]}/${one[3]}`);
      else assert.fail(line);
    }
    assert.ok(differ.length > 200 && only.length > 50, `${differ.length}, ${only.length}`);
    assert.deepEqual(paths(isOther).toSorted(), differ.toSorted());
    const { changes } = difference.files;
    const gone = changes.flatMap(({ change, path, movedFrom }) => movedFrom ?? (change === 'removed' ? path : []));
    const come = changes.flatMap(({ change, path }) => (change === 'added' || change === 'moved' ? path : []));
    // diff tells of a folder and of nothing in it.
    const top = (side: string, all: readonly string[]) => {
      const set = new Set(all);
      return all.filter((path) => !set.has(path.replace(/\/[^/]*$/, ''))).map((path) => `${side} ${path}`);
    };
    assert.deepEqual([...top('a', gone), ...top('b', come)].sort(), only.toSorted());
  });

  test('modes and owners that differ are those of find', () => {
    const facts = (side: string) => {
      const lines = run('find', `${side}-bundle/rootfs`, '-mindepth', '1', '-printf', '/%P\\t%y\\t%m\\t%U:%G\\n');
      return new Map(
        lines
          .trimEnd()
          .split('\n')
          .map((line) => {
            const [path = '', type = '', mode = '', owner = ''] = line.split('\t');
            return [path, { type, mode, owner }] as const;
          }),
      );
    };
    const [before, fresh] = [facts('a'), facts('b')];
    const expected = [...before].flatMap(([path, { type, mode, owner }]) => {
      const other = fresh.get(path);
      if (other === undefined || other.type !== type) return [];
      const aspects = [...(other.mode === mode ? [] : ['mode']), ...(other.owner === owner ? [] : ['owner'])];
      return aspects.length === 0 ? [] : [`${path} ${aspects.join(' ')}`];
    });
    const told = difference.files.changes
      .filter(({ change }) => change === 'changed')
      .map(({ path, aspects }) => [path, ...aspects.filter((one) => one === 'mode' || one === 'owner')])
      .filter((words) => words.length > 1)
      .map((words) => words.join(' '));
    assert.ok(told.includes('/opt/app/same mode'));
    assert.deepEqual(told.toSorted(), expected.toSorted());
  });

  test('diffoscope finds the same files in etc, opt and var', { skip: lacking({ commands: ['diffoscope'] }) }, () => {
    interface Report {
      readonly source1: string;
      readonly details?: readonly Report[];
    }
    const filesOf = ({ source1, details = [] }: Report): readonly string[] => [source1, ...details.flatMap(filesOf)];
    for (const folder of ['etc', 'opt', 'var']) {
      const sides = ['a', 'b'].map((side) => `${side}-bundle/rootfs/${folder}`);
      const report = run('diffoscope', '--exclude-directory-metadata=recursive', '--json', '-', ...sides);
      const names = filesOf(JSON.parse(report) as Report).flatMap((source) => {
        const [, path] = /^a-bundle\/rootfs(\/.+)$/.exec(source) ?? [];
        return path === undefined ? [] : [path];
      });
      const isBelow = (path: string) => path.startsWith(`/${folder}/`);
      const listed = new Set(names.filter(isBelow));
      // Folders of which something came or went are in its report, too; ld.so.cache it reads by ldconfig, which sees nothing of it.
      const told = paths((change) => isOther(change) && isBelow(change.path) && change.path !== '/etc/ld.so.cache');
      const more = [...listed].filter((path) => !told.includes(path) && isFile(path));
      assert.ok(told.length > 0, folder);
      assert.deepEqual(
        [told.filter((path) => !listed.has(path)), more.filter((path) => path !== '/etc/ld.so.cache')],
        [[], []],
      );
    }
  });

  function isFile(path: string): boolean {
    return spawnSync('test', ['-f', join(user.folder, 'a-bundle/rootfs', path)]).status === 0;
  }

  test('packages are those of the two lists, with their versions in order', () => {
    const changed = new Map(difference.packages.map(({ name, change }) => [name, change]));
    assert.equal(changed.get('curl'), 'downgraded');
    assert.equal(changed.get('libcurl4t64'), 'removed');
    assert.equal(changed.get('libcurl4'), 'added');
    const lists = ['a', 'b'].map((side) =>
      run('sh', '-c', `cd ${side}-bundle/rootfs/var/lib/dpkg/status.d && ls | grep -v md5sums`).trimEnd().split('\n'),
    );
    const [before = [], fresh = []] = lists;
    assert.deepEqual(
      [...changed].filter(([, change]) => change === 'added').map(([name]) => name),
      fresh.filter((name) => !before.includes(name)).sort(),
    );
    assert.deepEqual(
      [...changed].filter(([, change]) => change === 'removed').map(([name]) => name),
      before.filter((name) => !fresh.includes(name)).sort(),
    );
  });

  test('what nobody upgraded stands apart: a handful of files', () => {
    const unexplained = difference.files.changes.filter(({ explainedBy }) => explainedBy === undefined);
    const own = unexplained.filter(({ path }) => path.startsWith('/opt/app'));
    assert.deepEqual(
      own.map(({ change, path }) => `${change} ${path}`),
      ['changed /opt/app/conf', 'moved /opt/app/new', 'moved /opt/app/new/data', 'changed /opt/app/same'],
    );
    assert.ok(unexplained.length < 20, `${unexplained.map(({ path }) => path).join(' ')}`);
    assert.deepEqual(
      difference.config.map(({ key, name, from, to }) => [key, name, from, to]),
      [
        ['user', undefined, '65532:65532', '1000:0'],
        ['env', 'MODE', 'one', 'two'],
      ],
    );
    assert.ok(difference.findings?.gained.some(({ rule }) => rule === 'end-of-life'));
  });

  test('--path says of a text what diff -u says, and of a program what its loader sees', async () => {
    const { content } = await ask<FileDifference>(['store:a', 'store:b', '--path', '/etc/os-release']);
    assert.ok(content.type === 'text');
    const theirs = run('diff', '-u', 'a-bundle/rootfs/usr/lib/os-release', 'b-bundle/rootfs/usr/lib/os-release');
    const hunks = (patch: string) => patch.split('\n').slice(2).join('\n');
    assert.equal(hunks(content.patch), hunks(theirs));
    const curl = await ask<FileDifference>(['store:a', 'store:b', '--path', '/usr/bin/curl']);
    assert.ok(curl.content.type === 'binary');
    assert.deepEqual([...new Set(curl.content.program.map(({ fact }) => fact))], ['versions-needed']);
  });

  test('an image and itself, elsewhere', async () => {
    const { stdout } = await user.succeed(['diff', 'store:a', 'oci:./a-layout:image', '--exit-code', '--quiet']);
    assert.match(stdout, /\nno difference: both are sha256:[0-9a-f]{64}\n$/);
    await user.succeed(['copy', 'store:a', 'docker-archive:a.tar', '--quiet']);
    const archive = await ask<ImageDifference>(['store:a', 'docker-archive:a.tar']);
    assert.deepEqual([archive.same, archive.layers.shared.count], [true, archive.layers.to.length]);
  });
});
