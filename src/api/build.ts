import type { CatalogImage } from '../build/catalog.ts';
import type { BuildInput } from '../build/read-input.ts';
import type { ResolvedPackages } from '../build/resolve-packages.ts';
import type { ScriptEffects } from '../build/script-effects.ts';
import type { BuildOptions, BuildPlan, BuildResult } from '../build/types.ts';
import type { WhyOptions, WhyPlace } from '../build/why/question.ts';
import type { WhyAnswer } from '../build/why/types.ts';
import type { OperationOptions } from '../events.ts';
import { surroundings } from './surroundings.ts';

/**
 * Builds an image from a specification (see `flagsToSpec`, `loadConfig`) or a configuration file.
 * @throws SlimimageError with the code of what went wrong; nothing half-written is left.
 */
export async function buildImage(
  input: BuildInput,
  options: BuildOptions & OperationOptions = {},
): Promise<BuildResult> {
  const { checkTargets } = await import('../build/check-targets.ts');
  checkTargets(options);
  const { build } = await import('../build/build.ts');
  return build(input, { ...options, ...surroundings(options) });
}

/** What `buildImage` would put in, without fetching a package. Names, targets and key are checked as there; no server is asked about them. */
export async function planImage(input: BuildInput, options: BuildOptions & OperationOptions = {}): Promise<BuildPlan> {
  const { checkTargets } = await import('../build/check-targets.ts');
  checkTargets(options);
  const { plan } = await import('../build/build.ts');
  return plan(input, { ...options, ...surroundings(options) });
}

/** The packages that a configuration's requests bring, as apt would install them; fetches none of them. */
export async function resolvePackages(
  input: BuildInput,
  options: BuildOptions & OperationOptions = {},
): Promise<ResolvedPackages> {
  const { resolvePackages: resolve } = await import('../build/resolve-packages.ts');
  return resolve(input, { ...options, ...surroundings(options) });
}

/**
 * What becomes of the maintainer scripts of the packages that a configuration requests: fetches these, not what they
 * depend on, and runs nothing.
 */
export async function explainScripts(
  input: BuildInput,
  options: BuildOptions & OperationOptions = {},
): Promise<ScriptEffects> {
  const { scriptEffects } = await import('../build/script-effects.ts');
  return scriptEffects(input, { ...options, ...surroundings(options) });
}

/**
 * Why a package or a path (what has a slash in it) is in the image of a configuration, in a lock, or in an image.
 * @throws SlimimageError where the place can't be read; that the thing is not there is an answer
 */
export async function explainPresence(
  thing: string,
  place: WhyPlace,
  options: BuildOptions & OperationOptions & WhyOptions = {},
): Promise<WhyAnswer> {
  const { explainPresence: explain } = await import('../build/why/why.ts');
  return explain(thing, { ...options, ...surroundings(options), place });
}

/** The images that slimimage brings, ready to build (`catalog/nginx`) or to extend. Asks no server. */
export async function listCatalog(options: Pick<BuildOptions, 'cwd'> = {}): Promise<readonly CatalogImage[]> {
  const { listCatalogImages } = await import('../build/catalog.ts');
  return listCatalogImages(surroundings(options));
}

/** The JSON Schema of a configuration file, as text. */
export async function configJsonSchemaText(): Promise<string> {
  const { configJsonSchemaText: text } = await import('../config/json-schema.ts');
  return text();
}
