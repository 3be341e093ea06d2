import { SlimimageError } from '../errors.ts';
import type { OperationOptions } from '../events.ts';
import { familiarReference, type Reference } from '../oci/reference.ts';
import { type Digest, isDigest } from '../util/digest.ts';
import { runCommand } from './command.ts';
import { findEngines, findProgram, lastLine } from './find.ts';
import type { Engine } from './types.ts';

export interface FindOptions extends OperationOptions {
  /** Where the engines' clients are. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface SaveOptions extends OperationOptions {
  /** Absolute path of a file that is not there. */
  readonly file: string;
}

/** An image that an engine has. */
export interface EngineImage {
  readonly engine: Pick<Engine, 'name' | 'command' | 'env'>;
  readonly name: string;
  /** What the engine knows it by: its config's digest, or with containerd's image store its manifest's or index's. */
  readonly id: Digest;
}

/**
 * Asks Docker for an image, and Podman where Docker has none of that name.
 * @throws SlimimageError ENGINE where none answers, IMAGE_NOT_FOUND, ABORTED
 */
export async function findImage(reference: Reference, options: FindOptions): Promise<EngineImage> {
  const { env, signal } = options;
  const name = familiarReference(reference);
  for (const engine of ['docker', 'podman'] as const) {
    const command = await findProgram(engine, env);
    if (command === undefined) continue;
    const args = ['image', 'inspect', '--format', '{{.Id}}', name];
    const { status, stdout } = await runCommand(command, args, { env, signal });
    // Podman writes the digits alone.
    const id = `sha256:${stdout.trim().replace(/^sha256:/, '')}`;
    if (status === 0 && isDigest(id)) return { engine: { name: engine, command, env }, name, id };
  }
  const engines = await needEngines(options);
  throw new SlimimageError({
    code: 'IMAGE_NOT_FOUND',
    message: `${engines.map((engine) => engine.name).join(' and ')} ${engines.length > 1 ? 'have' : 'has'} no image ${name}`,
    hint: `\`${engines[0].name} image ls\` lists what is there.`,
  });
}

/**
 * Writes an image of an engine to a file as a docker-archive: that very image, whatever its name means by now.
 * @throws SlimimageError ENGINE where the saving fails, ABORTED
 */
export async function saveImage({ engine, name, id: image }: EngineImage, options: SaveOptions): Promise<void> {
  const { file, signal, onEvent } = options;
  const id = `save ${name}`;
  onEvent?.({ type: 'task', id, phase: 'download', label: `${name} from ${engine.name}` });
  try {
    const format = engine.name === 'podman' ? ['--format', 'docker-archive'] : [];
    const args = ['save', ...format, '--output', file, image];
    const answer = await runCommand(engine.command, args, { env: engine.env, signal });
    if (answer.status !== 0) throw refusal(engine.name, name, answer.stderr);
    onEvent?.({ type: 'done', id, outcome: 'ok' });
  } catch (error) {
    onEvent?.({ type: 'done', id, outcome: 'failed' });
    throw error;
  }
}

/** The engine that loads and saves: Docker, else Podman. @throws SlimimageError ENGINE where neither answers, ABORTED */
export async function needEngines(
  options: Pick<FindOptions, 'env' | 'signal'>,
): Promise<readonly [Engine, ...Engine[]]> {
  const { engines, missing } = await findEngines(options.env, { signal: options.signal });
  const [first, ...others] = engines;
  if (first !== undefined) return [first, ...others];
  throw new SlimimageError({
    code: 'ENGINE',
    message: `neither Docker nor Podman answers: ${missing.map(({ name, reason }) => `${name}: ${reason}`).join('; ')}`,
    hint: 'Start one of them, or use a file where one runs: docker-archive:FILE.',
  });
}

function refusal(engine: Engine['name'], name: string, stderr: string): SlimimageError {
  return new SlimimageError({
    code: 'ENGINE',
    message: `${engine} did not save ${name}: ${lastLine(stderr) ?? 'it gave no reason'}`,
    hint: 'Is there space left for a temporary file in the local store? SLIMIMAGE_STORE chooses another folder.',
  });
}
