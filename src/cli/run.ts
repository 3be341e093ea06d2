import { CommanderError } from 'commander';
import { SlimimageError } from '../errors.ts';
import { isOn, prefersJson } from './environment.ts';
import type { Api, Io } from './io.ts';
import { makeProgram } from './program.ts';
import { errorJson, renderError } from './render/errors.ts';
import { makeStyle } from './render/style.ts';

/**
 * Runs one command. `argv` is what follows the program's name.
 * @returns the exit status: 0 done, 1 the answer is no, 2 the user's mistake, 3 the world's
 */
export async function run(argv: readonly string[], io: Io, api?: Api): Promise<number> {
  try {
    const program = makeProgram(io, api ?? (await import('../index.ts')));
    await program.parseAsync([...argv], { from: 'user' });
    return program.outcome();
  } catch (error) {
    return fail(error, argv, io);
  }
}

function fail(error: unknown, argv: readonly string[], io: Io): number {
  // Commander has written its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (wantsJson(argv, io)) io.stdout.write(`${JSON.stringify({ error: errorJson(error) }, undefined, 2)}\n`);
  else {
    const verbose = argv.includes('--verbose') || isOn('--verbose', io.env);
    io.stderr.write(`${renderError(error, { verbose, style: makeStyle(io.stderr, io.env) })}\n`);
  }
  return error instanceof SlimimageError ? error.exitStatus : 3;
}

/** Before the arguments are understood, a mistake in them has to be told in some form too. */
function wantsJson(argv: readonly string[], { env }: Io): boolean {
  const given = argv.flatMap(
    (word, index) =>
      /^--format(?:=(.*))?$/
        .exec(word)
        ?.slice(1, 2)
        .map((text) => text ?? argv[index + 1]) ?? [],
  );
  return given.length === 0 ? prefersJson(env) : given.includes('json');
}
