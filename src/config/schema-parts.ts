import * as v from 'valibot';
import { SlimimageError } from '../errors.ts';
import { nearest } from '../util/nearest.ts';
import { printable } from './problem.ts';

/**
 * The words of which the schema is made. A message says what was expected; what follows a line break is the hint.
 * Patterns are `v.regex` wherever one can say it, because those reach the published JSON Schema too.
 */
type Issue = v.BaseIssue<unknown>;

/** Text, of a form where `pattern` is given. `what` completes "expected ...". */
export function text(what: string, pattern?: RegExp, hint?: string) {
  const message = (issue: Issue) => expected(what, issue, hint);
  return v.pipe(v.string(message), v.regex(pattern ?? /^[^\0]*$/, message));
}

/** One of some words. */
export function choice<const T extends readonly [string, ...string[]]>(words: T) {
  return v.picklist(words, (issue) => {
    const found = typeof issue.input === 'string' ? nearest(issue.input, words) : undefined;
    const either = [words.slice(0, -1).join(', '), words.at(-1)].filter((part) => part !== '').join(' or ');
    return expected(either, issue, found === undefined ? undefined : `did you mean "${found}"?`);
  });
}

export function flag() {
  return v.boolean((issue) => expected('true or false', issue));
}

export function integer(what: string, min: number, max: number) {
  const message = (issue: Issue) => expected(`${what} from ${min} to ${max}`, issue);
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

/** A list; `example` shows one. */
export function list<T extends v.GenericSchema>(item: T, example: string) {
  return v.pipe(
    v.array(item, (issue) => expected(`a list such as ${example}`, issue)),
    v.maxLength(10_000, 'a list has at most 10000 entries'),
  );
}

/** One item or a list of them. */
export function oneOrMore<T extends v.GenericSchema>(item: T, what: string) {
  return v.union([item, v.array(item)], (issue) => expected(what, issue));
}

/** A map with any keys of a form. */
export function map<T extends v.GenericSchema>(key: ReturnType<typeof text>, value: T, example: string) {
  return v.record(key, value, (issue) => expected(`a map such as ${example}`, issue));
}

/** A map with these keys and no others. */
export function object<T extends v.ObjectEntries>(entries: T, example: string) {
  return v.strictObject(entries, (issue) => {
    if (issue.expected === 'never') return unknownKey(keyOf(issue), Object.keys(entries));
    if (issue.expected === 'Object') return expected(`a map such as ${example}`, issue);
    return `the key "${keyOf(issue)}" is missing\nfor example ${example}`;
  });
}

/** Text that another parser reads: `parse` throws where it is wrong, and its message and hint are shown. */
export function parsedBy<T extends v.GenericSchema<unknown, string>>(schema: T, parse: (text: string) => unknown) {
  return checked(schema, (value) => {
    try {
      parse(value);
      return undefined;
    } catch (error) {
      if (!(error instanceof SlimimageError)) throw error;
      return `${printable(error.message)}${error.hint === undefined ? '' : `\n${error.hint}`}`;
    }
  });
}

/** A condition that JSON Schema can't say: `check` answers a message, or undefined where all is well. */
export function checked<T extends v.GenericSchema>(
  schema: T,
  check: (value: v.InferOutput<T>) => string | undefined,
): v.SchemaWithPipe<readonly [T, v.RawCheckAction<v.InferOutput<T>>]> {
  const action = v.rawCheck<v.InferOutput<T>>(({ dataset, addIssue }) => {
    const message = dataset.typed ? check(dataset.value) : undefined;
    if (message !== undefined) addIssue({ message });
  });
  return v.pipe(schema, action) as v.SchemaWithPipe<readonly [T, v.RawCheckAction<v.InferOutput<T>>]>;
}

/** An optional member with the description that editors show. */
export function described<T extends v.GenericSchema>(schema: T, description: string) {
  return v.optional(v.pipe(schema, v.description(description)));
}

function expected(what: string, issue: Issue, hint?: string): string {
  return `expected ${what}, not ${show(issue.input)}${hint === undefined ? '' : `\n${hint}`}`;
}

function unknownKey(key: string, known: readonly string[]): string {
  const found = nearest(key, known);
  const hint = found === undefined ? `known keys: ${[...known].sort().join(', ')}` : `did you mean "${found}"?`;
  return `unknown key "${printable(key)}"\n${hint}`;
}

function keyOf(issue: Issue): string {
  return String(issue.path?.at(-1)?.key ?? '');
}

function show(input: unknown): string {
  if (input === null || input === undefined) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a map';
  return typeof input === 'string' ? `"${printable(input.slice(0, 80))}"` : String(input);
}
