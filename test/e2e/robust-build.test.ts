/** Builds that are killed, stopped, out of room, not allowed to write, or not alone: the old image or the new one. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { archiveConfig } from '../support/archive-config.ts';
import { startArchive, type TestArchive } from '../support/archive-server.ts';
import { startUser, type TestUser } from '../support/cli.ts';
import type { DebRecipe } from '../support/deb-maker.ts';
import { pseudoRandom } from '../support/digest-inputs.ts';
import { lacking } from '../support/need.ts';
import { leftovers, readTargets, targetFlags, targets } from '../support/whole-targets.ts';

type Version = 'old' | 'new';

const versions = ['old', 'new'] as const;
/** `build` of a version, called `sample:1` in the store and everywhere. */
const build = (version: Version) => ['build', `${version}.yaml`, '--quiet', '-t', 'sample:1'];

let archive: TestArchive;
/** What a build that nothing disturbs gives. */
const expected = {} as Record<Version, { readonly stdout: string; readonly targets: Readonly<Record<string, string>> }>;
/** Milliseconds of such a build into every target. */
let duration = 0;

before(async () => {
  archive = await startArchive();
  await archive.publish({ date: new Date(), components: { main: packages } });
  for (const version of versions) {
    await using user = await startUserOf(archive);
    const started = performance.now();
    const { stdout } = await user.succeed([...build(version), ...targetFlags]);
    duration = performance.now() - started;
    expected[version] = { stdout, targets: await readTargets(user.folder) };
  }
  for (const target of targets) assert.notEqual(expected.old.targets[target], expected.new.targets[target], target);
});

after(() => archive[Symbol.asyncDispose]());

describe('a build that is killed at any instant', () => {
  test('leaves the old targets or the new ones, and a store in which the next build goes well', async (t) => {
    await using user = await startUserOf(archive);
    await user.succeed([...build('old'), ...targetFlags]);
    const survived = { old: 0, new: 0 };
    for (let round = 0; round < 10; round++) {
      const version = versions[(round + 1) % 2] ?? 'new';
      // Every other time with all the work of a first build before it.
      if (round % 4 < 2) await forget(user);
      const { child, ended } = user.start([...build(version), ...targetFlags]);
      // One instant in each tenth of a build.
      await Promise.race([sleep(duration * ((round + Math.random()) / 10)), ended]);
      child.kill('SIGKILL');
      await ended;
      for (const [target, found] of Object.entries(await readTargets(user.folder))) {
        const whole = versions.find((each) => expected[each].targets[target] === found);
        assert.ok(whole, `${target} is neither the old image nor the new one after round ${round}: ${found}`);
        survived[whole]++;
      }
      const { stdout } = await user.succeed([...build(version), ...targetFlags]);
      assert.equal(stdout, expected[version].stdout);
      assert.deepEqual(await readTargets(user.folder), expected[version].targets);
      assert.deepEqual(await leftovers(user.folder), []);
      await verify(user);
    }
    t.diagnostic(`targets after a kill: ${survived.old} of the one version, ${survived.new} of the other`);
  });

  test('leaves new targets whole or not there at all', async (t) => {
    await using user = await startUserOf(archive);
    const argv = [...build('new'), ...targetFlags];
    await user.succeed(argv);
    const started = performance.now();
    await user.succeed(argv);
    const warm = performance.now() - started;
    const survived = { missing: 0, new: 0 };
    for (let round = 0; round < 10; round++) {
      for (const target of targets) await rm(join(user.folder, target.replace(/^.*:/, '')), { recursive: true });
      const { child, ended } = user.start(argv);
      // Most of it goes into starting the program and into the targets.
      await Promise.race([sleep(warm * (0.2 + (0.7 * (round + Math.random())) / 10)), ended]);
      child.kill('SIGKILL');
      await ended;
      for (const [target, found] of Object.entries(await readTargets(user.folder))) {
        assert.ok(found === 'missing' || found === expected.new.targets[target], `${target} is ${found}`);
        survived[found === 'missing' ? 'missing' : 'new']++;
      }
      await user.succeed(argv);
      assert.deepEqual(await readTargets(user.folder), expected.new.targets);
      assert.deepEqual(await leftovers(user.folder), []);
    }
    t.diagnostic(`targets after a kill: ${survived.missing} not there, ${survived.new} whole`);
  });
});

