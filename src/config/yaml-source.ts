import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
} from 'yaml';

import { limits } from '../limits.ts';
import { excerptOf } from './excerpt.ts';
import { ConfigError, type ConfigProblem, formatKeyPath, harmless, printable, throwProblems } from './problem.ts';
import { readsAsText } from './text-keys.ts';

export type KeyPath = readonly (string | number)[];
export type PlainValue = string | number | boolean | null | PlainValue[] | { [key: string]: PlainValue };

/** Where a value of a configuration was written: a place in a file, or a flag. */
export interface ConfigSource {
  /** `at: 'key'` points to the key of a member, otherwise to its value. */
  problem(path: KeyPath, message: string, options?: ProblemOptions): ConfigProblem;
}

export interface ProblemOptions {
  readonly at?: 'key' | 'value' | undefined;
  readonly hint?: string | undefined;
  readonly code?: ConfigProblem['code'] | undefined;
}

/** Nodes that a document may have once its aliases are followed: far beyond any real file, and no bomb. */
const maxNodes = 100_000;
const maxDepth = 40;

/**
 * Reads one YAML document into plain data of which every member knows its place.
 * @throws ConfigError CONFIG_SYNTAX with every mistake found
 */
export function readYaml(text: string, file: string): { readonly value: PlainValue; readonly source: ConfigSource } {
  const reader = new YamlReader(text, file);
  return { value: reader.read(), source: reader };
}

