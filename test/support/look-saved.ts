import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LookImage } from './look-recipes.ts';
import type { LookScene } from './look-scene.ts';

/** What `docker save` has of an image. */
export interface SavedLook {
  /** The tars, lowest first. */
  readonly layers: readonly string[];
  /** Of each entry of the history, whether it made a layer. */
  readonly made: readonly boolean[];
}

/** Unpacked in the scene's folder. */
export async function saveLook(scene: LookScene, image: LookImage): Promise<SavedLook> {
  const folder = join(scene.folder, `saved-${image}`);
  mkdirSync(folder);
  await scene.docker('save', '--output', `${folder}.tar`, scene.tag(image));
  execFileSync('tar', ['-C', folder, '-xf', `${folder}.tar`]);
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const [{ Layers = [], Config = '' } = {}] = read('manifest.json') as { Layers?: string[]; Config?: string }[];
  const { history } = read(Config) as { history: { empty_layer?: boolean }[] };
  return {
    layers: Layers.map((layer) => join(folder, layer)),
    made: history.map(({ empty_layer: empty }) => empty !== true),
  };
}
