import { SlimimageError } from '../errors.ts';
import type { OperationOptions } from '../events.ts';
import { runCommand } from './command.ts';
import { lastLine } from './find.ts';
import type { Engine } from './types.ts';

/**
 * Loads a docker-archive (or what the engine takes beside it) from a file.
 * @returns the references, or for an archive without one the image ids, as the engine says them
 * @throws SlimimageError ENGINE where the engine refuses the file, ABORTED
 */
export async function loadImage(
  engine: Engine,
  file: string,
  options: OperationOptions = {},
): Promise<readonly string[]> {
  const id = `load ${engine.name}`;
  options.onEvent?.({ type: 'task', id, phase: 'write', label: `loading into ${engine.name}` });
  try {
    const { env } = engine;
    const answer = await runCommand(engine.command, ['load', '--input', file], { env, signal: options.signal });
    if (answer.status !== 0) throw refusal(engine, answer.stderr);
    options.onEvent?.({ type: 'done', id, outcome: 'ok' });
    return loadedNames(answer.stdout);
  } catch (error) {
    options.onEvent?.({ type: 'done', id, outcome: 'failed' });
    throw error;
  }
}

/** `Loaded image: REF`, `Loaded image ID: sha256:...`, and podman's `Loaded image(s): REF,REF`. */
function loadedNames(stdout: string): readonly string[] {
  return [...stdout.matchAll(/^Loaded image(?:\(s\)| ID)?:\s*(.+)$/gm)].flatMap((match) =>
    (match[1] ?? '').split(',').map((name) => name.trim()),
  );
}

function refusal(engine: Engine, stderr: string): SlimimageError {
  return new SlimimageError({
    code: 'ENGINE',
    message: `${engine.name} ${engine.version} did not load the image: ${lastLine(stderr) ?? 'it gave no reason'}`,
    hint: `Is there space left where ${engine.name} keeps its images? \`${engine.name} info\` shows the folder.`,
  });
}