describe('Ctrl-C', () => {
  for (const share of [0.2, 0.5, 0.75, 0.95]) {
    test(`after ${share * 100} % of a build ends it within a second, by the signal, with the old targets`, async () => {
      await using user = await startUserOf(archive);
      await user.succeed([...build('old'), ...targetFlags]);
      await forget(user);
      const { child, ended } = user.start([...build('new'), ...targetFlags]);
      await sleep(duration * share);
      const stopped = performance.now();
      child.kill('SIGINT');
      const { signal, status, stdout } = await ended;
      const took = performance.now() - stopped;
      // Too late: what was printed is there.
      if (stdout !== '') return assert.deepEqual(await readTargets(user.folder), expected.new.targets);
      assert.deepEqual([signal, status], ['SIGINT', null]);
      assert.ok(took < 1500, `took ${took} ms`);
      // Later than that it was cut short, and the next build tidies up.
      if (took < 900) assert.deepEqual(await leftovers(user.folder), []);
      for (const [target, found] of Object.entries(await readTargets(user.folder))) {
        assert.ok(
          [expected.old, expected.new].some((each) => each.targets[target] === found),
          target,
        );
      }
      assert.equal((await user.succeed([...build('new'), ...targetFlags])).stdout, expected.new.stdout);
      assert.deepEqual(await readTargets(user.folder), expected.new.targets);
      assert.deepEqual(await leftovers(user.folder), []);
    });
  }
});

describe('a full disk', { skip: lackingMount() }, () => {
  test('under the store is said, and with room again the next build goes well', async () => {
    await using user = await startUserOf(archive);
    for (const megabytes of [1, 8, 16, 24]) {
      await using disk = await mountDisk(join(user.folder, 'store'), megabytes);
      const { status, stdout } = await user.run([...build('new'), '--format', 'json']);
      const { error } = JSON.parse(stdout) as { error: Record<'code' | 'message' | 'hint', string> };
      // A download belongs to no store yet.
      assert.ok(status === 3 && ['STORE', 'IO'].includes(error.code), stdout);
      assert.match(error.message, /ENOSPC/, stdout);
      assert.match(error.hint, /disk/, stdout);
      await verify(user);
      disk.resize(300);
      assert.equal((await user.succeed(build('new'))).stdout, expected.new.stdout);
      assert.deepEqual(await leftovers(user.folder), []);
      await verify(user);
    }
  });

  for (const target of targets) {
    test(`under ${target} is said, and the old one stays`, async () => {
      await using user = await startUserOf(archive);
      const folder = join(user.folder, 'disk');
      await using disk = await mountDisk(folder, 100);
      const flags = ['-o', target.replace(':', ':disk/')];
      await user.succeed([...build('old'), ...flags]);
      const usual = (await readTargets(folder))[target];
      disk.leave(1);
      const refused = await user.refused({ code: target === 'oci:layout' ? 'STORE' : 'IO', status: 3 }, [
        ...build('new'),
        ...flags,
      ]);
      assert.match(refused.message, /ENOSPC/);
      assert.match(refused.hint ?? '', /disk is full/);
      assert.equal((await readTargets(folder))[target], usual);
      assert.equal(usual, expected.old.targets[target]);
      assert.deepEqual(
        (await leftovers(folder)).filter((name) => name !== 'filler'),
        [],
      );
    });
  }
});

describe('a store that may only be read', { skip: lackingMount() }, () => {
  const readOnly = (user: TestUser) => {
    const store = join(user.folder, 'store');
    const script = `mount --bind '${store}' '${store}' && mount -o remount,bind,ro '${store}' && exec "$@"`;
    return { under: ['unshare', '--mount', 'sh', '-c', script, 'sh'] };
  };

  test('shows its images, and refuses a build by name', async () => {
    await using user = await startUserOf(archive);
    await user.succeed(build('old'));
    const shown = await user.succeed(['ls', 'store:sample:1']);
    assert.equal((await user.succeed(['ls', 'store:sample:1'], readOnly(user))).stdout, shown.stdout);
    await user.succeed(['cache', 'verify'], readOnly(user));
    const { message, hint } = await user.refused({ code: 'STORE', status: 3 }, build('new'), readOnly(user));
    assert.match(message, /EROFS/);
    assert.match(hint ?? '', /read-only.*SLIMIMAGE_STORE/);
    assert.equal((await user.succeed(build('old'))).stdout, expected.old.stdout);
  });

  test('that is not there yet is refused', async () => {
    await using user = await startUserOf(archive);
    await mkdir(join(user.folder, 'store'));
    const { message } = await user.refused({ code: 'STORE', status: 3 }, build('new'), readOnly(user));
    assert.match(message, /EROFS/);
  });
});

