import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hostMirrors, readHostSources } from '../../src/archive/mirrors.ts';
import { openImage } from '../../src/image/open-image.ts';
import { type BuildOptions, type BuildResult, buildImage, type PlatformResult } from '../../src/index.ts';
import { parsePlatform } from '../../src/oci/platform.ts';
import { LocalStore } from '../../src/store/local-store.ts';
import type { TestEngine } from './engine.ts';
import { assertLayerRules, type LayerPath } from './layer-rules.ts';
import { projectRoot } from './source-code.ts';

/** Why a test that builds from Debian's real archive has to be skipped here; false where it can run. */
export const lackingArchive: string | false =
  hostMirrors('debian', await readHostSources()).length > 0 || process.env['SLIMIMAGE_MIRROR_DEBIAN'] !== undefined
    ? false
    : 'this machine has no mirror of Debian (apt sources or SLIMIMAGE_MIRROR_DEBIAN)';

export interface TestBuild extends BuildResult {
  /** What an engine calls the image. */
  readonly tag: string;
  /** Paths of the layers that this build wrote, by platform, in the order of the tar. */
  readonly paths: ReadonlyMap<string, readonly LayerPath[]>;
}

export interface TestBuildOptions extends Pick<BuildOptions, 'outputs'> {
  /** Load into this engine, as `--load` does. */
  readonly engine?: TestEngine;
  /** Absolute paths whose special permissions the configuration keeps. */
  readonly specialPermissions?: readonly string[];
}

/** Builds images into a local store of the test's own; every layer that it writes is held to the contract. */
export interface TestBuilder extends AsyncDisposable {
  /** Absolute; anybody may read it, so that a container can. */
  readonly folder: string;
  /** @param config path of a configuration, relative to the project or absolute */
  build(config: string, options?: TestBuildOptions): Promise<TestBuild>;
  /** Writes a file into `folder` and returns its absolute path. */
  write(name: string, content: string | Uint8Array): Promise<string>;
}

export async function startBuilder(): Promise<TestBuilder> {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-builder-'));
  await chmod(folder, 0o755);
  const store = join(folder, 'store');
  return {
    folder,
    async build(config, options = {}) {
      const { engine, outputs, specialPermissions = [] } = options;
      const tag = `slimimage-test/${config.replace(/^.*\/|\.yaml$/g, '')}:e2e`;
      const load = engine !== undefined;
      const env = { ...process.env, ...(load ? { DOCKER_HOST: engine.env['DOCKER_HOST'] } : {}) };
      const result = await buildImage({ config }, { tags: [tag], outputs, load, store, env, cwd: projectRoot });
      if (load) assert.ok(result.outputs.some(({ target }) => target === 'docker'));
      const paths = new Map<string, readonly LayerPath[]>();
      for (const platform of result.platforms) {
        const { created } = result;
        paths.set(platform.platform, await checkLayers(tag, platform, { store, created, specialPermissions }));
      }
      return { ...result, tag, paths };
    },
    async write(name, content) {
      const file = join(folder, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      await chmod(file, 0o644);
      return file;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

interface CheckOptions {
  readonly store: string;
  readonly created: number;
  readonly specialPermissions: readonly string[];
}

async function checkLayers(tag: string, result: PlatformResult, options: CheckOptions): Promise<readonly LayerPath[]> {
  const store = await LocalStore.open(options.store);
  try {
    const image = await openImage(`store:${tag}`, { store, platform: parsePlatform(result.platform) });
    const own = image.layers.filter((_, at) => result.layers[at]?.inherited === false);
    assert.ok(own.length > 0, `${tag} has no layer of this build`);
    const paths = [];
    for (const layer of own) paths.push(...(await assertLayerRules(layer.open(), options)));
    await image.close();
    return paths;
  } finally {
    await store.close();
  }
}
