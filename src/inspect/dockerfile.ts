import type { HistoryEntry, ImageConfig } from '../oci/documents.ts';
import type { Distribution } from './distribution.ts';
import { unsaidSettings } from './dockerfile-settings.ts';
import { type BaseImage, findBase } from './find-base.ts';
import { defaultShell, type Instruction, readInstruction } from './instruction.ts';
import { layOutRun } from './run-layout.ts';
import type { Shown } from './shown.ts';

/** A line of the Dockerfile that an image may have been made from. */
export interface DockerfileStep {
  /** The instruction, over several lines where it is long; '' for a step that no instruction tells of. */
  readonly text: string;
  /** What can't be known of it, or where it comes from: comments above it. */
  readonly notes: readonly string[];
  /** The layer that it made, from 1. */
  readonly layer: number | undefined;
  /** It belongs to the base image. */
  readonly inherited: boolean;
}

export interface Dockerfile {
  readonly base: BaseImage;
  readonly steps: readonly DockerfileStep[];
  /** All of it, ready to be written to a file. */
  readonly text: string;
}

export interface DockerfileFacts {
  readonly config: ImageConfig | undefined;
  readonly layers: number;
  readonly distribution: Distribution | undefined;
  /** Paths of files that a layer added or changed, at most so many: names of what was copied. */
  readonly written: (layer: number, most: number) => { readonly paths: readonly string[]; readonly files: number };
  /** What history and config say. */
  readonly instructions: readonly Instruction[];
  readonly shown: Shown;
}

/** Names that stand in one COPY. */
const named = 8;

/** The Dockerfile that would have made such an image, as far as its history and config tell; comments say what they do not. */
export function reconstructDockerfile(facts: DockerfileFacts): Dockerfile {
  const { config, distribution, layers, instructions, shown } = facts;
  const history = config?.history ?? [];
  const base = findBase({ history, instructions, labels: config?.config?.Labels ?? {}, distribution });
  const numbers = layerNumbers(history, layers);
  const made = instructions.map((instruction, at): DockerfileStep => {
    const entry = history[at] ?? {};
    const step = stepOf(instruction, { entry, layer: numbers?.[at], facts });
    const notes = [...pauseNote(history, at, base), ...step.notes].map(shown.text);
    const text = settings.has(instruction.keyword ?? '') ? shown.assignments(step.text) : step.text;
    return { text: shown.text(text), notes, layer: numbers?.[at], inherited: at < base.entries };
  });
  const steps = [
    ...made,
    ...untoldLayers(facts, { history, numbers }),
    ...unsaidSettings(config?.config, instructions).map((text) => ({
      text: shown.text(text.replace(/^(?:ENV|LABEL) .*/s, shown.assignments)),
      notes: ['of the config; no entry of the history says it'],
      layer: undefined,
      inherited: false,
    })),
  ];
  return { base, steps, text: textOf(base, steps) };
}

/** Each entry of the history as an instruction, in order. */
export function readHistory(config: ImageConfig | undefined): readonly Instruction[] {
  const { Env = [], Labels = {} } = config?.config ?? {};
  const names = new Set([...Env.map((text) => text.split('=', 1)[0] ?? ''), ...Object.keys(Labels)]);
  let shell = defaultShell;
  return (config?.history ?? []).map((entry) => {
    const instruction = readInstruction(entry, { shell, names });
    if (instruction.keyword === 'SHELL') shell = listOf(instruction.text) ?? shell;
    return instruction;
  });
}

function listOf(text: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;
  } catch {
    return undefined;
  }
}

/** Of each entry the layer that it made; undefined where history and layers don't fit. */
function layerNumbers(history: readonly HistoryEntry[], layers: number): readonly (number | undefined)[] | undefined {
  let next = 0;
  const numbers = history.map((entry) => (entry.empty_layer === true ? undefined : ++next));
  return next === layers ? numbers : undefined;
}

/** Their values are struck out where they are set: short ones might stand for anything elsewhere. */
const settings = new Set(['ENV', 'ARG', 'LABEL']);

interface StepContext {
  readonly entry: HistoryEntry;
  readonly layer: number | undefined;
  readonly facts: DockerfileFacts;
}

