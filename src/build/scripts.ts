import type { ImageSpec } from '../config/spec.ts';
import type { Content } from '../content/types.ts';
import { SlimimageError } from '../errors.ts';
import { classifyScripts } from '../scripts/classify.ts';
import { isThereAtInstallation } from '../scripts/installation-tools.ts';
import type { ScriptLine, ScriptReport } from '../scripts/types.ts';
import type { AssembledTree } from './assemble.ts';
import type { PackagedFiles } from './packaged-changes.ts';
import { findUnmade } from './unmade-lines.ts';

export interface ScriptsInput {
  /** Debian architecture. */
  readonly architecture: string;
  readonly packages: ReadonlyMap<string, { readonly content: Content }>;
  readonly tree: AssembledTree['tree'];
}

export interface JudgedScripts {
  /** By package in name order, then in the order in which scripts run. */
  readonly reports: readonly ScriptReport[];
  /** Sentences: `accept:` that is not needed, lines that nobody does and that can't matter. */
  readonly warnings: readonly string[];
}

/**
 * What becomes of the maintainer scripts of the packages that an image has, once its tree is whole.
 * @throws SlimimageError SCRIPT_NOT_REPRODUCED for what nobody does and may matter, unless `accept:` names the package.
 */
export function judgeScripts(
  spec: Pick<ImageSpec, 'accept'>,
  input: ScriptsInput & { readonly judged?: readonly ScriptReport[] },
): JudgedScripts {
  const { judged = classifyAll(input) } = input;
  const reports = findUnmade(judged, { isThere: (path) => isAt(path, input), files: packagedFiles(input.tree) });
  const stopping = reports.flatMap((report) => stoppingLines(report, input));
  const accepted = new Set(spec.accept.map((one) => one.package));
  refuse(stopping.filter(({ report }) => !accepted.has(report.package)));
  return { reports, warnings: [...unusedWarnings(spec, { input, stopping }), ...harmlessWarnings(reports, stopping)] };
}

/** Where a path is that a script asks for: unpacked from a package, made by another script, or nowhere. */
export type PlaceOf = (path: string) => 'unpacked' | 'made' | 'nowhere';

/** What becomes of every script, before it is held against the image. Asks nothing of the tree but `placeOf`. */
export function classifyAll(input: ScriptsInput, placeOf: PlaceOf = placeIn(input)): readonly ScriptReport[] {
  const { packages, architecture } = input;
  const unpacked = (path: string) => placeOf(path) === 'unpacked';
  // Which script made it, and whether before another asks for it, nobody follows.
  const exists = (path: string) => answers[placeOf(path)];
  return [...packages]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { content }]) =>
      classifyScripts({ name, scripts: content.index.scripts }, { architecture, exists, unpacked }),
    );
}

const answers = { unpacked: true, made: undefined, nowhere: false } as const;

export function placeIn(input: ScriptsInput): PlaceOf {
  return (path) => {
    const node = nodeAt(path, input);
    if (isThereAtInstallation(path) || isUnpacked(node)) return 'unpacked';
    return node === undefined ? 'nowhere' : 'made';
  };
}

interface StoppingLine {
  readonly report: ScriptReport;
  readonly line: ScriptLine;
}

function stoppingLines(report: ScriptReport, input: ScriptsInput): readonly StoppingLine[] {
  return report.lines.filter((line) => mayMatter(line, input)).map((line) => ({ report, line }));
}

/**
 * What certainly runs matters, for nobody knows that it does not; so does what may run and touches a path of the image.
 * What the configuration brings itself takes the place of what the script would have made.
 */
function mayMatter({ verdict, certainty, paths }: ScriptLine, input: ScriptsInput): boolean {
  if (verdict !== 'not-reproduced') return false;
  const nodes = paths.map((path) => nodeAt(path, input));
  if (nodes.length > 0 && nodes.every((node) => node !== undefined && isConfigured(node))) return false;
  return certainty === 'runs' || nodes.some((node) => node !== undefined && node.entry.type !== 'directory');
}

