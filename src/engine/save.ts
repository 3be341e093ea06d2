import { SlimimageError } from '../errors.ts';
import type { OperationOptions } from '../events.ts';
import { familiarReference, type Reference } from '../oci/reference.ts';
import { runCommand } from './command.ts';
import { findEngines, lastLine } from './find.ts';
import type { Engine } from './types.ts';

export interface SaveOptions extends OperationOptions {
  /** Where the engines' clients are. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of a file that is not there. */
  readonly file: string;
}

/**
 * Writes an image of Docker, or of Podman where Docker has none of that name, to a file as a docker-archive.
 * @throws SlimimageError ENGINE where none answers or the saving fails, IMAGE_NOT_FOUND, ABORTED
 */
export async function saveImage(reference: Reference, options: SaveOptions): Promise<void> {
  const name = familiarReference(reference);
  const engine = await engineWith(name, options);
  const { file, signal, onEvent } = options;
  const id = `save ${name}`;
  onEvent?.({ type: 'task', id, phase: 'download', label: `${name} from ${engine.name}` });
  try {
    const format = engine.name === 'podman' ? ['--format', 'docker-archive'] : [];
    const args = ['save', ...format, '--output', file, name];
    const answer = await runCommand(engine.command, args, { env: engine.env, signal });
    if (answer.status !== 0) throw refusal(engine, name, answer.stderr);
    onEvent?.({ type: 'done', id, outcome: 'ok' });
  } catch (error) {
    onEvent?.({ type: 'done', id, outcome: 'failed' });
    throw error;
  }
}

/** The engine that loads and saves: Docker, else Podman. @throws SlimimageError ENGINE where neither answers, ABORTED */
export async function needEngines(
  options: Pick<SaveOptions, 'env' | 'signal'>,
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

async function engineWith(name: string, options: SaveOptions): Promise<Engine> {
  const engines = await needEngines(options);
  for (const engine of engines) {
    const { env } = engine;
    const args = ['image', 'inspect', '--format', '{{.Id}}', name];
    const { status } = await runCommand(engine.command, args, { env, signal: options.signal });
    if (status === 0) return engine;
  }
  throw new SlimimageError({
    code: 'IMAGE_NOT_FOUND',
    message: `${engines.map((engine) => engine.name).join(' and ')} ${engines.length > 1 ? 'have' : 'has'} no image ${name}`,
    hint: `\`${engines[0].name} image ls\` lists what is there.`,
  });
}

function refusal(engine: Engine, name: string, stderr: string): SlimimageError {
  return new SlimimageError({
    code: 'ENGINE',
    message: `${engine.name} ${engine.version} did not save ${name}: ${lastLine(stderr) ?? 'it gave no reason'}`,
    hint: 'Is there space left for a temporary file in the local store? SLIMIMAGE_STORE chooses another folder.',
  });
}