describe('builds at the same time in one store', () => {
  test('of one image and of two, from nothing, give what each gives alone', async () => {
    await using user = await startUserOf(archive);
    for (let round = 0; round < 2; round++) {
      const all = (['old', 'new', 'new'] as const).map(async (version, at) => {
        const argv = ['build', `${version}.yaml`, '--quiet', '-t', `image-${at}`, '-o', `oci:layout-${version}`];
        const { stdout } = await user.succeed(argv);
        assert.equal(digestOf(stdout), digestOf(expected[version].stdout));
      });
      await Promise.all(all);
      assert.deepEqual(await leftovers(user.folder), []);
      await verify(user);
      await forget(user);
    }
  });

  test('into the same targets leave one of the two', async () => {
    await using user = await startUserOf(archive);
    await Promise.all(versions.map((version) => user.succeed([...build(version), ...targetFlags])));
    for (const [target, found] of Object.entries(await readTargets(user.folder))) {
      assert.ok(
        [expected.old, expected.new].some((each) => each.targets[target] === found),
        `${target}: ${found}`,
      );
    }
    await verify(user);
  });

  test('beside one that removes what is not used', async () => {
    await using user = await startUserOf(archive);
    await user.succeed(build('old'));
    const builds = [user.succeed(build('new')), user.succeed(['cache', 'prune']), user.succeed(build('new'))];
    const [first, , second] = await Promise.all(builds);
    assert.deepEqual([first?.stdout, second?.stdout], [expected.new.stdout, expected.new.stdout]);
    await verify(user);
  });
});

const packages: readonly DebRecipe[] = [
  ...Array.from({ length: 8 }, (_, at): DebRecipe => {
    const data = pseudoRandom(1_500_000, at + 1);
    return { name: `part${at}`, packing: at % 2 === 0 ? 'xz' : 'zstd', files: { [`/usr/lib/part${at}`]: data } };
  }),
  { name: 'small', files: { '/usr/bin/small': { content: 'small\n', mode: 0o755 } } },
];

async function startUserOf(from: TestArchive): Promise<TestUser> {
  const user = await startUser();
  const parts = packages.slice(0, -1).map(({ name }) => name);
  await user.write('app/data', pseudoRandom(1_000_000, 99));
  for (const [version, names] of Object.entries({ old: parts, new: [...parts, 'small'] })) {
    await user.write(`app/${version}`, version);
    const more = { files: `[{ source: ./app, path: /app, ignore: [${version === 'old' ? 'new' : 'old'}] }]` };
    await user.write(`${version}.yaml`, archiveConfig(from, names, { more }));
  }
  return user;
}

/** Empties the store of all that can be made or fetched again; which folders it has made, nobody else knows. */
async function forget(user: TestUser): Promise<void> {
  const store = join(user.folder, 'store');
  for (const name of ['blobs', 'tags', 'contents', 'partial'])
    await rm(join(store, name), { recursive: true, force: true });
  for (const name of await readdir(join(store, 'memo'))) {
    if (name !== 'output-directories') await rm(join(store, 'memo', name), { recursive: true });
  }
}

async function verify(user: TestUser): Promise<void> {
  const { stdout } = await user.succeed(['cache', 'verify']);
  assert.match(stdout, /, 0 damaged, 0 broken images$/m);
}

function digestOf(stdout: string): string {
  return stdout.replace(/^.*@/, '');
}

function lackingMount(): string | false {
  const lack = lacking({ commands: ['mount', 'umount', 'unshare'], root: true });
  if (lack !== false) return lack;
  const tried = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  return tried.status === 0 ? false : 'this system does not let root mount';
}

interface Disk extends AsyncDisposable {
  resize(megabytes: number): void;
  /** Fills it until so many kilobytes are free. */
  leave(kilobytes: number): void;
}

/** A file system of that size. */
async function mountDisk(folder: string, megabytes: number): Promise<Disk> {
  const run = (command: string, ...args: readonly string[]) => {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    assert.equal(status, 0, `${command}: ${stderr}`);
  };
  await mkdir(folder, { recursive: true });
  run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder);
  return {
    resize: (size) => run('mount', '-o', `remount,size=${size}m`, folder),
    leave: (kilobytes) => {
      const used = spawnSync('df', ['-k', '--output=avail', folder], { encoding: 'utf8' }).stdout;
      const free = Number(/\d+/.exec(used)?.[0]);
      run('fallocate', '-l', `${free - kilobytes}k`, join(folder, 'filler'));
    },
    [Symbol.asyncDispose]: async () => run('umount', folder),
  };
}
