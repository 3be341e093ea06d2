import { SlimimageError } from '../errors.ts';
import { nearest } from '../util/nearest.ts';
import type { LimitResult, LimitUnit } from './limit-result.ts';
import type { Inspection } from './types.ts';

/** A figure that may be too high or too low: `waste>10MB`. */
export interface Limit {
  /** As it was written. */
  readonly text: string;
  readonly name: string;
  /** When it fails: the figure is greater than the value, at least it, less than it, at most it. */
  readonly operator: '>' | '>=' | '<' | '<=';
  readonly value: number;
}

interface Figure {
  readonly unit: LimitUnit;
  readonly of: (inspection: Inspection) => number | undefined;
  /** One of dive's rules, which say by their name which way they go. */
  readonly rule?: '>' | '<' | undefined;
}

const figures: Readonly<Record<string, Figure>> = {
  size: { unit: 'bytes', of: ({ size }) => size },
  'compressed-size': { unit: 'bytes', of: ({ compressedSize }) => compressedSize },
  'layer-size': { unit: 'bytes', of: ({ layers }) => most(layers.map(({ size }) => size)) },
  waste: { unit: 'bytes', of: ({ waste }) => waste.bytes },
  'waste-share': { unit: 'share', of: ({ waste, contents }) => share(waste.bytes, waste.bytes + contents.bytes) },
  duplicates: { unit: 'bytes', of: ({ contents }) => contents.duplicates.bytes },
  unowned: { unit: 'bytes', of: ({ packages }) => packages.unowned.bytes },
  'unowned-files': { unit: 'number', of: ({ packages }) => packages.unowned.files },
  'missing-files': {
    unit: 'number',
    of: ({ packages }) => packages.packages.reduce((sum, { missing }) => sum + missing, 0),
  },
  files: { unit: 'number', of: ({ contents }) => contents.files },
  'biggest-file': { unit: 'bytes', of: ({ contents }) => contents.biggestFileBytes },
  layers: { unit: 'number', of: ({ layers }) => layers.length },
  packages: { unit: 'number', of: ({ packages }) => packages.count },
  efficiency: { unit: 'share', of: ({ dive }) => dive?.efficiency },
  lowestEfficiency: { unit: 'share', of: ({ dive }) => dive?.efficiency, rule: '<' },
  highestWastedBytes: { unit: 'bytes', of: ({ dive }) => dive?.wastedBytes, rule: '>' },
  // One layer has nothing of the user's that could be wasted: dive divides by zero and lets it pass.
  highestUserWastedPercent: { unit: 'share', of: ({ dive }) => dive?.userWastedPercent ?? 0, rule: '>' },
};

/** What limits may be about. */
export const limitNames: readonly string[] = Object.keys(figures);

/** Whether a limit is about one of dive's figures. */
export function asksDive({ name }: Limit): boolean {
  return name === 'efficiency' || figures[name]?.rule !== undefined;
}

const form = /^([A-Za-z-]+)\s*(>=|<=|>|<|=)\s*(\S.*)$/;

/**
 * Reads `NAME>VALUE`, `NAME<VALUE` (with `>=`, `<=`), and dive's rules as `lowestEfficiency=0.95`. Sizes may have a unit: 10MB, 1.5GiB;
 * shares may be written 5%.
 * @throws SlimimageError USAGE with the names that there are
 */
export function parseLimit(text: string): Limit {
  const [, name = '', operator = '', written = ''] = form.exec(text.trim()) ?? [];
  if (name === '') throw invalid(text, 'write it as NAME>VALUE or NAME<VALUE');
  const figure = Object.hasOwn(figures, name) ? figures[name] : undefined;
  if (figure === undefined) throw unknown(text, name);
  const direction = operator === '=' ? figure.rule : (operator as Limit['operator']);
  if (direction === undefined) throw invalid(text, `${name} needs > or <, not =`);
  if (figure.rule !== undefined && operator !== '=' && operator !== figure.rule)
    throw invalid(text, `${name} is one of dive's rules: write ${name}=${written}`);
  const value = parseValue(written.trim(), figure.unit);
  if (value === undefined) {
    const isShare = figure.unit === 'bytes' && written.trim().endsWith('%');
    throw invalid(text, `${expected[figure.unit]}${isShare ? '; waste-share is the limit for a share' : ''}`);
  }
  return { text: text.trim(), name, operator: direction, value };
}

export function judgeLimits(inspection: Inspection, limits: readonly Limit[]): readonly LimitResult[] {
  return limits.map(({ text, name, operator, value }) => {
    const figure = figures[name];
    const actual = figure?.of(inspection);
    const failed = actual === undefined || exceeds(actual, operator, value);
    return { limit: text, name, value, actual, unit: figure?.unit ?? 'number', failed };
  });
}

function exceeds(actual: number, operator: Limit['operator'], value: number): boolean {
  switch (operator) {
    case '>':
      return actual > value;
    case '>=':
      return actual >= value;
    case '<':
      return actual < value;
    case '<=':
      return actual <= value;
  }
}

const expected: Readonly<Record<LimitUnit, string>> = {
  bytes: 'expected a size such as 10MB or 1.5GiB',
  number: 'expected a whole number',
  share: 'expected a share between 0 and 1, such as 0.95, or per cent: 95%',
};

const factors: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

function parseValue(text: string, unit: LimitUnit): number | undefined {
  const [, number, prefix = '', binary] = /^([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*(?:([kmgt]?)(i?)b?)$/i.exec(text) ?? [];
  if (unit === 'share') {
    const [, digits, percent] = /^([0-9]{1,3}(?:\.[0-9]{1,9})?)\s*(%?)$/.exec(text) ?? [];
    const share = Number(digits) / (percent === '%' ? 100 : 1);
    return digits !== undefined && share <= 1 ? share : undefined;
  }
  if (unit === 'number') return /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
  if (number === undefined || (binary !== '' && prefix === '')) return undefined;
  const step = prefix.toLowerCase();
  const power = ['', 'k', 'm', 'g', 't'].indexOf(step);
  return Math.round(Number(number) * (binary === '' ? (factors[step] ?? 1) : 1024 ** power));
}

function unknown(text: string, name: string): SlimimageError {
  const meant = nearest(name, limitNames);
  return new SlimimageError({
    code: 'USAGE',
    message: `--fail-on ${text}: there is no figure ${name}${meant === undefined ? '' : `; ${meant}?`}`,
    hint: `There are ${limitNames.join(', ')}.`,
  });
}

function invalid(text: string, reason: string): SlimimageError {
  return new SlimimageError({
    code: 'USAGE',
    message: `--fail-on ${text}: ${reason}`,
    hint: `Examples: 'waste>10MB', 'efficiency<0.95', 'lowestEfficiency=0.95'. There are ${limitNames.join(', ')}.`,
  });
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function most(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), 0);
}
