import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type CommandResult, runCommand } from '../../src/engine/command.ts';
import { sha256Hex } from '../../src/util/digest.ts';
import { startUser, type TestUser } from './cli.ts';
import { lackingDocker, startEngine, type TestEngine } from './engine.ts';
import { type LookMaterials, lackingMaterials, lookMaterials } from './look-materials.ts';
import { type LookImage, type LookRecipe, lookRecipes } from './look-recipes.ts';

/** Why images of the real Docker engine can't be had here; false where they can. */
export const lackingLookScene: string | false = lackingDocker || lackingMaterials;

/** Images that the real Docker engine made of real Debian content, and a user who looks at them. */
export interface LookScene extends AsyncDisposable {
  readonly engine: TestEngine;
  readonly user: TestUser;
  /** A folder of this scene's own. */
  readonly folder: string;
  /** What the engine must not answer with an error. */
  readonly docker: (...args: readonly string[]) => Promise<string>;
  /** `look/NAME:1`, which the engine has. */
  readonly tag: (image: LookImage) => string;
  /** The same for slimimage. */
  readonly place: (image: LookImage) => string;
  /** A tar of what a container of it would see: `docker export`. */
  readonly exported: (image: LookImage) => Promise<string>;
  /** That tar, unpacked by GNU tar with owners, modes and file capabilities. */
  readonly unpacked: (image: LookImage) => Promise<string>;
  /** The answer of slimimage with `--format json`; exit status 1 is an answer too. */
  readonly ask: <T>(argv: readonly string[]) => Promise<T>;
}

const minutes = 60_000;

export async function startLookScene(images: readonly LookImage[]): Promise<LookScene> {
  const materials = await lookMaterials();
  const engine = await startEngine();
  const user = await startUser();
  const folder = await mkdtemp('/tmp/slim-look-');
  const environment = { ...engine.env, DOCKER_BUILDKIT: '0' };
  const succeed = (answer: CommandResult, what: string): string => {
    assert.equal(answer.status, 0, `${what}: ${answer.stderr}${answer.stdout.slice(-2000)}`);
    return answer.stdout;
  };
  const docker: LookScene['docker'] = async (...args) =>
    succeed(
      await runCommand(engine.client, args, { env: environment, timeout: 5 * minutes }),
      `docker ${args.join(' ')}`,
    );
  const dispose = async () => {
    await engine.stop();
    await user[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  const tars = new Map<LookImage, string>();
  const trees = new Map<LookImage, string>();

  const exported: LookScene['exported'] = async (image) => {
    const known = tars.get(image);
    if (known !== undefined) return known;
    const tar = join(folder, `${image}.tar`);
    // An image without a command can't be made a container of; which one it is plays no role.
    const container = (await docker('create', tagOf(image), '/bin/none')).trim();
    await docker('export', '--output', tar, container);
    await docker('rm', container);
    tars.set(image, tar);
    return tar;
  };

  try {
    for (const image of new Set<LookImage>(['base', ...images])) await provide(image, { docker, materials, folder });
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    engine,
    user,
    folder,
    docker,
    tag: tagOf,
    place: (image) => `docker-daemon:${tagOf(image)}`,
    exported,
    async unpacked(image) {
      const known = trees.get(image);
      if (known !== undefined) return known;
      const tree = join(folder, `tree-${image}`);
      await mkdir(tree);
      const keep = ['--xattrs', '--xattrs-include=*', '--numeric-owner', '--same-owner', '-p'];
      execFileSync('tar', [...keep, '-C', tree, '-xf', await exported(image)]);
      trees.set(image, tree);
      return tree;
    },
    async ask<T>(argv: readonly string[]) {
      const env = Object.fromEntries(Object.entries(engine.env).map(([name, value]) => [name, value ?? '']));
      // HOME stays the user's: there is no login of docker's.
      const answer = await user.run([...argv, '--format', 'json'], { env: { ...env, HOME: user.folder } });
      const shown = `slimimage ${argv.join(' ')}: ${answer.stderr}${answer.stdout.slice(0, 2000)}`;
      assert.ok(answer.status === 0 || answer.status === 1, shown);
      return JSON.parse(answer.stdout) as T;
    },
    [Symbol.asyncDispose]: dispose,
  };
}

interface Making {
  readonly docker: LookScene['docker'];
  readonly materials: LookMaterials;
  readonly folder: string;
}

function tagOf(image: LookImage): string {
  return `look/${image}:1`;
}

/** Builds an image with the engine, or loads what the engine has built of the same recipe before. */
async function provide(image: LookImage, making: Making): Promise<void> {
  const { docker, materials } = making;
  const recipe = image === 'base' ? undefined : lookRecipes[image];
  const key = sha256Hex(new TextEncoder().encode(JSON.stringify(recipe ?? ''))).slice(0, 12);
  const saved = join(materials.made, `${image}-${key}.tar`);
  if (existsSync(saved)) {
    await docker('load', '--input', saved);
    return;
  }
  if (recipe === undefined) await docker('import', '--change', 'CMD ["bash"]', materials.base, tagOf(image));
  else await build(image, recipe, making);
  await docker('save', '--output', `${saved}.part`, tagOf(image));
  await rename(`${saved}.part`, saved);
}

async function build(image: LookImage, recipe: LookRecipe, { docker, materials, folder }: Making): Promise<void> {
  const context = join(folder, `context-${image}`);
  await mkdir(context);
  await writeFile(join(context, 'Dockerfile'), recipe.dockerfile);
  for (const [name, content] of Object.entries(recipe.files ?? {})) {
    await mkdir(dirname(join(context, name)), { recursive: true });
    await writeFile(join(context, name), content);
  }
  for (const set of recipe.debs ?? []) await cp(materials.debs(set), join(context, 'debs'), { recursive: true });
  if (recipe.npm) {
    await cp(materials.npm, context, { recursive: true, verbatimSymlinks: true });
  }
  if (recipe.busybox) await copyFile(materials.busybox, join(context, 'busybox'));
  if (existsSync(join(context, 'extra')))
    execFileSync('tar', ['-C', context, '-czf', join(context, 'extra.tar.gz'), 'extra']);
  await docker('build', '--network=none', '--tag', tagOf(image), context);
  await rm(context, { recursive: true });
}
