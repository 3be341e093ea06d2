import type {
  AndOr,
  Assignment,
  Case,
  Command,
  CommandExpansionPart,
  For,
  Function as FunctionNode,
  If,
  Pipeline,
  Script,
  Statement,
  SyntaxNode,
  While,
} from 'unbash';
import { builtin, declaring } from './builtins.ts';
import { and, not, or } from './conditions.ts';
import { type Expansion, expandFields, expandPattern, expandText } from './expand.ts';
import type { FirstInstall } from './first-install.ts';
import { type Flow, unclear } from './flow.ts';
import { knownStatus } from './known-status.ts';
import { parseShell } from './parse-shell.ts';
import { readRedirects } from './redirects.ts';
import { absoluteWords } from './relative-paths.ts';
import { ScriptLines } from './script-lines.ts';
import { isKnown, type ShellState, type Tri, unknown } from './state.ts';
import { substituted } from './substitutions.ts';
import { evaluateExpression, mayMatch } from './test-expression.ts';
import type { ScriptCommand, ScriptRedirect } from './types.ts';

/** Nodes that are walked, with what their states cost to copy. No real script comes near any of these. */
const maxSteps = 100_000;
const maxDepth = 300;
const maxCalls = 16;
const maxTurns = 50;

/** Goes through a script as a shell would, with what is known of a first installation. */
export class Walk implements Expansion {
  readonly commands: ScriptCommand[] = [];
  state: ShellState;
  /** A limit was met: what follows is missing. */
  gaveUp = false;
  readonly #system: FirstInstall;
  #lines: ScriptLines;
  #asked = false;
  #piped = false;
  /** Open branches that may not be entered. */
  #branches = 0;
  /** The script, function or loop may have ended before. */
  #doubts = { exit: false, return: false, break: false };
  #substituted: Tri;
  #steps = 0;
  #depth = 0;
  #texts = 0;
  /** Functions that are being called, the outermost first. */
  readonly #called: FunctionNode[] = [];

  constructor(text: string, { state, system }: { readonly state: ShellState; readonly system: FirstInstall }) {
    this.state = state;
    this.#system = system;
    this.#lines = new ScriptLines(text);
  }

  run(script: Script): void {
    this.#list(script.commands);
  }

