/** What inspect says of images of the real Docker engine, held against docker, dpkg-query, find and GNU tar. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type LookImage, lookRecipes } from '../support/look-recipes.ts';
import { type SavedLook, saveLook } from '../support/look-saved.ts';
import { type LookScene, lackingLookScene, startLookScene } from '../support/look-scene.ts';
import { foundTree } from '../support/look-trees.ts';
import { lacking } from '../support/need.ts';

interface Inspected {
  readonly configDigest: string;
  readonly platform: string;
  readonly created: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly layers: readonly InspectedLayer[];
  readonly packages: {
    readonly packages: readonly InspectedPackage[];
    readonly unowned: { readonly files: number; readonly paths: readonly string[] };
  };
  readonly contents: Readonly<Record<'files' | 'folders' | 'symlinks' | 'others' | 'bytes', number>>;
  readonly waste: { readonly bytes: number };
  readonly entrypoint: {
    readonly programs: readonly { readonly file?: { readonly path: string; readonly packages: readonly string[] } }[];
  };
  readonly dockerfile: { readonly text: string };
}

interface InspectedLayer {
  readonly diffId: string;
  readonly size: number;
  readonly fileBytes: number;
  readonly command?: string;
}

interface InspectedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly files: number;
  readonly missing: number;
  readonly paths: readonly string[];
  readonly missingPaths: readonly string[];
}

interface DockerImage {
  readonly Id: string;
  readonly Created: string;
  readonly Os: string;
  readonly Architecture: string;
  readonly RootFS: { readonly Layers: readonly string[] };
  readonly Config: Readonly<Record<string, unknown>>;
}

const images = ['layers', 'python', 'node', 'java', 'static'] as const;
const skip = lackingLookScene || lacking({ commands: ['dpkg-query', 'find', 'tar'] });

describe('inspect of an image of the real Docker engine', { skip }, () => {
  let scene: LookScene;
  const answers = new Map<string, Inspected>();
  const answerOf = (image: string): Inspected => {
    const answer = answers.get(image);
    assert.ok(answer !== undefined);
    return answer;
  };
  before(async () => {
    scene = await startLookScene(images);
    for (const image of images)
      answers.set(image, await scene.ask<Inspected>(['inspect', scene.place(image), '--files', 'none']));
  });
  const saves = new Map<LookImage, Promise<SavedLook>>();
  const saved = (image: LookImage) => {
    const known = saves.get(image) ?? saveLook(scene, image);
    saves.set(image, known);
    return known;
  };
  after(() => scene?.[Symbol.asyncDispose]());

  for (const image of images) {
    test(`${image}: config and layers equal docker image inspect`, async () => {
      const [docker] = JSON.parse(await scene.docker('image', 'inspect', scene.tag(image))) as DockerImage[];
      assert.ok(docker !== undefined);
      const ours = answerOf(image);
      assert.equal(ours.configDigest, docker.Id);
      assert.equal(ours.platform, `${docker.Os}/${docker.Architecture}`);
      assert.equal(ours.created, docker.Created);
      assert.deepEqual(
        ours.layers.map(({ diffId }) => diffId),
        docker.RootFS.Layers,
      );
      const { healthcheck: _, redacted, ...settings } = ours.settings;
      assert.equal(redacted, 0);
      assert.deepEqual(settings, settingsOf(docker.Config));
    });

    test(`${image}: packages and the names of their files equal dpkg-query -W and -L, what is left is of none`, async () => {
      const root = await scene.unpacked(image);
      const admin = join(root, 'var/lib/dpkg');
      const { unowned } = answerOf(image).packages;
      const left = new Set([...foundTree(root)].flatMap(([path, text]) => (text.startsWith('directory ') ? [] : path)));
      const compareUnowned = () => {
        assert.equal(unowned.files, unowned.paths.length);
        const ours = unowned.paths.map((path) => path.slice(1)).filter((path) => !ofEngine.has(path));
        assert.deepEqual(ours, [...left].filter((path) => !ofEngine.has(path)).sort(), 'of no package');
      };
      if (!existsSync(admin)) {
        assert.deepEqual(answerOf(image).packages.packages, []);
        return compareUnowned();
      }
      // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own field syntax.
      const format = '${db:Status-Status} ${Package} ${Version} ${Architecture}\n';
      const theirs = query(admin, '-W', '-f', format)
        .split('\n')
        .filter((line) => line.startsWith('installed '));
      const ours = answerOf(image).packages.packages;
      const named = ours.map(({ name, version, architecture }) => `installed ${name} ${version} ${architecture}`);
      assert.deepEqual(named.toSorted(), theirs.toSorted());
      const wholeNames = ours.map(({ name, architecture }) =>
        architecture === 'all' ? name : `${name}:${architecture}`,
      );
      const lists = query(admin, '-L', ...wholeNames).split('\n\n');
      assert.equal(lists.length, ours.length);
      for (const [at, { name, files, missing, paths, missingPaths }] of ours.entries()) {
        const known = new Set(lists[at]?.split('\n').flatMap((line) => placesIn(root, line)));
        const there = [...known].filter((path) => existsHere(path) && !lstatSync(path).isDirectory());
        const gone = [...known].filter((path) => !existsHere(path));
        assert.deepEqual(
          paths.map((path) => join(root, path)),
          there.toSorted(),
          `${name}: its files`,
        );
        assert.deepEqual(
          missingPaths.flatMap((path) => placesIn(root, path)).sort(),
          gone.toSorted(),
          `${name}: missing`,
        );
        assert.deepEqual([files, missing], [there.length, gone.length], `${name}: how many`);
        for (const path of there) left.delete(path.slice(root.length + 1));
      }
      compareUnowned();
    });

    test(`${image}: the sums equal those of find`, async () => {
      const tree = foundTree(await scene.unpacked(image));
      const of = (type: string) => [...tree.values()].filter((text) => text.startsWith(`${type} `));
      const { files, folders, symlinks, bytes } = answerOf(image).contents;
      // Containers have these of the engine; they are empty files in an image that lacks them.
      const own = ['.dockerenv', 'etc/hosts', 'etc/hostname', 'etc/resolv.conf'].filter((path) =>
        / 0 at /.test(tree.get(path) ?? ''),
      );
      assert.ok(Math.abs(files - (new Set(names(tree)).size - own.length)) <= own.length, `${files} files`);
      // /dev with two folders in it, /etc, /proc and /sys are made for a container where the image has none.
      assert.ok(Math.abs(folders - of('directory').length) <= 6, `${folders} folders, ${of('directory').length}`);
      assert.ok(Math.abs(symlinks - of('symlink').length) <= 1, `${symlinks} links, ${of('symlink').length}`);
      assert.equal(bytes, visibleBytes(tree));
    });

    test(`${image}: sizes and waste equal what GNU tar lists in docker save`, async () => {
      const { layers } = await saved(image);
      const ours = answerOf(image);
      const theirs = layers.map(layerFacts);
      assert.deepEqual(
        ours.layers.map(({ size, fileBytes }) => ({ size, fileBytes })),
        theirs,
      );
      const format = ['--no-trunc', '--human=false', '--format', '{{.Size}}'];
      const history = (await scene.docker('history', ...format, scene.tag(image)))
        .trim()
        .split('\n')
        .map(Number)
        .reverse();
      // Docker counts the texts of links, too, and does not tell an empty layer from none.
      const counted = layers.map(dockerSize);
      assert.deepEqual(history.filter(Boolean), counted.filter(Boolean));
      const written = theirs.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
      assert.equal(ours.waste.bytes, written - visibleBytes(foundTree(await scene.unpacked(image))));
    });

    test(`${image}: what made each layer is what docker history says`, async () => {
      const format = ['--no-trunc', '--format', '{{json .}}'];
      const output = await scene.docker('history', ...format, scene.tag(image));
      const said = output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { readonly CreatedBy: string; readonly Comment: string })
        .map(({ CreatedBy, Comment }) => CreatedBy || Comment)
        .reverse();
      const { made } = await saved(image);
      assert.equal(said.length, made.length);
      const ours = answerOf(image).layers.map(({ command = '' }) => command);
      assert.deepEqual(ours, said.filter((_, at) => made[at]).map(asInstruction));
    });
  }

  test('the Dockerfile has every instruction that was written', () => {
    for (const image of images) {
      const text = unfolded(answerOf(image).dockerfile.text);
      for (const instruction of lookRecipes[image].dockerfile.trim().split('\n')) {
        // Neither order of ports nor names of copied files are kept.
        if (/^(?:FROM|COPY|ADD|EXPOSE) /.test(instruction)) continue;
        const expected = instruction
          .replaceAll(/\$\{VERSION\}/g, '2.1')
          .replaceAll('"', '')
          .replaceAll(/[[\],]/g, ' ')
          .trim();
        const plain = expected.replaceAll(/\s+/g, ' ');
        assert.ok(text.includes(plain), `${image}: ${plain}\nin ${text}`);
      }
      const many = (keyword: string, from: string) =>
        from.split('\n').filter((line) => line.startsWith(`${keyword} `)).length;
      for (const keyword of ['RUN', 'COPY', 'ADD', 'ENV', 'CMD', 'ENTRYPOINT', 'USER', 'WORKDIR', 'EXPOSE']) {
        const recipe = lookRecipes[image].dockerfile;
        assert.equal(many(keyword, answerOf(image).dockerfile.text), many(keyword, recipe), `${image}: ${keyword}`);
      }
    }
  });

  test('the program that runs is the one that the container finds, of the package that dpkg names', async () => {
    for (const [image, name] of [
      ['java', 'java'],
      ['python', 'python3'],
      ['node', 'node'],
    ] as const) {
      const root = await scene.unpacked(image);
      const where = execFileSync('chroot', [root, '/bin/sh', '-c', `readlink -f "$(command -v ${name})"`], {
        encoding: 'utf8',
      }).trim();
      const files = answerOf(image).entrypoint.programs.flatMap(({ file }) => (file === undefined ? [] : [file]));
      const found = files.find(({ path }) => path === where);
      assert.ok(found !== undefined, `${image}: ${where} is none of ${files.map(({ path }) => path).join(', ')}`);
      const owner = query(join(root, 'var/lib/dpkg'), '-S', where).split(':')[0];
      assert.deepEqual(found.packages, [owner]);
    }
  });
});

function settingsOf(config: DockerImage['Config']): Readonly<Record<string, unknown>> {
  const sorted = (value: unknown) => Object.keys((value ?? {}) as object).sort();
  const stopSignal = config['StopSignal'];
  return {
    user: config['User'] ?? '',
    entrypoint: config['Entrypoint'] ?? [],
    cmd: config['Cmd'] ?? [],
    env: config['Env'] ?? [],
    workdir: config['WorkingDir'] ?? '',
    ports: sorted(config['ExposedPorts']),
    volumes: sorted(config['Volumes']),
    labels: config['Labels'] ?? {},
    ...(stopSignal === undefined ? {} : { stopSignal }),
    shell: config['Shell'] ?? [],
    onbuild: config['OnBuild'] ?? [],
  };
}

function query(admin: string, ...args: readonly string[]): string {
  const env = { PATH: process.env['PATH'], LC_ALL: 'C' };
  return execFileSync('dpkg-query', [`--admindir=${admin}`, ...args], { env, encoding: 'utf8', maxBuffer: 1 << 26 });
}

/** Where a line of `dpkg-query -L` lies in an unpacked tree, links of folders followed. */
function placesIn(root: string, line: string): readonly string[] {
  // Of diversions it says so in words.
  const path = /^(?:package diverts others to: |diverted by \S+ to: |locally diverted to: )?(\/.*)$/.exec(line)?.[1];
  if (path === undefined || path === '/.' || line.startsWith('package diverts')) return [];
  const folder = join(root, dirname(path));
  return [existsSync(folder) ? join(realpathIn(root, folder), basename(path)) : join(root, path)];
}

