import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { addCommonOptions, addRegistryOptions, type CommonOptions } from '../options.ts';
import { renderCheck } from '../render/check.ts';
import { renderJson } from '../render/json.ts';
import { type RunningFlags, running } from '../running.ts';

interface CheckFlags extends RunningFlags {
  readonly format: CommonOptions['format'];
  readonly platform?: string;
}

const examples = `
Examples:
  slimimage check store:web                     an image of the local store
  slimimage check docker://registry.example/team/web:1.0 --platform linux/arm64
  slimimage check docker-archive:web.tar --verbose
  slimimage check dir:./rootfs --format json

Exit status: 0 it would run, 1 it would not. Warnings leave it at 0.
IMAGE is one of store:NAME, docker://HOST/REPO[:TAG|@DIGEST], docker-daemon:NAME, oci:DIR[:TAG], oci-archive:FILE,
docker-archive:FILE, tar:FILE, dir:FOLDER.`;

export function addCheckCommand(program: Command, context: Context): void {
  const command = program
    .command('check')
    .summary('tell whether an image would run')
    .description(
      'Tells whether an image would run: libraries, symbol versions, interpreters, the entrypoint and its user. Nothing is run.',
    )
    .argument('<image>', 'image to look into')
    .option('--platform <platform>', "platform of a multi-platform image (default: the machine's, else the first)")
    .option('--offline', 'ask no registry, and no archive for what is missing');
  addRegistryOptions(addCommonOptions(command)).addHelpText('after', examples);
  command.action((image: string, flags: CheckFlags) => check(image, flags, context));
}

async function check(image: string, flags: CheckFlags, context: Context): Promise<void> {
  const { io, api } = context;
  const { format, platform, verbose } = flags;
  const answer = await running(flags, io, (options) => api.checkImage(image, { ...options, platform }));
  if (!answer.sound) context.answerNo();
  io.stdout.write(`${format === 'json' ? renderJson(answer) : renderCheck(answer, { verbose })}\n`);
}
