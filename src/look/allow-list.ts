import { auditRules } from '../audit/rules.ts';
import type { Allowance } from '../audit/types.ts';
import { type ConfigProblem, throwProblems } from '../config/problem.ts';
import { type ConfigSource, type KeyPath, type PlainValue, readYaml } from '../config/yaml-source.ts';
import { nearest } from '../util/nearest.ts';

const keys = ['rule', 'path', 'package', 'subject', 'because', 'until'] as const;
const required = ['rule', 'because'] as const;

/**
 * An allow-list of the audit: a YAML list of maps with `rule`, `because`, and any of `path`, `package`, `subject`, `until`.
 * @param file its name in messages
 * @throws ConfigError CONFIG_SYNTAX, CONFIG_INVALID with line and column of every mistake
 */
export function parseAllowList(text: string, file: string): readonly Allowance[] {
  if (/^(?:\s|#.*$)*$/m.test(text) && text.replace(/#.*$/gm, '').trim() === '') return [];
  const { value, source } = readYaml(text, file);
  if (value === null) return [];
  if (!Array.isArray(value)) {
    throwProblems([source.problem([], 'expected a list of entries, each with rule: and because:')]);
    return [];
  }
  const problems = value.flatMap((entry, index) => problemsOf(entry, { source, at: [index] }));
  throwProblems(problems);
  return value.map((entry) => {
    const textOf = (key: string) => memberOf(entry, key) as string | undefined;
    return {
      rule: textOf('rule') ?? '',
      path: textOf('path'),
      package: textOf('package'),
      subject: textOf('subject'),
      because: textOf('because') ?? '',
      until: textOf('until'),
    };
  });
}

function problemsOf(
  entry: PlainValue,
  { source, at }: { readonly source: ConfigSource; readonly at: KeyPath },
): readonly ConfigProblem[] {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    return [source.problem(at, 'expected a map with rule: and because:')];
  }
  const unknown = Object.keys(entry).filter((key) => !keys.some((known) => known === key));
  const missing = required.filter((key) => !Object.hasOwn(entry, key));
  return [
    ...unknown.map((key) => {
      const hint = hintOf(nearest(key, keys), `The keys are ${keys.join(', ')}.`);
      return source.problem([...at, key], `an entry has no key "${key}"`, { at: 'key', hint });
    }),
    ...missing.map((key) => source.problem(at, `${key}: is missing`)),
    ...keys.flatMap((key) => {
      const value = memberOf(entry, key);
      const problem = value === undefined ? undefined : problemOf(key, value);
      return problem === undefined ? [] : [source.problem([...at, key], problem.message, { hint: problem.hint })];
    }),
  ];
}

function problemOf(
  key: (typeof keys)[number],
  value: PlainValue,
): { readonly message: string; readonly hint?: string | undefined } | undefined {
  if (typeof value !== 'string' || value.trim() === '') return { message: 'expected a text' };
  if (key === 'rule' && !auditRules.some(({ id }) => id === value)) return unknownRule(value);
  if (key === 'path' && !/^[/*]/.test(value)) {
    return { message: 'expected an absolute path in the image, or a pattern for such', hint: 'Such as /opt/app/**.' };
  }
  if (key === 'until' && !isDate(value)) return { message: 'expected a date such as 2027-06-30' };
  return undefined;
}

/** What is wrong with the name of a rule that there is not. */
export function unknownRule(name: string): { readonly message: string; readonly hint: string } {
  const known = auditRules.map(({ id }) => id);
  const hint = hintOf(nearest(name, known), 'slimimage audit --rules lists them.');
  return { message: `there is no rule "${name}"`, hint };
}

/** A day that there is: `2027-06-30`. */
export function isDate(text: string): boolean {
  const [, year, month, day] = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text) ?? [];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return year !== undefined && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function hintOf(near: string | undefined, otherwise: string): string {
  return near === undefined ? otherwise : `Did you mean ${near}?`;
}

function memberOf(entry: PlainValue, key: string): PlainValue | undefined {
  const isMap = typeof entry === 'object' && entry !== null && !Array.isArray(entry);
  return isMap && Object.hasOwn(entry, key) ? entry[key] : undefined;
}