function stepOf(
  instruction: Instruction,
  { entry, layer, facts }: StepContext,
): Pick<DockerfileStep, 'text' | 'notes'> {
  const { keyword, text, buildArguments, builder, hashed } = instruction;
  if (keyword === undefined) return { text: '', notes: untoldNotes(entry, layer) };
  if (hashed !== undefined) return copyStep(instruction, hashed, { layer, facts });
  if (keyword === 'RUN') {
    const given = buildArguments.map((argument) => `build argument ${facts.shown.assignment(argument)}`);
    return { text: `RUN ${layOutRun(text)}`, notes: given };
  }
  const heredoc = (keyword === 'COPY' || keyword === 'ADD') && / <<\S/.test(` ${text}`);
  const notes = heredoc ? ['what the heredoc held is in the layer, not in the history'] : [];
  const isStage = keyword === 'COPY' && builder === 'buildkit' && text.startsWith('/');
  if (isStage) notes.push('from another stage or from the context: --from is not kept');
  return { text: `${keyword} ${text}`, notes };
}

function untoldNotes(entry: HistoryEntry, layer: number | undefined): readonly string[] {
  const said = [entry.created_by, entry.comment].filter((text) => text !== undefined && text.trim() !== '');
  const what = layer === undefined ? 'a step without a layer' : `layer ${layer}`;
  return [`${what}: ${said.length === 0 ? 'the history says nothing of it' : said.join('; ').trim()}`];
}

function copyStep(
  { keyword, text: flags }: Instruction,
  { type, hash, to }: NonNullable<Instruction['hashed']>,
  { layer, facts }: Pick<StepContext, 'layer' | 'facts'>,
): Pick<DockerfileStep, 'text' | 'notes'> {
  const { paths, files } = layer === undefined ? { paths: [], files: 0 } : facts.written(layer, named + 1);
  const names = paths.map((path) => path.slice(path.lastIndexOf('/') + 1));
  const kept = `the history has a hash of the source, ${type}:${hash.slice(0, 12)}, and no name`;
  if (type === 'file' && keyword === 'ADD' && to === '/' && files !== 1) {
    return { text: `ADD ${flags}rootfs.tar /`, notes: [kept] };
  }
  const isKnown = type !== 'dir' && files > 0 && files <= named && names.length === files;
  const sources = isKnown ? names.join(' ') : '.';
  const seen = isKnown ? 'named as in the layer' : `the layer has ${files} files`;
  return { text: `${keyword} ${flags}${sources} ${to}`, notes: [`${kept}; ${seen}`] };
}

/** What was built in one go has times close to one another: a long pause is where an older image ends. */
function pauseNote(history: readonly HistoryEntry[], at: number, base: BaseImage): readonly string[] {
  const [before, after] = [history[at - 1]?.created, history[at]?.created].map((time) => Date.parse(time ?? ''));
  if (before === undefined || after === undefined || at < base.entries) return [];
  const hours = Math.round((after - before) / 3_600_000);
  if (!(hours >= 1) || before <= 0) return [];
  const pause = hours < 48 ? `${hours} ${hours === 1 ? 'hour' : 'hours'}` : `${Math.round(hours / 24)} days`;
  return [`made ${pause} after what is above: that may have been an image of its own, named by FROM`];
}

/** Layers of an image whose history is missing or fits them not. */
function untoldLayers(
  { layers, written }: DockerfileFacts,
  { history, numbers }: { readonly history: readonly HistoryEntry[]; readonly numbers: readonly unknown[] | undefined },
): readonly DockerfileStep[] {
  if (numbers !== undefined && history.length > 0) return [];
  return Array.from({ length: layers }, (_, at) => {
    const { files } = written(at + 1, 0);
    const notes = [`layer ${at + 1}: ${files} files; no entry of the history belongs to it`];
    return { text: `ADD layer-${at + 1}.tar /`, notes, layer: at + 1, inherited: false };
  });
}

function textOf(base: BaseImage, steps: readonly DockerfileStep[]): string {
  const from = base.certainty === 'named' ? `FROM: ${base.reason}` : `FROM is ${base.certainty}: ${base.reason}`;
  const inherited = steps.filter((step) => step.inherited);
  const own = steps.filter((step) => !step.inherited);
  return [
    '# Reconstructed from the history and the config of an image; it may not build as it is.',
    `# ${oneLine(from)}`,
    `FROM ${oneLine(base.reference)}`,
    ...inherited
      .flatMap(({ text, notes }) => [...notes, text])
      .filter(Boolean)
      .map((line) => `#   ${oneLine(line)}`),
    ...own.flatMap(({ text, notes }) => [
      '',
      ...notes.map((note) => `# ${oneLine(note)}`),
      ...(text === '' ? [] : [text]),
    ]),
    '',
  ].join('\n');
}

function oneLine(text: string): string {
  if (!text.includes('\n')) return text;
  const lines = text.split('\n').map((line) => line.trim());
  return lines.map((line) => (line.endsWith('\\') ? line.slice(0, -1).trimEnd() : line)).join(' ');
}
