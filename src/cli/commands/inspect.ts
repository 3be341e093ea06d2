import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { addCommonOptions, addRegistryOptions, type CommonOptions, collect, wholeNumber } from '../options.ts';
import { renderInspection } from '../render/inspect.ts';
import { renderPackages } from '../render/inspect-packages.ts';
import { renderChanges, renderFiles } from '../render/inspect-paths.ts';
import { printable } from '../render/inspect-text.ts';
import { renderJson } from '../render/json.ts';
import { makeStyle } from '../render/style.ts';
import { type RunningFlags, running } from '../running.ts';

interface InspectFlags extends RunningFlags {
  readonly format: CommonOptions['format'];
  readonly platform?: string;
  readonly top: number;
  readonly packages?: boolean;
  readonly files?: string;
  readonly layer?: string;
  readonly dockerfile?: boolean;
  readonly diveCompatible?: boolean;
  readonly failOn?: readonly string[];
  readonly showSecrets?: boolean;
}

const examples = `
Examples:
  slimimage inspect docker-daemon:web                       everything about an image of the engine
  slimimage inspect docker://registry.example/team/web:1.0 --top 30
  slimimage inspect store:web --dockerfile                  the Dockerfile that may have made it
  slimimage inspect docker-archive:web.tar --packages       every package, with its files and what they weigh
  slimimage inspect store:web --files none                  the files of no package; of one: --files curl
  slimimage inspect store:web --layer 2                     what a layer added (+), changed (~) and removed (-)
  slimimage inspect store:web --fail-on 'waste>10MB' --fail-on 'size>200MB' --fail-on 'unowned>5MB'
  slimimage inspect store:web --fail-on lowestEfficiency=0.95     a rule of dive's

Limits are NAME>VALUE or NAME<VALUE of size, compressed-size, layer-size, waste, waste-share, duplicates, unowned, unowned-files,
missing-files, files, biggest-file, layers, packages, efficiency; dive's rules are lowestEfficiency=, highestWastedBytes= and
highestUserWastedPercent=.
Exit status: 0 told, 1 a limit of --fail-on is passed.
IMAGE is one of store:NAME, docker://HOST/REPO[:TAG|@DIGEST], docker-daemon:NAME, oci:DIR[:TAG], oci-archive:FILE,
docker-archive:FILE, tar:FILE, dir:FOLDER.`;

export function addInspectCommand(program: Command, context: Context): void {
  const command = program
    .command('inspect')
    .summary('tell what is in an image')
    .description(
      'Tells what is in an image: config, layers, packages, users, what it starts, what is big, double or wasted, and the Dockerfile that may have made it.',
    )
    .argument('<image>', 'image to look into')
    .option('--top <number>', 'how many of the biggest of everything', wholeNumber(0), 10)
    .option('--packages', 'only the packages, all of them')
    .addOption(
      new Option(
        '--files <package>',
        "only the files of a package, of none ('none'), or those that are missing ('missing')",
      ).conflicts(['packages', 'dockerfile', 'layer']),
    )
    .addOption(
      new Option(
        '--layer <layer>',
        'only what a layer changed, path by path: its number, 1 the lowest, or its digest',
      ).conflicts(['packages', 'dockerfile']),
    )
    .option('--dockerfile', 'only the reconstructed Dockerfile')
    .option('--dive-compatible', "dive's own figures beside the exact ones")
    .option('--fail-on <limit>', "exit with status 1 where it is passed: 'waste>10MB' (repeatable)", collect)
    .option('--show-secrets', 'show values that look like secrets')
    .option('--platform <platform>', "platform of a multi-platform image (default: the machine's, else the first)")
    .option('--offline', 'ask no registry');
  addRegistryOptions(addCommonOptions(command)).addHelpText('after', examples);
  command.action((image: string, flags: InspectFlags) => inspect(image, flags, context));
}

async function inspect(image: string, flags: InspectFlags, context: Context): Promise<void> {
  const { io, api } = context;
  const { platform, top, failOn, showSecrets, files, layer, diveCompatible: dive } = flags;
  const answer = await running(flags, io, (options) =>
    api.inspectImage(image, { ...options, platform, top, failOn, showSecrets, dive, files, layer }),
  );
  if (answer.limits.some(({ failed }) => failed)) context.answerNo();
  const style = makeStyle(io.stdout, io.env);
  const lines = (): readonly string[] => {
    if (flags.format === 'json') return [renderJson(answer)];
    if (files !== undefined) return renderFiles(answer, files);
    if (layer !== undefined) return renderChanges(answer);
    if (flags.dockerfile === true)
      return [printable(answer.dockerfile?.text.trimEnd() ?? '# a file tree: nothing says how it was made')];
    return [
      flags.packages === true ? renderPackages(answer) : renderInspection(answer, { style, verbose: flags.verbose }),
    ];
  };
  io.stdout.write(
    lines()
      .map((line) => `${line}\n`)
      .join(''),
  );
}
