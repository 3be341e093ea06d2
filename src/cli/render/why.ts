import type { WhyAnswer, WhyOrigin, WhyPackage, WhyPath, WhyReason } from '../../index.ts';
import { withoutControls } from '../../util/printable.ts';
import { count } from './units.ts';

export interface RenderWhyOptions {
  /** Every package that needs it, not only the shortest way. */
  readonly all: boolean;
}

/** Sentences: what is there, how it came, what else there is to know. */
export function renderWhy(answer: WhyAnswer, options: RenderWhyOptions): string {
  const { thing, path, packages, notes, nearest } = answer;
  const lines = [
    ...(path === undefined ? [] : pathLines(path)),
    ...packages.flatMap((one) => packageLines(one, options)),
    ...(answer.found || path !== undefined ? [] : [`${thing} is not in ${placeText(answer)}`]),
    ...notes.map((note) => `${note}.`),
    ...(nearest.length === 0
      ? []
      : [path === undefined ? `Did you mean ${orList(nearest)}?` : `There is ${orList(nearest)}.`]),
  ];
  return lines.map((line) => withoutControls(line).replaceAll('\n', '\u{fffd}')).join('\n');
}

function placeText({ place: { type, name } }: WhyAnswer): string {
  if (name === undefined) return 'the image';
  return { configuration: `the image of ${name}`, lock: `the lock ${name}`, image: name }[type];
}

function pathLines({ path, links, type, origin }: WhyPath): readonly string[] {
  return [
    ...links.map((link) => `${link.path} is a link to ${link.target}: ${originText(link.origin)}`),
    `${path}${type === undefined ? '' : ` is a ${typeNames[type]}`}: ${originText(origin)}`,
  ];
}

const typeNames = {
  file: 'file',
  directory: 'folder',
  symlink: 'link',
  hardlink: 'file with several names',
  character: 'character device',
  block: 'block device',
  fifo: 'named pipe',
} as const;

function originText(origin: WhyOrigin): string {
  switch (origin.type) {
    case 'package':
      return `of the package ${origin.package}${origin.packagedAs === undefined ? '' : `, which has it as ${origin.packagedAs}`}`;
    case 'folder':
      return origin.packages.length === 0 ? 'no package has anything in it' : `of ${andList(origin.packages)}`;
    case 'rule':
      return `made by the rule "${origin.rule}", ${origin.because}`;
    case 'configured':
      return `of ${origin.entry}${copiedFrom(origin)}`;
    case 'below':
      return `of the image below, ${origin.image}`;
    case 'layer':
      return `in no package's records; layer ${origin.layer} has it${origin.createdBy === undefined ? '' : `, made by ${origin.createdBy}`}`;
    case 'omitted':
      return `not in the image: ${origin.package} has it, left out (${origin.because})`;
    case 'missing':
      return 'not in the image';
  }
}

function copiedFrom({ source, image }: Extract<WhyOrigin, { readonly type: 'configured' }>): string {
  if (source === undefined) return '';
  return `, copied from ${source}${image === undefined ? '' : ` of the image ${image}`}`;
}

function packageLines({ name, version, provides, chain, requestedBy }: WhyPackage, { all }: RenderWhyOptions) {
  const title = `${name} ${version}${provides === undefined ? '' : ` provides ${provides}`}`;
  const others = requestedBy.length - 1;
  const steps = chain.map((step, at) => {
    const above = chain[at - 1];
    const who = above === undefined ? step.name : `${above.name} ${above.version}`;
    return `  ${who} ${reasonText(step.reason)}`;
  });
  if (all) return [title, ...steps, ...(others < 1 ? [] : ['all that ask for it:', ...requestedBy.map(directText)])];
  const more = others < 1 ? [] : [`  and ${count(others, 'other way', 'other ways')} (--all shows them)`];
  return [title, ...steps, ...more];
}

function directText(reason: WhyReason): string {
  return 'from' in reason ? `  ${reason.from} ${reasonText(reason)}` : `  ${reasonText(reason)}`;
}

function reasonText(reason: WhyReason): string {
  switch (reason.type) {
    case 'request':
      return `is requested: ${reason.text}`;
    case 'base':
      return 'is part of every image';
    case 'manual':
      return 'counts as installed by hand';
    case 'unneeded':
      return 'is needed by nothing in the image: it was asked for, or left over';
    case 'depends':
      return `depends on ${reason.dependency}`;
    case 'pre-depends':
      return `pre-depends on ${reason.dependency}`;
    case 'recommends':
      return `recommends ${reason.dependency}`;
  }
}

function andList(names: readonly string[]): string {
  const shown = names.slice(0, 8);
  return names.length > shown.length
    ? `${shown.join(', ')} and ${names.length - shown.length} more packages`
    : shown.join(', ');
}

function orList(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
