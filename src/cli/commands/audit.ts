import { type Command, Option } from 'commander';
import { SlimimageError } from '../../errors.ts';
import { type AuditReport, auditFails, type FailLevel } from '../../index.ts';
import type { Context } from '../context.ts';
import { addCommonOptions, addRegistryOptions, type CommonOptions, collect } from '../options.ts';
import { renderAudit, renderAuditRules } from '../render/audit.ts';
import { renderJson } from '../render/json.ts';
import { makeStyle } from '../render/style.ts';
import { type RunningFlags, running } from '../running.ts';

interface AuditFlags extends RunningFlags {
  readonly format: CommonOptions['format'] | 'sarif' | 'junit';
  readonly platform?: string;
  readonly failOn: FailLevel;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly allow?: string;
  readonly date?: string;
  readonly rules?: boolean;
}

const examples = `
Examples:
  slimimage audit store:web                              an image of the local store
  slimimage audit docker://registry.example/team/web:1.0 --fail-on warning
  slimimage audit docker-daemon:web:dev --only private-key --only secret-in-file
  slimimage audit oci:./web --allow audit-allow.yaml --format sarif > audit.sarif
  slimimage audit --rules                                what it looks for

Exit status: 0 nothing at or above the level of --fail-on, 1 something that the allow-list does not let pass.
IMAGE is one of store:NAME, docker://HOST/REPO[:TAG|@DIGEST], docker-daemon:NAME, oci:DIR[:TAG], oci-archive:FILE,
docker-archive:FILE, tar:FILE, dir:FOLDER.`;

export function addAuditCommand(program: Command, context: Context): void {
  const command = program
    .command('audit')
    .summary('tell what is risky in an image')
    .description(
      'Tells what is risky in an image, with the reason and what to do: secrets, rights, accounts, tools, how programs are built, what was left behind. Nothing is run.',
    )
    .argument('[image]', 'image to look into')
    .addOption(
      new Option('--fail-on <level>', 'exit with status 1 from this level on')
        .choices(['error', 'warning', 'info', 'none'])
        .default('error'),
    )
    .option('--only <rule>', 'ask this rule alone (repeatable)', collect)
    .option('--skip <rule>', 'do not ask this rule (repeatable)', collect)
    .option('--allow <file>', 'YAML list of findings that may be, each with its reason')
    .option('--date <day>', 'judge for this day, as 2027-06-30 (default: SOURCE_DATE_EPOCH, else today)')
    .option('--rules', 'list the rules, and read no image')
    .option('--platform <platform>', "platform of a multi-platform image (default: the machine's, else the first)")
    .option('--offline', 'ask no registry');
  addRegistryOptions(addCommonOptions(command, ['text', 'json', 'sarif', 'junit'])).addHelpText('after', examples);
  command.action((image: string | undefined, flags: AuditFlags) => audit(image, flags, context));
}

async function audit(image: string | undefined, flags: AuditFlags, context: Context): Promise<void> {
  const { io, api } = context;
  const { platform, failOn, only, skip, allow, date } = flags;
  if (flags.rules === true) {
    const rules = await api.listAuditRules();
    io.stdout.write(`${flags.format === 'json' ? renderJson({ rules }) : renderAuditRules(rules)}\n`);
    return;
  }
  if (image === undefined) {
    const hint = 'Such as slimimage audit store:web; slimimage audit --rules lists what it looks for.';
    throw new SlimimageError({ code: 'USAGE', message: 'audit needs the name of an image', hint });
  }
  const report = await running(flags, io, (options) =>
    api.auditImage(image, { ...options, platform, only, skip, allow, date }),
  );
  if (auditFails(report, failOn)) context.answerNo();
  io.stdout.write(`${await written(report, flags, context)}\n`);
}

async function written(report: AuditReport, flags: AuditFlags, { io, api }: Context): Promise<string> {
  const { format, failOn, verbose } = flags;
  if (format === 'json') return renderJson(report);
  if (format === 'sarif') return api.writeAuditSarif(report);
  if (format === 'junit') return api.writeAuditJunit(report, { failOn });
  return renderAudit(report, {
    verbose,
    failOn,
    style: makeStyle(io.stdout, io.env),
    columns: Math.min(io.stdout.columns ?? 80, 100),
  });
}
