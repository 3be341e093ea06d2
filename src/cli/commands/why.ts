import type { Command } from 'commander';
import { isSlimimageError, SlimimageError } from '../../errors.ts';
import type { WhyPlace } from '../../index.ts';
import { addConfigOptions } from '../config-options.ts';
import type { Context } from '../context.ts';
import { addCommonOptions, type CommonOptions } from '../options.ts';
import { makeProgress } from '../progress/progress.ts';
import { readSpec } from '../read-spec.ts';
import { renderWhy } from '../render/why.ts';

interface WhyFlags extends CommonOptions {
  readonly all?: boolean;
  readonly offline?: boolean;
  readonly progress: boolean;
  /** False for --no-config. */
  readonly config: boolean;
  readonly platform?: readonly string[];
  readonly [flag: string]: unknown;
}

const examples = `
Examples:
  slimimage why libc6                       the shortest way from a request of ./slimimage.yaml to the package
  slimimage why /bin/sh                     who put the path there, or what left it out
  slimimage why libssl3t64 --all            everything that needs it
  slimimage why tzdata slimimage.lock.json
  slimimage why /etc/passwd store:web       of an image: its packages, or the layer

IN is a configuration or its folder, a *.lock.json, or an image: store:NAME, oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, tar:FILE, dir:FOLDER.`;

export function addWhyCommand(program: Command, context: Context): void {
  const command = program
    .command('why')
    .summary('explain why a package or a path is in an image')
    .description('Explains why a package or a path (it has a slash) is in an image, or that it is not: exit status 1.')
    .argument('<thing>', 'package, virtual package, or path')
    .argument('[in]', 'configuration, lock or image (default: ./slimimage.yaml)')
    .option('--all', 'everything that needs it, not only the shortest way')
    .option('--offline', 'use nothing but the local store')
    .option('--no-progress', 'no progress on the screen')
    .option('--no-config', 'ignore ./slimimage.yaml: flags alone describe the image');
  addCommonOptions(command).addHelpText('after', examples);
  command.optionsGroup('What goes into the image (on top of the file):');
  addConfigOptions(command, context.api);
  command.action((thing: string, place: string | undefined, flags: WhyFlags) => why(thing, place, { flags, context }));
}

async function why(
  thing: string,
  where: string | undefined,
  { flags, context }: { readonly flags: WhyFlags; readonly context: Context },
): Promise<void> {
  const { io, api } = context;
  const progress = makeProgress(io, flags);
  try {
    const place = await placeOf(where, { flags, context });
    const { offline, store } = flags;
    const { env, cwd, signal } = io;
    const onEvent = progress.onEvent.bind(progress);
    const platform = place.type === 'configuration' ? undefined : flags.platform?.at(-1);
    const answer = await api.explainPresence(thing, place, { platform, offline, store, env, cwd, signal, onEvent });
    progress.close();
    if (!answer.found) context.answerNo();
    const text =
      flags.format === 'json' ? JSON.stringify(answer, undefined, 2) : renderWhy(answer, { all: flags.all === true });
    io.stdout.write(`${text}\n`);
  } finally {
    progress.close();
  }
}

const imagePrefix = /^(?:store|oci|oci-archive|docker-archive|docker-daemon|docker|dir|tar):/;

async function placeOf(
  where: string | undefined,
  { flags, context }: { readonly flags: WhyFlags; readonly context: Context },
): Promise<WhyPlace> {
  if (where !== undefined && imagePrefix.test(where)) return { type: 'image', image: where };
  if (where?.endsWith('.lock.json') === true) return { type: 'lock', file: where };
  const input = readSpec(where, flags, context);
  return { type: 'configuration', input: await (where === undefined ? input : input.catch(namePlaces)) };
}

/** What does not exist may be a configuration just as well as an image without its prefix. */
function namePlaces(error: unknown): never {
  if (!isSlimimageError(error) || error.code !== 'CONFIG_NOT_FOUND') throw error;
  throw new SlimimageError({
    code: error.code,
    message: error.message,
    hint: 'Name a configuration, a lock (web.lock.json) or an image (store:web, oci:DIR, ...).',
    cause: error,
  });
}