/** The links of a merged /usr are relative, so that they stay in the tree. */
function realpathIn(root: string, folder: string): string {
  const real = realpathSync(folder);
  return real.startsWith(`${root}/`) || real === root ? real : folder;
}

function existsHere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Containers have these of the engine, whatever the image has there. */
const ofEngine = new Set(['.dockerenv', 'dev/console', 'etc/hosts', 'etc/hostname', 'etc/resolv.conf', 'etc/mtab']);

/** What docker history prints, in the words of a Dockerfile: hashes of what was copied cut, arguments of the build left out. */
function asInstruction(createdBy: string): string {
  const plain = createdBy.replace(/\s+/g, ' ').trim();
  const [, instruction] = /^\/bin\/sh -c #\(nop\) (.*)$/.exec(plain) ?? [];
  if (instruction === undefined) return plain.replace(/^(?:\|\d+ .*?)?\/bin\/sh -c /, 'RUN ');
  // Behind --chown the classic builder forgets a space.
  return instruction.replace(/ ?((?:file|dir|multi):[0-9a-f]{12})[0-9a-f]+ in /, ' $1 ');
}

/** Of a file with several names, the first. */
function names(tree: ReadonlyMap<string, string>): readonly string[] {
  return [...tree].flatMap(([path, text]) => (text.startsWith('file ') ? [/ = (.*)$/.exec(text)?.[1] ?? path] : []));
}

