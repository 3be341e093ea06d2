import { Command } from 'commander';
import { addAuditCommand } from './commands/audit.ts';
import { addBuildCommand } from './commands/build.ts';
import { addCacheCommand } from './commands/cache.ts';
import { addCatCommand } from './commands/cat.ts';
import { addCatalogCommand } from './commands/catalog.ts';
import { addCheckCommand } from './commands/check.ts';
import { addCompletionCommand } from './commands/completion.ts';
import { addCopyCommand } from './commands/copy.ts';
import { addDiffCommand } from './commands/diff.ts';
import { addEffectsCommand } from './commands/effects.ts';
import { addExtractCommand } from './commands/extract.ts';
import { addInspectCommand } from './commands/inspect.ts';
import { addLockCommand } from './commands/lock.ts';
import { addListCommand } from './commands/ls.ts';
import { addResolveCommand } from './commands/resolve.ts';
import { addSbomCommand } from './commands/sbom.ts';
import { addSchemaCommand } from './commands/schema.ts';
import { addSignCommand } from './commands/sign.ts';
import { addTagsCommand } from './commands/tags.ts';
import { addUpdateCommand } from './commands/update.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { addWhyCommand } from './commands/why.ts';
import type { Context } from './context.ts';
import { readEnvironment } from './environment.ts';
import type { Api, Io } from './io.ts';
import { explainUnknown } from './other-words.ts';
import { makeStyle } from './render/style.ts';
import { version } from './version.ts';

export interface Program extends Command {
  outcome(): number;
}

const examples = `
Examples:
  slimimage build                                         the image of ./slimimage.yaml, into the local store
  slimimage build --from debian/trixie -p nginx -t web:dev --load
  slimimage resolve nginx                                 the packages that it takes
  slimimage why libc6                                     who asked for one
  slimimage ls store:web /etc                             what is in an image
  slimimage build -t registry.example/team/web:1.0 --push --sign cosign.key
  slimimage sbom docker://registry.example/team/web:1.0   what is in it, as SPDX
  slimimage copy store:web oci:./web                      from anywhere to anywhere
  slimimage lock && slimimage build --locked              the same bytes on any day; slimimage update for newer ones
  slimimage build --help                                  everything about one command

Exit status: 0 done, 1 the answer is no, 2 a mistake of yours, 3 the world's (network, archive, disk).`;

/** The tree of commands. */
export function makeProgram(io: Io, api: Api): Program {
  let status = 0;
  const context: Context = {
    io,
    api,
    answerNo: () => {
      status = 1;
    },
  };
  const program = new Command('slimimage')
    .description('Container images of Debian packages and your own files, and nothing else.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain a command')
    .addHelpText('after', examples);
  // Before the verbs: they inherit it.
  configure(program, io);
  addBuildCommand(program, context);
  addResolveCommand(program, context);
  addEffectsCommand(program, context);
  addLockCommand(program, context);
  addWhyCommand(program, context);
  addUpdateCommand(program, context);
  addDiffCommand(program, context);
  addListCommand(program, context);
  addCatCommand(program, context);
  addExtractCommand(program, context);
  addInspectCommand(program, context);
  addCheckCommand(program, context);
  addAuditCommand(program, context);
  addVerifyCommand(program, context);
  addCopyCommand(program, context);
  addTagsCommand(program, context);
  addSbomCommand(program, context);
  addSignCommand(program, context);
  addCatalogCommand(program, context);
  addCacheCommand(program, context);
  addSchemaCommand(program, context);
  addCompletionCommand(program, context);
  readEnvironment(program, io.env);
  return Object.assign(program, { outcome: () => status });
}

function configure(program: Command, io: Io): void {
  const style = makeStyle(io.stderr, io.env);
  program
    .exitOverride()
    .showSuggestionAfterError(true)
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (text, write) => write(`${style.error('error:')} ${explainUnknown(text.replace(/^error: /, ''))}`),
    });
}