type Node = NonNullable<ReturnType<AssembledTree['tree']['get']>>;

function nodeAt(path: string, { tree }: ScriptsInput): Node | undefined {
  return tree.get(tree.resolve(path, { last: true }));
}

/** There before a maintainer script makes anything. */
function isUnpacked(node: Node | undefined): boolean {
  if (node === undefined) return false;
  const { source } = node;
  return !((source.type === 'bytes' || source.type === 'none') && source.rule === 'script files');
}

/** A link that leads nowhere is there, too. */
function isAt(path: string, { tree }: ScriptsInput): boolean {
  return tree.get(tree.resolve(path, { last: false })) !== undefined;
}

function packagedFiles(tree: ScriptsInput['tree']): PackagedFiles {
  return {
    at(path, options) {
      const node = tree.get(tree.resolve(path, options));
      if (node === undefined || node.source.type !== 'package' || node.entry.type === 'directory') return undefined;
      return {
        package: node.source.package,
        linkTarget: node.entry.linkTarget,
        sha256: node.source.origin.sha256,
      };
    },
    isFolder: (path) => tree.get(tree.resolve(path, { last: true }))?.entry.type === 'directory',
    *below(folder) {
      for (const path of tree.below(tree.resolve(folder, { last: true }))) yield `/${path}`;
    },
  };
}

function isConfigured({ source }: Node): boolean {
  return source.type === 'file' || (source.type === 'bytes' && source.rule.startsWith('paths:'));
}

/** Lines of one package that a message shows. */
const shown = 5;

function refuse(lines: readonly StoppingLine[]): void {
  const [first] = lines;
  if (first === undefined) return;
  const name = first.report.package;
  const own = lines.filter(({ report }) => report.package === name);
  const others = new Set(lines.map(({ report }) => report.package));
  others.delete(name);
  const texts = own
    .slice(0, shown)
    .map(({ report, line }) => `  ${report.script}, line ${line.line}: ${line.text} (${line.because})`);
  const more = own.length > shown ? [`  and ${own.length - shown} more lines`] : [];
  const also = others.size === 0 ? [] : [`So do those of ${[...others].join(', ')}`];
  throw new SlimimageError({
    code: 'SCRIPT_NOT_REPRODUCED',
    message: [`The maintainer scripts of ${name} do what is not reproduced:`, ...texts, ...more, ...also].join('\n'),
    hint: `Put what they would make into the image with paths: or files:, or accept that it is missing: accept: [${[name, ...others].map((one) => `{ package: ${one}, because: "not needed here" }`).join(', ')}]. "slimimage effects ${name}" shows every line.`,
  });
}

function unusedWarnings(
  { accept }: Pick<ImageSpec, 'accept'>,
  { input, stopping }: { readonly input: ScriptsInput; readonly stopping: readonly StoppingLine[] },
): readonly string[] {
  const needed = new Set(stopping.map(({ report }) => report.package));
  return accept.flatMap(({ package: name }) => {
    if (needed.has(name)) return [];
    if (!input.packages.has(name)) return [`accept: ${name} is not in the image`];
    return [`accept: ${name} is not needed, its maintainer scripts do nothing that is missing`];
  });
}

function harmlessWarnings(reports: readonly ScriptReport[], stopping: readonly StoppingLine[]): readonly string[] {
  const matters = new Set(stopping.map(({ line }) => line));
  const harmless = reports.filter(({ lines }) =>
    lines.some((line) => line.verdict === 'not-reproduced' && !matters.has(line)),
  );
  const names = [...new Set(harmless.map((report) => report.package))];
  if (names.length === 0) return [];
  return [
    `maintainer scripts of ${names.join(', ')} do, under conditions that nobody knows, what is not reproduced: "slimimage effects ${names[0]}" shows it`,
  ];
}
