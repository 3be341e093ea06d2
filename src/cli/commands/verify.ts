import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { addCommonOptions, addRegistryOptions, type CommonOptions, collect } from '../options.ts';
import { renderJson } from '../render/json.ts';
import { renderVerify } from '../render/verify.ts';
import { type RunningFlags, running } from '../running.ts';

interface VerifyFlags extends RunningFlags {
  readonly format: CommonOptions['format'];
  readonly platform?: string;
  readonly lock?: string;
  readonly file?: string;
  readonly key?: readonly string[];
}

const examples = `
Examples:
  slimimage verify store:web
  slimimage verify docker://registry.example/team/web:1.0 --key cosign.pub
  slimimage verify docker://registry.example/team/web:1.0 --lock slimimage.lock.json
  slimimage verify oci:./web --offline --format json

With --lock every file is held against the locked .debs; with the configuration beside the lock (or --file) everything else too.
Exit status: 0 nothing failed, and what --lock and --key ask for is proven; 1 otherwise.
IMAGE is one of store:NAME, docker://HOST/REPO[:TAG|@DIGEST], docker-daemon:NAME, oci:DIR[:TAG], oci-archive:FILE,
docker-archive:FILE, tar:FILE, dir:FOLDER.`;

export function addVerifyCommand(program: Command, context: Context): void {
  const command = program
    .command('verify')
    .summary('tell what of an image is proven')
    .description(
      'Tells whether an image is what it claims to be: what is proven of it, by what evidence, and what is not.',
    )
    .argument('<image>', 'image to look into')
    .option('--lock <file>', 'lock that it was built from: its .debs are held against the image')
    .option(
      '-f, --file <file>',
      'configuration of the lock (default: the one beside the lock); it tells where archives are',
    )
    .option('--key <key>', 'public key that has to have signed it: a PEM file, or env://NAME (repeatable)', collect)
    .option('--platform <platform>', 'look into the files of this platform alone (default: of all)')
    .option('--offline', 'ask no registry and no archive')
    .option('--no-progress', 'no progress on the screen');
  addRegistryOptions(addCommonOptions(command)).addHelpText('after', examples);
  command.action((image: string, flags: VerifyFlags) => verify(image, flags, context));
}

async function verify(image: string, flags: VerifyFlags, context: Context): Promise<void> {
  const { io, api } = context;
  const { format, platform, lock, file: config, key: keys, verbose } = flags;
  const report = await running(flags, io, (options) =>
    api.verifyImage(image, { ...options, platform, lock, config, keys }),
  );
  if (!report.verified) context.answerNo();
  io.stdout.write(`${format === 'json' ? renderJson(report) : renderVerify(report, { verbose })}\n`);
}