  substitute(part: CommandExpansionPart): string {
    const { script } = part;
    if (script === undefined) return unknown;
    const lines = this.#lines;
    if (script.source !== undefined) this.#lines = lines.within(script.source, part.pos);
    const first = this.commands.length;
    this.#substituted = this.#subshell(() => this.#asking(() => this.#list(script.commands))).status;
    this.#lines = lines;
    const printed = this.commands.slice(first);
    if (printed.length === 1) return substituted(printed[0]?.words ?? [], this.#system);
    return printed.length > 0 && printed.every((one) => this.#isPlainLine(one))
      ? printed.map(({ words }) => substituted(words, this.#system)).join('\n')
      : unknown;
  }

  /** `echo TEXT`, which runs wherever the substitution does. */
  #isPlainLine({ words, redirects, piped, certainty }: ScriptCommand): boolean {
    const isEcho = words[0] === 'echo' && words[1]?.startsWith('-n') !== true;
    return isEcho && redirects.length === 0 && !piped && (certainty === 'runs' || this.#isDoubtful);
  }

  #list(statements: readonly Statement[]): Flow {
    let flow: Flow = { status: true };
    for (const { command, background } of statements) {
      flow = this.#node(command);
      if (background === true) flow = { status: true };
      if (flow.ends !== undefined || this.gaveUp) return flow;
    }
    return flow;
  }

  #node(node: SyntaxNode): Flow {
    this.#steps++;
    if (this.gaveUp || this.#steps > maxSteps || this.#depth > maxDepth) {
      this.gaveUp = true;
      return unclear;
    }
    this.#depth++;
    const flow = this.#visit(node);
    this.#depth--;
    return flow;
  }

  #visit(node: SyntaxNode): Flow {
    switch (node.type) {
      case 'Command':
        return this.#command(node);
      case 'AndOr':
        return this.#andOr(node);
      case 'Pipeline':
        return this.#pipeline(node);
      case 'If':
        return this.#if(node, 0);
      case 'Case':
        return this.#case(node);
      case 'For':
        return this.#loop(() => this.#for(node));
      case 'While':
        return this.#loop(() => this.#while(node));
      case 'Function':
        this.state.define(node.name.value, node);
        return { status: true };
      case 'CompoundList':
        return this.#list(node.commands);
      case 'BraceGroup':
        return this.#list(node.body.commands);
      case 'Subshell':
        return this.#subshell(() => this.#list(node.body.commands));
      case 'Redirected': {
        this.#emit([], readRedirects(node.redirects, this), node);
        return this.#node(node.command);
      }
      case 'TestCommand':
        return { status: evaluateExpression(node.expression, { expansion: this, files: this.#system }) };
      case 'Select':
      case 'ArithmeticFor':
        return this.#loop(() => this.#perhaps([() => this.#list(node.body.commands)]));
      case 'Coproc':
        return this.#perhaps([() => this.#node(node.body)]);
      default:
        return unclear;
    }
  }

  #command(node: Command): Flow {
    const words = node.name === undefined ? [] : [...expandFields(node.name, this)];
    const declares = declaring.has(words[0] ?? '');
    for (const argument of node.suffix) {
      if (argument.type === 'Word') words.push(...expandFields(argument, this));
      else if (argument.type === 'Assignment' && declares) this.#assign(argument);
      else if (argument.type === 'Assignment') words.push(this.#assignmentText(argument));
    }
    const redirects = readRedirects(node.redirects, this);
    if (words.length > 0) return this.#run(absoluteWords(words, this.state.folder), redirects, node);
    const before = this.commands.length;
    for (const prefix of node.prefix) if (prefix.type === 'Assignment') this.#assign(prefix);
    const substitutes = this.commands.length > before;
    this.#emit([], redirects, node);
    // The status of an assignment is that of its last substitution.
    return { status: substitutes ? this.#substituted : true };
  }

  #run(words: readonly string[], redirects: readonly ScriptRedirect[], node: Command): Flow {
    const [name = '', ...rest] = words;
    const called = this.state.functionOf(name);
    if (called !== undefined) {
      this.#emit([], redirects, node);
      return this.#call(called, rest);
    }
    const found = builtin(words, this.state);
    if (found?.runs !== undefined) return this.#runText(found.runs, node);
    if (found?.words !== undefined) {
      const { status, ends } = this.#run(found.words, redirects, node);
      return { status, ends: name === 'exec' ? 'exit' : ends };
    }
    if (found?.ends !== undefined) return { status: found.status, ends: found.ends };
    const status = found === undefined ? knownStatus(words, this.#system) : found.status;
    this.#emit(words, redirects, node);
    const targets = redirects.map(({ target }) => target);
    this.#system.ran(words, targets, { isDoubtful: this.#isDoubtful });
    if (/^(.*\/)?db_get$/.test(name)) this.state.set(rest[1] ?? 'RET', this.#system.answer(rest[0] ?? ''));
    return { status };
  }

  /** `eval TEXT` */
  #runText(text: string, node: Command): Flow {
    const parsed = isKnown(text) ? parseShell(text) : undefined;
    if (parsed === undefined || parsed.errors !== undefined || this.#texts >= maxCalls) {
      this.#emit(['eval', unknown], [], node);
      this.state.sourced = true;
      return unclear;
    }
    const lines = this.#lines;
    this.#lines = lines.within(text, node.pos);
    this.#texts++;
    const flow = this.#list(parsed.commands);
    this.#texts--;
    this.#lines = lines;
    return flow;
  }

  #call(called: FunctionNode, words: readonly string[]): Flow {
    // What calls itself under conditions that nobody knows has shown all its commands.
    if (this.#called.filter((one) => one === called).length > 1 && this.#isDoubtful) return unclear;
    if (this.#called.length >= maxCalls) {
      this.gaveUp = true;
      return unclear;
    }
    const outer = { parameters: this.state.arguments, doubt: this.#doubts.return };
    this.state.arguments = words;
    this.#called.push(called);
    const flow = this.#node(called.body);
    this.#called.pop();
    this.state.arguments = outer.parameters;
    this.#doubts.return = outer.doubt;
    return flow.ends === 'return' ? { status: flow.status } : flow;
  }

  #assign({ name, value, append, index }: Assignment): void {
    if (value.type === 'ArrayValue' || index !== undefined) {
      if (value.type === 'ArrayValue') for (const element of value.elements) expandFields(element, this);
      this.state.set(name, unknown);
      return;
    }
    const text = expandText(value, this);
    this.state.set(name, append === true ? this.state.get(name) + text : text);
  }

  #assignmentText({ name, value, text }: Assignment): string {
    return value.type === 'Word' ? `${name}=${expandText(value, this)}` : text;
  }

  #emit(words: readonly string[], redirects: readonly ScriptRedirect[], { pos, end }: SyntaxNode): void {
    if (words.length === 0 && redirects.length === 0) return;
    this.commands.push({
      words,
      redirects,
      certainty: this.#isDoubtful ? 'may-run' : 'runs',
      line: this.#lines.lineOf(pos),
      text: this.#lines.textOf(pos, end),
      asked: this.#asked,
      piped: this.#piped,
    });
  }

  get #isDoubtful(): boolean {
    return this.#branches > 0 || this.#doubts.exit || this.#doubts.return || this.#doubts.break;
  }

  #andOr({ commands, operators }: AndOr): Flow {
    const [first] = commands;
    if (first === undefined) return unclear;
    let flow = operators.length > 0 ? this.#asking(() => this.#node(first)) : this.#node(first);
    for (const [at, operator] of operators.entries()) {
      const next = commands[at + 1];
      if (flow.ends !== undefined || next === undefined) return flow;
      const { status } = flow;
      const isLast = at === operators.length - 1;
      const run = () => (isLast ? this.#node(next) : this.#asking(() => this.#node(next)));
      if (status === undefined) {
        const { status: other } = this.#perhaps([run]);
        flow = { status: operator === '&&' ? and(status, other) : or(status, other) };
      } else if (status === (operator === '&&')) {
        flow = run();
      }
    }
    return flow;
  }

  #pipeline({ commands, prefixes }: Pipeline): Flow {
    const outer = this.#piped;
    this.#piped ||= commands.length > 1;
    let flow = unclear;
    for (const command of commands) {
      flow = commands.length > 1 ? this.#subshell(() => this.#node(command)) : this.#node(command);
    }
    this.#piped = outer;
    const negated = prefixes.filter(({ type }) => type === 'Negation').length % 2 === 1;
    return negated ? { ...flow, status: not(flow.status) } : flow;
  }

  #if(node: If, at: number): Flow {
    const branches = [node, ...node.elif];
    const branch = branches[at];
    if (branch === undefined) return node.else === undefined ? { status: true } : this.#node(node.else);
    const clause = this.#asking(() => this.#node(branch.clause));
    if (clause.ends !== undefined) return clause;
    if (clause.status === true) return this.#node(branch.then);
    if (clause.status === false) return this.#if(node, at + 1);
    return this.#perhaps([() => this.#node(branch.then), () => this.#if(node, at + 1)], { complete: true });
  }

