import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export interface SourceFile {
  /** Relative to the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** `text` with comments, strings, templates' text and regular expressions replaced by spaces; same offsets. */
  readonly code: string;
  readonly imports: readonly SourceImport[];
}

export interface SourceImport {
  /** As written. */
  readonly specifier: string;
  /** Path from the project's root for a relative specifier, else undefined. */
  readonly path: string | undefined;
  readonly line: number;
}

/** What is published: tests and their helpers apart, as tsconfig.build.json names them. */
export function productSources(): readonly SourceFile[] {
  const { exclude } = JSON.parse(readFileSync(join(projectRoot, 'tsconfig.build.json'), 'utf8')) as {
    readonly exclude: readonly string[];
  };
  const left = new Set(pathsOf(exclude));
  return sourceFiles('src/**/*.ts').filter(({ path }) => !left.has(path));
}

export function sourceFiles(...globs: readonly string[]): readonly SourceFile[] {
  return pathsOf(globs).map((path) => readSource(path, readFileSync(join(projectRoot, path), 'utf8')));
}

function pathsOf(globs: readonly string[]): readonly string[] {
  return globSync([...globs], { cwd: projectRoot })
    .map((path) => path.split(sep).join('/'))
    .sort();
}

export function readSource(path: string, text: string): SourceFile {
  const code = blankText(text);
  return { path, text, code, imports: importsOf(path, text, code) };
}

/** 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** Import and export-from statements, dynamic imports, and the module of a worker (`new URL('./x.ts', import.meta.url)`). */
function importsOf(path: string, text: string, code: string): readonly SourceImport[] {
  const found: SourceImport[] = [];
  for (const { index, 0: match } of code.matchAll(
    /\bfrom\s*(?=['"])|\bimport\s*\(?\s*(?=['"])|\bnew URL\(\s*(?=['"])/g,
  )) {
    const start = index + match.length;
    const end = text.indexOf(text.charAt(start), start + 1);
    const specifier = text.slice(start + 1, end);
    if (match.startsWith('new URL') && !/^\.\.?\/.*\.ts$/.test(specifier)) continue;
    found.push({ specifier, path: resolveImport(path, specifier), line: lineAt(text, index) });
  }
  return found;
}

function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const path = normalize(join(dirname(from), specifier))
    .split(sep)
    .join('/');
  return path.endsWith('.js') && !existsSync(join(projectRoot, path)) ? path.replace(/\.js$/, '.ts') : path;
}

/** Quotes stay, what is between them goes, so that a search for a name finds code only. */
function blankText(text: string): string {
  const out: string[] = [];
  /** Open template literals: depth of braces inside the current `${`. */
  const templates: number[] = [];
  let at = 0;
  const blank = (end: number): void => {
    out.push(text.slice(at, end).replace(/[^\n]/g, ' '));
    at = end;
  };
  const keep = (): void => {
    out.push(text.charAt(at++));
  };
  while (at < text.length) {
    const char = text.charAt(at);
    const pair = text.slice(at, at + 2);
    if (pair === '//') blank(endOf(text, '\n', at));
    else if (pair === '/*') blank(endOf(text, '*/', at + 2) + 2);
    else if (char === "'" || char === '"') {
      keep();
      blank(endOfString(text, at, char));
      keep();
    } else if (char === '`' || (char === '}' && templates.at(-1) === 0)) {
      if (char === '}') templates.pop();
      keep();
      blank(endOfTemplateText(text, at));
      if (text.charAt(at) === '$') {
        keep();
        templates.push(0);
      }
      keep();
    } else if (char === '/' && startsRegex(out.join('').slice(-60))) {
      keep();
      blank(endOfRegex(text, at));
      keep();
    } else {
      const top = templates.length - 1;
      if (top >= 0 && char === '{') templates[top] = (templates[top] ?? 0) + 1;
      if (top >= 0 && char === '}') templates[top] = (templates[top] ?? 0) - 1;
      keep();
    }
  }
  return out.join('');
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end === -1 ? text.length : end;
}

function endOfString(text: string, from: number, quote: string): number {
  let at = from;
  while (at < text.length && text.charAt(at) !== quote) at += text.charAt(at) === '\\' ? 2 : 1;
  return at;
}

function endOfTemplateText(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charAt(at) !== '`' && text.slice(at, at + 2) !== '${') {
    at += text.charAt(at) === '\\' ? 2 : 1;
  }
  return at;
}

/** A slash divides after a value and opens a regular expression elsewhere. */
function startsRegex(before: string): boolean {
  const code = before.trimEnd();
  return (
    code === '' || /[=(,:;!&|?{}[+\-*%<>~^]$/.test(code) || /\b(?:return|typeof|case|in|of|void|throw)$/.test(code)
  );
}

function endOfRegex(text: string, from: number): number {
  let at = from;
  let inClass = false;
  while (at < text.length && (inClass || text.charAt(at) !== '/')) {
    const char = text.charAt(at);
    if (char === '[') inClass = true;
    if (char === ']') inClass = false;
    at += char === '\\' ? 2 : 1;
  }
  return at;
}
