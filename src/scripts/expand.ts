import type { CommandExpansionPart, DoubleQuotedChild, ParameterExpansionPart, Word, WordPart } from 'unbash';
import { matchesPattern, removePattern } from './pattern.ts';
import { isKnown, type ShellState, unknown } from './state.ts';

export interface Expansion {
  readonly state: ShellState;
  /** What a command substitution prints, without line ends behind; `unknown` where nobody knows. */
  substitute(part: CommandExpansionPart): string;
}

/** Words that one command may have. */
const maxFields = 2000;

/**
 * The fields that a word becomes: parameters replaced, quotes removed, unquoted values split (sh(1), "Word Expansions").
 * File names are not matched: `*` stays as it is. An unquoted value that nobody knows is one field.
 */
export function expandFields(word: Word, expansion: Expansion): readonly string[] {
  const { parts } = word;
  if (parts === undefined) return [word.value];
  const fields: string[] = [];
  let current: string | undefined;
  const add = (text: string) => {
    current = (current ?? '') + text;
  };
  for (const part of parts) {
    const all = allArguments(part, expansion);
    if (all !== undefined) {
      all.forEach((value, at) => {
        if (at > 0 && current !== undefined) fields.push(current);
        if (at > 0) current = undefined;
        add(value);
      });
      continue;
    }
    const text = partText(part, expansion);
    if (!splits(part)) {
      add(text);
      continue;
    }
    const pieces = text.split(/[ \t\n]+/);
    pieces.forEach((piece, at) => {
      if (at > 0 && current !== undefined) fields.push(current);
      if (at > 0) current = undefined;
      if (piece !== '') add(piece);
    });
    if (fields.length > maxFields) return [unknown];
  }
  if (current !== undefined) fields.push(current);
  return fields;
}

/** The text that a word becomes where nothing is split: assignments, redirections, `case`. */
export function expandText(word: Word | undefined, expansion: Expansion): string {
  if (word === undefined) return '';
  return word.parts === undefined ? word.value : partsText(word.parts, expansion);
}

export function partsText(parts: readonly WordPart[], expansion: Expansion): string {
  return parts.map((part) => partText(part, expansion)).join('');
}

/** As `expandText`, with quoted wildcards escaped, so that they mean themselves. */
export function expandPattern(word: Word, expansion: Expansion): string {
  const literal = (text: string) => text.replace(/[\\*?[\]]/g, '\\$&');
  if (word.parts === undefined) return word.text === word.value ? word.value : literal(word.value);
  const quoted = new Set(['SingleQuoted', 'DoubleQuoted', 'AnsiCQuoted', 'LocaleString']);
  return word.parts
    .map((part) => (quoted.has(part.type) ? literal(partText(part, expansion)) : partText(part, expansion)))
    .join('');
}

function splits(part: WordPart): boolean {
  return part.type === 'SimpleExpansion' || part.type === 'ParameterExpansion' || part.type === 'CommandExpansion';
}

/** `"$@"`, `$@` and `$*`: a field each. */
function allArguments(part: WordPart, { state }: Expansion): readonly string[] | undefined {
  const inner = part.type === 'DoubleQuoted' && part.parts.length === 1 ? part.parts[0] : part;
  const isAll = inner?.type === 'SimpleExpansion' && (inner.text === '$@' || (inner.text === '$*' && inner === part));
  return isAll ? (state.arguments ?? [unknown]) : undefined;
}

function partText(part: WordPart | DoubleQuotedChild, expansion: Expansion): string {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
    case 'Glob':
      return part.value;
    case 'DoubleQuoted':
    case 'LocaleString':
      return partsText(part.parts, expansion);
    case 'SimpleExpansion':
      return parameter(part.text.slice(1), expansion);
    case 'ParameterExpansion':
      return parameterExpansion(part, expansion);
    case 'CommandExpansion':
      return expansion.substitute(part);
    case 'BraceExpansion':
      return part.text;
    case 'ArithmeticExpansion':
    case 'ProcessSubstitution':
    case 'ExtendedGlob':
      return unknown;
  }
}

function parameter(name: string, { state }: Expansion): string {
  const list = state.arguments;
  if (/^[0-9]+$/.test(name)) {
    if (name === '0') return state.get('0');
    return list === undefined ? unknown : (list[Number(name) - 1] ?? '');
  }
  if (name === '#') return list === undefined ? unknown : String(list.length);
  if (name === '@' || name === '*') return list === undefined ? unknown : list.join(' ');
  return /^[A-Za-z_]/.test(name) ? state.get(name) : unknown;
}

function parameterExpansion(part: ParameterExpansionPart, expansion: Expansion): string {
  if (part.index !== undefined || part.prefix === '!') return unknown;
  const value = parameter(part.parameter, expansion);
  if (part.prefix === '#') return isKnown(value) ? String(value.length) : unknown;
  const { operation } = part;
  switch (operation?.type) {
    case undefined:
      return value;
    case 'Default':
      return defaulted(part, { value, operator: operation.operator, operand: operation.operand }, expansion);
    case 'Remove': {
      const pattern = expandPattern(operation.operand, expansion);
      return isKnown(value) && isKnown(pattern) ? removePattern(value, pattern, operation.operator) : unknown;
    }
    case 'Replace': {
      const from = expandPattern(operation.pattern, expansion);
      const to = expandText(operation.replacement, expansion);
      const plain = isKnown(value) && isKnown(from) && isKnown(to) && !/[*?[\]\\]/.test(from) && from !== '';
      if (plain && operation.operator === '/') return value.replace(from, () => to);
      if (plain && operation.operator === '//') return value.replaceAll(from, () => to);
      return value === '' || (isKnown(value) && matchesPattern(value, '')) ? '' : unknown;
    }
    default:
      return unknown;
  }
}

interface Defaulted {
  readonly value: string;
  readonly operator: string;
  readonly operand: Word;
}

function defaulted(part: ParameterExpansionPart, use: Defaulted, expansion: Expansion): string {
  const { value, operator, operand } = use;
  const other = () => expandText(operand, expansion);
  const isEmpty = value === '' ? true : /^\0+$/.test(value) ? undefined : false;
  // Without the colon a variable that is set and empty counts as set.
  const isAbsent = operator.startsWith(':') || value !== '' ? isEmpty : expansion.state.isSet(part.parameter) === false;
  if (operator.endsWith('+')) return isAbsent === undefined ? unknown : isAbsent ? '' : other();
  if (isAbsent === false || operator.endsWith('?')) return value;
  // The default is what a first installation has where nobody set anything.
  const chosen = other();
  if (operator.endsWith('=')) expansion.state.set(part.parameter, chosen);
  return chosen;
}
