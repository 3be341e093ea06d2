import { classifyCommand, isLiteral, type Judgement } from './classify-command.ts';
import { asksDebconf, debconfAnswers } from './debconf-answers.ts';
import type { SystemFacts } from './first-install.ts';
import { knownScript, looksAfterMachines } from './known-scripts.ts';
import { knownTrigger } from './known-triggers.ts';
import { readScript } from './read-script.ts';
import { knownTemporaries } from './temporary-files.ts';
import type { InstallScript, ScriptCommand, ScriptLine, ScriptReport, ScriptVerdict } from './types.ts';

export interface ScriptedPackage {
  readonly name: string;
  /** Control member name (`postinst`, `triggers`, `templates`, ...) -> text. */
  readonly scripts: Readonly<Record<string, string>>;
}

export interface ScriptFacts extends Omit<SystemFacts, 'answers'> {
  /** As `exists`, before any script made anything: what a config script finds. Undefined: as `exists`. */
  readonly unpacked?: SystemFacts['exists'];
}

/**
 * What becomes of the maintainer scripts of a package at a first installation: a report for each script that it has, in
 * the order in which they run. Pure, and never throws for what a script says.
 */
export function classifyScripts(
  { name, scripts }: ScriptedPackage,
  { unpacked, ...facts }: ScriptFacts = {},
): readonly ScriptReport[] {
  const before = { ...facts, exists: unpacked ?? facts.exists };
  const answers = Object.values(scripts).some(asksDebconf) ? debconfAnswers(scripts, before) : undefined;
  return installScripts.flatMap((script) => {
    const text = scripts[script];
    if (text === undefined) return [];
    const found = script === 'config' ? before : facts;
    const lines =
      script === 'triggers' ? triggerLines(text) : scriptLines(text, { ...found, answers, name, script, scripts });
    return [{ package: name, script, verdict: worstOf(lines), lines }];
  });
}

const installScripts: readonly InstallScript[] = ['preinst', 'config', 'postinst', 'triggers'];

interface ScriptOptions extends SystemFacts {
  readonly name: string;
  readonly script: InstallScript;
  readonly scripts: Readonly<Record<string, string>>;
}

function scriptLines(text: string, { name, script, scripts, ...facts }: ScriptOptions): readonly ScriptLine[] {
  const known = knownScript(name, script);
  if (known !== undefined)
    return [{ line: 1, text: `the ${script} of ${name}`, certainty: 'runs', paths: [], ...known }];
  const runs = [readScript(text, { ...facts, package: name, script })];
  const names = script === 'postinst' ? triggersOf(scripts['triggers'] ?? '') : [];
  // dpkg runs it once more for what other packages activate (deb-triggers(5)).
  if (names.length > 0) {
    runs.push(readScript(text, { ...facts, package: name, script, arguments: ['triggered', names.join(' ')] }));
  }
  const lines = new Map<string, ScriptLine>();
  for (const { commands } of runs) {
    const temporaries = knownTemporaries(commands, isLiteral);
    for (const command of commands) {
      const judgement = judgementOf(command, { name, temporaries });
      if (judgement.verdict === 'nothing') continue;
      const line = toLine(command, judgement);
      const key = [line.line, line.because, ...line.paths].join('\n');
      if (!lines.has(key)) lines.set(key, line);
    }
  }
  const unreadable = runs.find((run) => run.unreadable !== undefined)?.unreadable;
  return [...lines.values(), ...(unreadable === undefined ? [] : [unreadableLine(script, unreadable)])];
}

const machines: Judgement = { verdict: 'irrelevant', because: 'what looks after a machine', paths: [] };

function judgementOf(
  command: ScriptCommand,
  { name, temporaries }: { readonly name: string; readonly temporaries: ReadonlySet<string> },
): Judgement {
  const judgement = classifyCommand(command, temporaries);
  const isOfMachine = ['script files', 'service folders'].includes(judgement.because) && looksAfterMachines(name);
  return isOfMachine ? machines : judgement;
}

function toLine(command: ScriptCommand, { verdict, because, paths, mayBeNothing }: Judgement): ScriptLine {
  const certainty = mayBeNothing === true ? 'may-run' : command.certainty;
  return { line: command.line, text: command.text, certainty, verdict, because, paths };
}

/** Scripts that ask questions before a package is unpacked have nothing of it to change (debconf-devel(7)). */
function unreadableLine(script: InstallScript, why: string): ScriptLine {
  const verdict = script === 'config' ? 'irrelevant' : 'not-reproduced';
  const because = script === 'config' ? 'debconf' : why;
  return { line: 1, text: why, certainty: 'runs', verdict, because, paths: [] };
}

function triggersOf(text: string): readonly string[] {
  return directives(text).flatMap(({ directive, name }) => (directive.startsWith('interest') ? [name] : []));
}

/** Whoever listens to a trigger is judged by what its postinst does then. */
function triggerLines(text: string): readonly ScriptLine[] {
  return directives(text).flatMap(({ directive, name, line }) => {
    if (!directive.startsWith('activate')) return [];
    const unknown = { verdict: 'irrelevant', because: 'a trigger: whoever listens to it is judged' } as const;
    const judged = knownTrigger(name) ?? unknown;
    return [{ line, text: `${directive} ${name}`.slice(0, 200), certainty: 'runs', paths: [], ...judged } as const];
  });
}

function directives(text: string) {
  return text.split('\n').flatMap((content, at) => {
    const [directive = '', name = ''] = content.replace(/#.*/, '').trim().split(/\s+/);
    return name === '' ? [] : [{ directive, name, line: at + 1 }];
  });
}

function worstOf(lines: readonly ScriptLine[]): ScriptVerdict {
  const found = new Set(lines.map(({ verdict }) => verdict));
  return (['not-reproduced', 'covered', 'irrelevant'] as const).find((verdict) => found.has(verdict)) ?? 'nothing';
}
