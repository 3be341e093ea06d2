/**
 * `npm run classify-scripts`: fetches the maintainer scripts of 5,000 packages (effects-corpus.ts), says what becomes of
 * each, and writes the table of docs/maintainer-scripts.md. What was fetched stays in .cache/: a run that was interrupted
 * goes on where it was.
 */
import { writeFile } from 'node:fs/promises';
import type { PackagedFiles } from '../src/build/packaged-changes.ts';
import { findUnmade } from '../src/build/unmade-lines.ts';
import { classifyScripts } from '../src/scripts/classify.ts';
import { isThereAtInstallation } from '../src/scripts/installation-tools.ts';
import type { ScriptLine, ScriptVerdict } from '../src/scripts/types.ts';
import { compareStrings } from '../src/util/text.ts';
import { type CorpusPackage, openCorpus, serverSections } from './effects-corpus.ts';
import { fetchScripts } from './effects-scripts.ts';

type Outcome = ScriptVerdict | 'warns' | 'stops';

interface Classified {
  readonly one: CorpusPackage;
  readonly outcome: Outcome;
  /** The line that decides, where nobody does what it does. */
  readonly line: (ScriptLine & { readonly script: string }) | undefined;
  readonly scripts: number;
}

const outcomes: readonly Outcome[] = ['nothing', 'irrelevant', 'covered', 'warns', 'stops'];
const file = 'docs/maintainer-scripts.md';

const corpus = await openCorpus();
const scripts = await fetchScripts(corpus, {
  onProgress: (done) => {
    if (done % 500 === 0) process.stderr.write(`${done} of ${corpus.packages.length}\n`);
  },
});
const classified = corpus.packages.map((one, at) => classify(one, scripts[at]?.members ?? {}));
await writeFile(file, report(classified, corpus.date));
process.stdout.write(`${summary(classified).join('\n')}\n${file} is written\n`);

function classify(one: CorpusPackage, members: Readonly<Record<string, string>>): Classified {
  const files = (members['md5sums'] ?? '').split('\n').map((line) => `/${line.slice(34)}`);
  const own = new Set([...files, ...(members['conffiles'] ?? '').split('\n').map((line) => line.trim())]);
  const isOwn = (path: string) => own.has(path) || own.has(`/usr${path}`);
  const exists = (path: string) => isThereAtInstallation(path) || isOwn(path) || undefined;
  const judged = classifyScripts({ name: one.record.name, scripts: members }, { architecture: 'amd64', exists });
  const reports = findUnmade(judged, { isThere: () => true, files: packagedFiles(one.record.name, own) });
  const lines = reports.flatMap(({ script, lines: found }) => found.map((line) => ({ ...line, script })));
  const missing = lines.filter(({ verdict }) => verdict === 'not-reproduced');
  const stops = missing.find(({ certainty, paths }) => certainty === 'runs' || paths.some(isOwn));
  const line = stops ?? missing[0];
  const found = new Set(reports.map(({ verdict }) => verdict));
  const worst = (['covered', 'irrelevant'] as const).find((verdict) => found.has(verdict)) ?? 'nothing';
  const outcome = stops !== undefined ? 'stops' : missing.length > 0 ? 'warns' : worst;
  return { one, outcome, line, scripts: reports.length };
}

/** As far as a list of names tells: what a link leads to, it does not. */
function packagedFiles(name: string, own: ReadonlySet<string>): PackagedFiles {
  const paths = [...own].filter((path) => path.length > 1);
  const isFolder = (path: string) => paths.some((one) => one.startsWith(`${path.replace(/\/+$/, '')}/`));
  return {
    at: (path) => (own.has(path) ? { package: name, sha256: undefined } : undefined),
    isFolder,
    below: (folder) => paths.filter((path) => path.startsWith(`${folder}/`)),
  };
}

/** Where the sections bring fewer than the list has room for, none of them is left out. */
function drawnOf(all: readonly Classified[]): string {
  const count = all.filter(({ one }) => one.server).length;
  return count < all.length ? `all ${count.toLocaleString('en-US')}` : 'the first';
}

function summary(all: readonly Classified[]): readonly string[] {
  const server = all.filter(({ one }) => one.server);
  return [
    `| | packages | with scripts | ${outcomes.join(' | ')} |`,
    `|---|---|---|${outcomes.map(() => '---').join('|')}|`,
    row('all', all),
    row('of the sections below, with something to run', server),
    ...serverSections.map((section) =>
      row(
        `section ${section}`,
        server.filter(({ one }) => one.record.section === section),
      ),
    ),
    row(
      'the others: most depended on',
      all.filter(({ one }) => !one.server),
    ),
  ];
}

function row(title: string, group: readonly Classified[]): string {
  const counts = outcomes.map((outcome) => group.filter((one) => one.outcome === outcome).length);
  const share = (counts.at(-1) ?? 0) / Math.max(1, group.length);
  const texts = counts.map((count, at) =>
    at === counts.length - 1 ? `${count} (${(share * 100).toFixed(1)} %)` : count,
  );
  return `| ${title} | ${group.length} | ${group.filter((one) => one.scripts > 0).length} | ${texts.join(' | ')} |`;
}

function report(all: readonly Classified[], date: string): string {
  const list = (outcome: Outcome) =>
    all
      .filter((one) => one.outcome === outcome)
      .toSorted((a, b) => compareStrings(a.one.record.name, b.one.record.name))
      .map(({ one, line }) => {
        const where = `${line?.script} ${line?.line}`;
        return `| ${one.record.name} | ${one.record.section} | ${where} | ${cell(line?.because ?? '')} | \`${cell(line?.text ?? '')}\` |`;
      });
  const head = ['| package | section | line | because | command |', '|---|---|---|---|---|'];
  return `# What becomes of maintainer scripts

Written by \`npm run classify-scripts\`, from the archive of ${date.slice(0, 10)} (Debian trixie, main, amd64). Its 5,000 packages are
${drawnOf(all)} of the sections below that ship a program, a service or an init script, and of all others those that most depend on; \`tools/effects-corpus.ts\`
says how they are chosen. [effects.md](effects.md) says what the verdicts mean; \`slimimage effects PACKAGE\` shows every line of a package.

- *nothing*: no script, or none that does anything at a first installation;
- *irrelevant*: services, debconf, manuals, caches and the like, which a container has no use for;
- *covered*: effects leave what the scripts would have left;
- *warns*: only under conditions that nobody knows before it runs, and on no file of the package: a build says so, and goes on;
- *stops*: what certainly runs, or touches a file of the package, is not reproduced: a build stops, unless \`accept:\` names the package or \`paths:\`
  brings the file.

Each package is judged alone here. A build knows the files of all packages, and fewer lines remain open.

${summary(all).join('\n')}

## Packages that stop a build

${[...head, ...list('stops')].join('\n')}

## Packages that warn

${[...head, ...list('warns')].join('\n')}
`;
}

function cell(text: string): string {
  return text.slice(0, 100).replaceAll('`', "'").replaceAll('|', '\\|');
}
