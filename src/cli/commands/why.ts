import type { Command } from 'commander';
import { isSlimimageError, SlimimageError } from '../../errors.ts';
import type { WhyPlace } from '../../index.ts';
import type { Context } from '../context.ts';
import { imagePrefix } from '../image-prefix.ts';
import { readSpec } from '../read-spec.ts';
import { renderJson } from '../render/json.ts';
import { renderWhy } from '../render/why.ts';
import { addRunOptions, type RunFlags, running } from '../running.ts';

interface WhyFlags extends RunFlags {
  readonly all?: boolean;
  readonly platform?: readonly string[];
}

const examples = `
Examples:
  slimimage why libc6                       the shortest way from a request of ./slimimage.yaml to the package
  slimimage why /bin/sh                     who put the path there, or what left it out
  slimimage why libssl3t64 --all            everything that needs it
  slimimage why tzdata slimimage.lock.json
  slimimage why /etc/passwd store:web       of an image: its packages, or the layer

IN is a configuration or its folder, a *.lock.json, or an image: store:NAME, docker://HOST/REPO[:TAG], docker-daemon:NAME, oci:DIR[:TAG],
oci-archive:FILE, docker-archive:FILE, tar:FILE, dir:FOLDER.`;

export function addWhyCommand(program: Command, context: Context): void {
  const command = program
    .command('why')
    .summary('explain why a package or a path is in an image')
    .description('Explains why a package or a path (it has a slash) is in an image, or that it is not: exit status 1.')
    .argument('<thing>', 'package, virtual package, or path')
    .argument('[in]', 'configuration, lock or image (default: ./slimimage.yaml)')
    .option('--all', 'everything that needs it, not only the shortest way');
  addRunOptions(command, { api: context.api, examples });
  command.action((thing: string, place: string | undefined, flags: WhyFlags) => why(thing, place, { flags, context }));
}

async function why(
  thing: string,
  where: string | undefined,
  { flags, context }: { readonly flags: WhyFlags; readonly context: Context },
): Promise<void> {
  const { io, api } = context;
  const answer = await running(flags, io, async (options) => {
    const place = await placeOf(where, { flags, context });
    const platform = place.type === 'configuration' ? undefined : flags.platform?.at(-1);
    return api.explainPresence(thing, place, { ...options, platform });
  });
  if (!answer.found) context.answerNo();
  io.stdout.write(`${flags.format === 'json' ? renderJson(answer) : renderWhy(answer, { all: flags.all === true })}\n`);
}

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