function visibleBytes(tree: ReadonlyMap<string, string>): number {
  const sizes = [...new Set(names(tree))].map((path) =>
    Number(/^file \d+ \d+:\d+ (\d+) at/.exec(tree.get(path) ?? '')?.[1] ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Bytes of a layer's tar, and of the files in it; whiteouts are empty. */
function layerFacts(tar: string): { readonly size: number; readonly fileBytes: number } {
  const sizes = listed(tar).flatMap((line) => /^-\S+ +\S+ +(\d+) /.exec(line)?.[1] ?? []);
  return { size: lstatSync(tar).size, fileBytes: sizes.reduce((sum, size) => sum + Number(size), 0) };
}

function dockerSize(tar: string): number {
  const links = listed(tar).flatMap((line) => (line.startsWith('l') ? (line.split(' -> ')[1] ?? '') : []));
  return layerFacts(tar).fileBytes + links.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function listed(tar: string): readonly string[] {
  const options = ['--numeric-owner', '--quoting-style=literal', '-tvf'];
  return execFileSync('tar', [...options, tar], { encoding: 'utf8', maxBuffer: 1 << 28 }).split('\n');
}

/** Without comments, quotes, brackets and folded lines. */
function unfolded(dockerfile: string): string {
  return dockerfile
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n/g, ' ')
    .replaceAll('"', '')
    .replaceAll(/[[\],]/g, ' ')
    .replaceAll(/\s+/g, ' ');
}