class YamlReader implements ConfigSource {
  readonly #text: string;
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #problems: ConfigProblem[] = [];
  #document: Document | undefined;
  #budget = maxNodes;
  readonly #anchors = new Map<string, Node>();
  readonly #targets = new WeakMap<Alias, Node>();

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  read(): PlainValue {
    if (this.#text.length > limits.configBytes) this.#refuse(`the file is larger than ${limits.configBytes} bytes`);
    const document = this.#compose();
    this.#document = document;
    for (const error of [...document.errors, ...document.warnings].slice(0, 20)) {
      this.#problems.push(this.#at([], firstSentence(error.message), { start: error.pos[0], end: error.pos[1] }));
    }
    throwProblems(this.#problems);
    if (document.directives?.yaml.version === '1.1') this.#refuse('YAML 1.1 is not read: remove the %YAML directive');
    const value = this.#convert(document.contents, []);
    throwProblems(this.#problems);
    return value;
  }

  problem(path: KeyPath, message: string, options: ProblemOptions = {}): ConfigProblem {
    const range = this.#find(path, options.at ?? 'value');
    const { code = 'CONFIG_INVALID', hint } = options;
    return { ...this.#at(path, harmless(message), range), code, hint: hint && harmless(hint) };
  }

  /** The library's own `parseDocument`, taken apart because its composer recurses: depth is checked before. */
  #compose(): Document {
    const parser = new Parser(this.#lines.addNewLine);
    const tokens: CST.Token[] = [];
    this.#lines.addNewLine(0);
    for (const lexeme of new Lexer().lex(this.#text)) {
      for (const token of parser.next(lexeme)) tokens.push(token);
      if (parser.stack.length > maxDepth * 3) this.#refuse(`the document is nested deeper than ${maxDepth} levels`);
    }
    for (const token of parser.end()) tokens.push(token);
    // Duplicate keys are found in `#convertMap`: the library compares every key with every other.
    const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, logLevel: 'silent' });
    const [document, second] = composer.compose(tokens, true, this.#text.length).take(2).toArray();
    if (document === undefined) this.#refuse('the file holds no YAML document');
    if (second !== undefined) this.#refuse('the file holds more than one YAML document', rangeOf(second));
    return document;
  }

  #refuse(message: string, range?: { start: number; end: number }): never {
    throw new ConfigError([this.#at([], message, range)]);
  }

  #at(path: KeyPath, message: string, range: { start: number; end: number } | undefined): ConfigProblem {
    const base = {
      code: 'CONFIG_SYNTAX',
      file: this.#file,
      path: formatKeyPath(path),
      message,
      hint: undefined,
    } as const;
    if (range === undefined) return { ...base, line: undefined, column: undefined, excerpt: undefined };
    const start = Math.min(range.start, this.#text.length);
    const { line, col } = this.#lines.linePos(start);
    const place = { line: Math.max(1, line), column: Math.max(1, col) };
    return { ...base, ...place, excerpt: excerptOf(this.#text, { start, end: range.end, ...place }) };
  }

  #convert(node: unknown, path: KeyPath): PlainValue {
    if (!isNode(node)) return null;
    this.#budget--;
    if (this.#budget < 0 || path.length > maxDepth) {
      // An alias inside its own anchor ends here too.
      throw new ConfigError([
        this.#at(path.slice(0, 8), 'the document is too large once its aliases are followed', rangeOf(node)),
      ]);
    }
    if (isAlias(node)) return this.#convertAlias(node, path);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isSeq(node)) return node.items.map((item, index) => this.#convert(item, [...path, index]));
    if (isMap(node)) return this.#convertMap(node.items, path);
    return isScalar(node) ? scalarValue(node, path) : null;
  }

  #convertAlias(node: Alias, path: KeyPath): PlainValue {
    // Not the library's `resolve`, which searches the whole document for each alias.
    const target = this.#anchors.get(node.source);
    if (target !== undefined) {
      this.#targets.set(node, target);
      return this.#convert(target, path);
    }
    this.#problems.push(this.#at(path, 'this alias has no anchor', rangeOf(node)));
    return null;
  }

  #convertMap(items: readonly { key: unknown; value: unknown }[], path: KeyPath): PlainValue {
    const members = new Map<string, PlainValue>();
    for (const { key, value } of items) {
      const name = keyName(key);
      const complain = (message: string) => {
        this.#problems.push(this.#at(path, message, isNode(key) ? rangeOf(key) : undefined));
      };
      if (name === undefined) complain('a key has to be a single word or text');
      else if (reserved.has(name)) complain(`"${name}" can't be used as a key`);
      else if (members.has(name)) complain(`the key "${printable(name)}" is given twice`);
      else members.set(name, this.#convert(value, [...path, name]));
      if (this.#problems.length >= 20) break;
    }
    return Object.fromEntries(members);
  }

  #find(path: KeyPath, at: 'key' | 'value'): { start: number; end: number } | undefined {
    let node: unknown = this.#resolved(this.#document?.contents);
    let range = isNode(node) ? rangeOf(node) : undefined;
    for (const [depth, part] of path.entries()) {
      const last = depth === path.length - 1;
      if (isSeq(node) && typeof part === 'number') node = node.items[part];
      else if (isMap(node)) {
        const pair = node.items.find((item) => keyName(item.key) === String(part));
        const found = (last && at === 'key') || !isNode(pair?.value) ? pair?.key : pair.value;
        range = isNode(found) ? (rangeOf(found) ?? range) : range;
        node = pair?.value;
      } else break;
      if (isNode(node) && !(last && at === 'key')) range = visibleRange(node) ?? range;
      node = this.#resolved(node);
    }
    return range;
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? this.#targets.get(node) : node;
  }
}

/** Names that a plain object can't hold as data. */
const reserved = new Set(['__proto__', 'prototype', 'constructor']);

function scalarValue(node: { value: unknown; source?: string; type?: string }, path: KeyPath): PlainValue {
  const { value } = node;
  if (typeof value === 'string') return value;
  // YAML reads `mode: 0750` as the decimal 750, `1.10` as 1.1: where text is meant, the source text counts.
  if (readsAsText(path) && value !== null && node.source !== undefined) return node.source;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  return node.source ?? '';
}

function keyName(key: unknown): string | undefined {
  if (!isScalar(key) || key.value === null) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? undefined);
}

/** A block collection starts at its first item; its end would underline half the file. */
function visibleRange(node: Node): { start: number; end: number } | undefined {
  const range = rangeOf(node);
  const isBlock = (isMap(node) || isSeq(node)) && node.flow !== true;
  return range !== undefined && isBlock ? { start: range.start, end: range.start + 1 } : range;
}

function rangeOf(node: { range?: readonly number[] | null | undefined }): { start: number; end: number } | undefined {
  const [start, end] = node.range ?? [];
  return start === undefined || end === undefined ? undefined : { start, end };
}

function firstSentence(message: string): string {
  return printable(message.split('\n')[0] ?? message);
}