  #case(node: Case): Flow {
    const word = expandText(node.word, this);
    const perhaps: (() => Flow)[] = [];
    for (const { pattern: patterns, body } of node.items) {
      const found = patterns.map((pattern) => mayMatch(word, expandPattern(pattern, this))).reduce(or, false);
      if (found === false) continue;
      if (found === true && perhaps.length === 0) return this.#list(body.commands);
      perhaps.push(() => this.#list(body.commands));
      if (found === true) return this.#perhaps(perhaps, { complete: true });
    }
    return perhaps.length === 0 ? { status: true } : this.#perhaps(perhaps);
  }

  #for({ name, wordlist, body }: For): Flow {
    const values = wordlist?.flatMap((word) => expandFields(word, this)) ?? this.state.arguments ?? [unknown];
    const isClear = (value: string) => isKnown(value) && !/[*?[]/.test(value);
    if (!values.every(isKnown)) {
      this.state.set(name.value, unknown);
      return this.#perhaps([() => this.#node(body)]);
    }
    let flow: Flow = { status: true };
    for (const value of values) {
      this.state.set(name.value, isClear(value) ? value : unknown);
      // A pattern stands for any number of names.
      flow = isClear(value) ? this.#node(body) : this.#perhaps([() => this.#node(body)]);
      if (flow.ends !== undefined || this.gaveUp) return flow;
    }
    return flow;
  }

  #while({ kind, clause, body }: While): Flow {
    for (let turn = 0; turn < maxTurns; turn++) {
      const asked = this.#asking(() => this.#node(clause));
      if (asked.ends !== undefined || this.gaveUp) return asked;
      const goesOn = kind === 'until' ? not(asked.status) : asked.status;
      if (goesOn === false) return { status: true };
      if (goesOn === undefined) return this.#perhaps([() => this.#node(body)]);
      const flow = this.#node(body);
      if (flow.ends !== undefined) return flow;
      // What may have left the loop leaves nothing to be sure of in another turn.
      if (this.#doubts.break) return unclear;
    }
    this.gaveUp = true;
    return unclear;
  }

  #loop(run: () => Flow): Flow {
    const doubt = this.#doubts.break;
    const flow = run();
    this.#doubts.break = doubt;
    return flow.ends === 'break' ? { status: flow.status } : flow;
  }

  /** Something that ends only itself and changes no variable outside. */
  #subshell(run: () => Flow): Flow {
    const outer = { state: this.state, doubts: { ...this.#doubts } };
    this.state = this.#copyState();
    const { status } = run();
    this.state = outer.state;
    this.#doubts = outer.doubts;
    return { status };
  }

  #asking(run: () => Flow): Flow {
    const outer = this.#asked;
    this.#asked = true;
    const flow = run();
    this.#asked = outer;
    return flow;
  }

  /** Branches of which any may run: one of them for certain where they are `complete`. */
  #perhaps(branches: readonly (() => Flow)[], { complete = false }: { readonly complete?: boolean } = {}): Flow {
    const before = this.state;
    const left: ShellState[] = complete ? [] : [before];
    const flows: Flow[] = [];
    this.#branches++;
    for (const run of branches) {
      this.state = this.#copyState(before);
      const flow = run();
      flows.push(flow);
      if (flow.ends === undefined) left.push(this.state);
    }
    this.#branches--;
    this.state = before;
    const [first] = flows;
    if (left.length === 0 && first !== undefined) return first;
    before.join(left);
    // An installation that fails leaves no image: what exits with a failure was not entered.
    for (const { ends, status } of flows) if (ends !== undefined && status !== false) this.#doubts[ends] = true;
    const statuses = new Set(flows.map(({ status }) => status));
    return complete && statuses.size === 1 ? { status: first?.status } : unclear;
  }

  #copyState(state = this.state): ShellState {
    this.#steps += state.size / 8;
    return state.copy();
  }
}
