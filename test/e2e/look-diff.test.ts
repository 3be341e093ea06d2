/** What diff tells of two images of the real Docker engine, held against diff(1), find, dpkg-query and diffoscope. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type LookScene, lackingLookScene, startLookScene } from '../support/look-scene.ts';
import { foundTree } from '../support/look-trees.ts';
import { lacking } from '../support/need.ts';

interface Difference {
  readonly same: boolean;
  readonly packages: readonly { readonly name: string; readonly change: string }[];
  readonly files: {
    readonly changes: readonly {
      readonly change: 'added' | 'removed' | 'changed' | 'moved';
      readonly path: string;
      readonly movedFrom?: string;
      readonly aspects: readonly string[];
    }[];
  };
}

const skip = lackingLookScene || lacking({ commands: ['diff', 'find', 'dpkg-query'] });

describe('diff of two images of the real Docker engine', { skip }, () => {
  let scene: LookScene;
  let difference: Difference;
  let from: string;
  let to: string;
  before(async () => {
    scene = await startLookScene(['layers']);
    difference = await scene.ask<Difference>(['diff', '--no-audit', scene.place('base'), scene.place('layers')]);
    [from, to] = [await scene.unpacked('base'), await scene.unpacked('layers')];
  });
  after(() => scene?.[Symbol.asyncDispose]());

  test('its files are those that find and diff -rq tell apart', () => {
    const ours = difference.files.changes.flatMap(({ change, path, movedFrom }) =>
      change === 'moved' ? [`added ${path}`, `removed ${movedFrom}`] : [`${change} ${path}`],
    );
    assert.deepEqual(ours.toSorted(), theirChanges().toSorted());
    assert.equal(difference.same, false);
  });

  test('its packages are those that dpkg-query tells apart', () => {
    const [old, now] = [from, to].map((root) => new Set(installed(root)));
    const added = [...(now ?? [])].filter((name) => old?.has(name) !== true);
    const removed = [...(old ?? [])].filter((name) => now?.has(name) !== true);
    const ours = (change: string) => difference.packages.filter((one) => one.change === change).map(({ name }) => name);
    assert.deepEqual([ours('added'), ours('removed')], [added.toSorted(), removed.toSorted()]);
    assert.ok(added.includes('libcap2-bin') && !added.includes('file'));
  });

  test('a text differs in the lines that diff -u shows', async () => {
    const places = [scene.place('base'), scene.place('layers')];
    const answer = await scene.ask<unknown>(['diff', '--path', '/etc/passwd', ...places]);
    const { stdout } = spawnSync('diff', ['-u', join(from, 'etc/passwd'), join(to, 'etc/passwd')], {
      encoding: 'utf8',
    });
    const lines = stdout.split('\n').filter((line) => /^[+-][^+-]/.test(line));
    assert.deepEqual(lines, ['+app:x:4000:4000::/home/app:/bin/bash']);
    for (const line of lines) assert.ok(JSON.stringify(answer).includes(JSON.stringify(line).slice(1, -1)), line);
  });

  test('diffoscope names the same files of /etc', { skip: lacking({ commands: ['diffoscope'] }) }, () => {
    const options = ['--json', '-', '--exclude-directory-metadata=recursive', '--no-progress'];
    const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' };
    const { stdout, stderr } = spawnSync('diffoscope', [...options, join(from, 'etc'), join(to, 'etc')], {
      ...{ env, encoding: 'utf8', maxBuffer: 1 << 28 },
    });
    assert.ok(stdout.startsWith('{'), stderr);
    const { details = [] } = JSON.parse(stdout) as { details?: { source1: string; source2: string }[] };
    const theirs = details.flatMap(({ source1 }) => (source1.startsWith(from) ? [source1.slice(from.length)] : []));
    const inEtc = difference.files.changes.filter(
      ({ change, path, aspects }) => change === 'changed' && path.startsWith('/etc/') && aspects.includes('content'),
    );
    assert.deepEqual(theirs.toSorted(), inEtc.map(({ path }) => path).toSorted());
    assert.ok(theirs.includes('/etc/passwd'));
  });

  function theirChanges(): readonly string[] {
    const [old, now] = [foundTree(from), foundTree(to)];
    const differing = contentsThatDiffer();
    const paths = [...new Set([...old.keys(), ...now.keys()])];
    return paths.flatMap((path) => {
      const [before, then] = [old, now].map((tree) => withoutTime(tree.get(path)));
      if (before === undefined) return [`added /${path}`];
      if (then === undefined) return [`removed /${path}`];
      return before !== then || differing.has(path) ? [`changed /${path}`] : [];
    });
  }

  /** By diff(1), which knows nothing of modes and owners. */
  function contentsThatDiffer(): ReadonlySet<string> {
    const options = { encoding: 'utf8', env: { PATH: process.env['PATH'], LC_ALL: 'C' }, maxBuffer: 1 << 26 } as const;
    const { stdout } = spawnSync('diff', ['-rq', '--no-dereference', from, to], options);
    const lines = stdout.split('\n').flatMap((line) => / and (\/.*) differ$/.exec(line)?.[1] ?? []);
    return new Set(lines.map((path) => path.slice(to.length + 1)));
  }
});

function installed(root: string): readonly string[] {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own field syntax.
  const format = '${db:Status-Status} ${Package}\n';
  const { stdout } = spawnSync('dpkg-query', [`--admindir=${join(root, 'var/lib/dpkg')}`, '-W', '-f', format], {
    encoding: 'utf8',
  });
  return stdout.split('\n').flatMap((line) => /^installed (.*)$/.exec(line)?.[1] ?? []);
}

function withoutTime(text: string | undefined): string | undefined {
  return text?.replace(/ at \d+(?: = .*)?$/, '');
}
