/**
 * slimimage as a library: the same abilities as the command line. Every function throws `SlimimageError` and nothing
 * else; progress arrives as typed events; an AbortSignal ends what is under way within a second.
 */
import { type BuildInput, build, plan } from './build/build.ts';
import type { BuildOptions, BuildPlan, BuildResult } from './build/types.ts';
import type { OperationOptions } from './events.ts';

/**
 * Builds an image from a specification (see `flagsToSpec`, `loadConfig`) or a configuration file.
 * @throws SlimimageError with the code of what went wrong; nothing half-written is left.
 */
export function buildImage(input: BuildInput, options: BuildOptions & OperationOptions = {}): Promise<BuildResult> {
  return build(input, { ...options, ...surroundings(options) });
}

/** What `buildImage` would put in, without fetching a package. */
export function planImage(input: BuildInput, options: BuildOptions & OperationOptions = {}): Promise<BuildPlan> {
  return plan(input, { ...options, ...surroundings(options) });
}

/** A library call means its process's environment and folder unless told otherwise. */
function surroundings(options: BuildOptions) {
  return { env: options.env ?? process.env, cwd: options.cwd ?? process.cwd() };
}

export type { BuildInput } from './build/build.ts';
export { storeFolder } from './build/session.ts';
export type * from './build/types.ts';
export { UnsatisfiableError } from './build/types.ts';
export { findConfig } from './config/find.ts';
export { flagsToSpec, loadConfig } from './config/load.ts';
export { ConfigError } from './config/problem.ts';
export type * from './config/spec.ts';
export { type ErrorCode, type ExitStatus, isSlimimageError, SlimimageError } from './errors.ts';
export type { OnEvent, OperationOptions, Phase, SlimimageEvent } from './events.ts';
export type { Digest } from './util/digest.ts';
