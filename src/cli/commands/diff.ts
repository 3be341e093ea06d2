import type { Command } from 'commander';
import { SlimimageError } from '../../errors.ts';
import type { DifferenceForm, FileDifference, ImageDifference, LockDifference } from '../../index.ts';
import type { Context } from '../context.ts';
import { imagePrefix } from '../image-prefix.ts';
import { addCommonOptions, addRegistryOptions } from '../options.ts';
import { renderFileDifference } from '../render/file-difference.ts';
import { renderImageDifference } from '../render/image-difference.ts';
import { jsonPieces } from '../render/json.ts';
import { renderLockDifference } from '../render/lock-difference.ts';
import { makeStyle } from '../render/style.ts';
import { type RunningFlags, running } from '../running.ts';

interface DiffFlags extends RunningFlags {
  readonly format: 'text' | 'json' | DifferenceForm;
  readonly exitCode?: boolean;
  readonly path?: string;
  readonly platform?: string;
  readonly all?: boolean;
  readonly times?: boolean;
  /** False for --no-audit. */
  readonly audit: boolean;
  readonly output?: string;
  readonly showSecrets?: boolean;
}

const examples = `
Examples:
  slimimage diff docker://registry.example/team/web:1.0 store:web
  slimimage diff docker-daemon:web:1 docker-daemon:web:2 --path /etc/nginx/nginx.conf
  slimimage diff oci:./old oci:./new --exit-code              status 1 where they differ
  slimimage diff store:web:1 store:web:2 --format markdown    for a pull request
  slimimage diff store:web:1 store:web:2 --format html -o difference.html
  slimimage diff old.lock.json slimimage.lock.json            two locks

IMAGE is one of store:NAME, docker://HOST/REPO[:TAG|@DIGEST], docker-daemon:NAME, oci:DIR[:TAG], oci-archive:FILE,
docker-archive:FILE, tar:FILE, dir:FOLDER.`;

export function addDiffCommand(program: Command, context: Context): void {
  const command = program
    .command('diff')
    .summary('compare two images, or two locks')
    .description(
      'Tells what changed from one image to another: packages, files, config, history, size, layers, findings.',
    )
    .argument('<before>', 'image, or lock file')
    .argument('<after>', 'image, or lock file')
    .option('--path <file>', 'only this file: what changed of it, as a text difference')
    .option('--all', 'list every file')
    .option('--times', 'files that differ in time alone are changes too')
    .option('--no-audit', 'compare no findings: faster, where the files were not looked at before')
    .option('--show-secrets', 'show values that look like secrets')
    .option('--exit-code', 'exit with status 1 where they differ')
    .option(
      '--platform <platform>',
      "platform of multi-platform images (default: the machine's, else one that both have)",
    )
    .option('-o, --output <file>', 'write it to this file, not to stdout')
    .option('--offline', 'ask no registry');
  addRegistryOptions(addCommonOptions(command, ['text', 'json', 'markdown', 'html'])).addHelpText('after', examples);
  command.action((before: string, after: string, flags: DiffFlags) => diff([before, after], flags, context));
}

type Names = readonly [before: string, after: string];

type Answer =
  | { readonly type: 'locks'; readonly difference: LockDifference }
  | { readonly type: 'images'; readonly difference: ImageDifference }
  | { readonly type: 'file'; readonly difference: FileDifference };

async function diff(names: Names, flags: DiffFlags, context: Context): Promise<void> {
  const { io, api } = context;
  const answer = await compare(names, flags, context);
  const pieces = inChunks(await write(answer, flags, context));
  if (flags.output !== undefined) await api.writeAnswer(pieces, flags.output, { cwd: io.cwd });
  else for (const piece of pieces) io.stdout.write(piece);
  if (flags.exitCode === true && !answer.difference.same) context.answerNo();
}

/** A hundred thousand files are as many pieces. */
function* inChunks(pieces: Iterable<string>): Generator<string, void, undefined> {
  let chunk = '';
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < 65_536) continue;
    yield chunk;
    chunk = '';
  }
  yield `${chunk}\n`;
}

async function compare(names: Names, flags: DiffFlags, { io, api }: Context): Promise<Answer> {
  const { path, platform, times, audit, showSecrets } = flags;
  if (areLocks(names)) {
    if (path !== undefined)
      throw usage('--path is about a file of images', 'Name two images: store:NAME, oci:DIR, ...');
    return { type: 'locks', difference: await api.diffLocks(...names, { cwd: io.cwd }) };
  }
  return running(flags, io, async (options): Promise<Answer> => {
    if (path !== undefined) {
      return {
        type: 'file',
        difference: await api.diffFile(...names, { ...options, path, platform, times, showSecrets }),
      };
    }
    return {
      type: 'images',
      difference: await api.diffImages(...names, { ...options, platform, times, audit, showSecrets }),
    };
  });
}

/** A path or a JSON file is a lock: no image is named so. */
function areLocks(names: Names): boolean {
  const images = names.filter((name) => imagePrefix.test(name));
  const locks = names.filter((name) => !imagePrefix.test(name) && /\.json$|^[./]/.test(name));
  const [image] = images;
  const [lock] = locks;
  if (image !== undefined && lock !== undefined) {
    throw usage(`${image} is an image and ${lock} a lock: they can't be compared`, 'Name two images, or two locks.');
  }
  return lock !== undefined;
}

async function write(answer: Answer, flags: DiffFlags, context: Context): Promise<Iterable<string>> {
  const { format } = flags;
  return format === 'json' ? jsonPieces(answer.difference) : [await writeText(answer, { ...flags, format }, context)];
}

type ReadableFlags = DiffFlags & { readonly format: 'text' | DifferenceForm };

async function writeText(answer: Answer, flags: ReadableFlags, { io, api }: Context): Promise<string> {
  const { format, all = false, output } = flags;
  // A file is no terminal.
  const style = output === undefined ? makeStyle(io.stdout, io.env) : makeStyle({ write: () => undefined }, {});
  switch (answer.type) {
    case 'images':
      if (format !== 'text') return api.formatDifference(answer.difference, format);
      return renderImageDifference(answer.difference, { style, all });
    case 'file':
      if (format !== 'text') return api.formatDifference(answer.difference, format);
      return renderFileDifference(answer.difference, { style });
    case 'locks':
      if (format === 'markdown') return api.formatDifference(answer.difference, format);
      if (format === 'html')
        throw usage('the difference of two locks has no form html', 'Write --format markdown, json or text.');
      return renderLockDifference(answer.difference, { style });
  }
}

function usage(message: string, hint: string): SlimimageError {
  return new SlimimageError({ code: 'USAGE', message, hint });
}
