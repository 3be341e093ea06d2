import { type Expression, formatExpression, join } from './expression.ts';
import { type Paragraph, splitParagraphs } from './paragraphs.ts';
import { References } from './references.ts';
import { parseSynopsis } from './synopsis.ts';
import type { CopyrightFacts } from './types.ts';

/** Nobody reads an expression of more terms: the largest of Debian have some hundred. */
const maxTerms = 1000;

/** More holders than this are in the copyright file itself, which is in the image. */
const maxCopyrights = 1000;

/**
 * Reads the machine-readable form (copyright-format 1.0, DEP-5): the licences of all `Files` paragraphs together. Paragraphs about
 * `debian/*` alone do not count: the packaging is not what a package installs. Undefined where a text is of no such form.
 */
export function readMachineReadable(text: string): CopyrightFacts | undefined {
  const paragraphs = splitParagraphs(text);
  const files = paragraphs.filter((paragraph) => paragraph.has('files') && !paragraph.has('format'));
  const header = paragraphs.find((paragraph) => paragraph.has('format') || paragraph.has('format-specification'));
  if (header === undefined && files.every((paragraph) => !paragraph.has('license'))) return undefined;
  const shipped = files.filter((paragraph) => !isPackaging(paragraph));
  const counted = shipped.length > 0 ? shipped : files.length > 0 ? files : headed(header, paragraphs);
  const texts = standAloneTexts(paragraphs);
  const references = new References();
  const terms: Expression[] = [];
  const unread = new Set<string>();
  for (const paragraph of counted) {
    const { synopsis, text: own } = licenceOf(paragraph);
    const term = parseSynopsis(synopsis, (name) =>
      references.add(name, texts.get(name.toLowerCase()) ?? own ?? texts.get(synopsis.toLowerCase())),
    );
    if (term === undefined)
      unread.add(synopsis === '' ? 'a paragraph without a licence' : `"${synopsis.slice(0, 60)}"`);
    else terms.push(term);
  }
  // Prose with some paragraphs of this form in it.
  if (header === undefined && unread.size > 0) return undefined;
  const whole = join('and', terms);
  const isHuge = whole.type === 'and' && whole.terms.length > maxTerms;
  const expression = terms.length === 0 || isHuge ? undefined : formatExpression(whole);
  return {
    expression,
    references: expression === undefined ? {} : references.usedIn(expression),
    problem: isHuge ? `The copyright file names more than ${maxTerms} licences.` : problemOf(unread, counted.length),
    copyrights: copyrightsOf(counted),
  };
}

function isPackaging(paragraph: Paragraph): boolean {
  const patterns = (paragraph.get('files') ?? '').split(/[\s,]+/).filter((pattern) => pattern !== '');
  return patterns.length > 0 && patterns.every((pattern) => /^(?:\.\/)?debian(?:\/|$)/.test(pattern));
}

/** Without any `Files` the licence of the header is that of the whole; else the one that stands alone. */
function headed(header: Paragraph | undefined, paragraphs: readonly Paragraph[]): readonly Paragraph[] {
  if (header?.has('license')) return [header];
  return paragraphs.filter((paragraph) => paragraph.has('license') && paragraph.has('copyright'));
}

function licenceOf(paragraph: Paragraph): { readonly synopsis: string; readonly text: string | undefined } {
  const value = paragraph.get('license') ?? '';
  const newline = value.indexOf('\n');
  if (newline < 0) return { synopsis: clean(value), text: undefined };
  return { synopsis: clean(value.slice(0, newline)), text: unquoted(value.slice(newline + 1)) };
}

function clean(synopsis: string): string {
  return synopsis
    .trim()
    .replace(/[.,;:]$/, '')
    .replace(/\s+/g, ' ');
}

/** A line with a full stop stands for an empty one (deb822(5)). */
function unquoted(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '.' ? '' : line))
    .join('\n')
    .trim();
}

function standAloneTexts(paragraphs: readonly Paragraph[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const paragraph of paragraphs) {
    if (paragraph.has('files') || paragraph.has('format')) continue;
    const { synopsis, text } = licenceOf(paragraph);
    if (text !== undefined && !texts.has(synopsis.toLowerCase())) texts.set(synopsis.toLowerCase(), text);
  }
  return texts;
}

function problemOf(unread: ReadonlySet<string>, paragraphs: number): string | undefined {
  if (paragraphs === 0) return 'The copyright file is machine-readable and names no licence of any file.';
  if (unread.size === 0) return undefined;
  const [first] = unread;
  const others = unread.size === 1 ? '' : ` and ${unread.size - 1} more`;
  return `The copyright file has what is no licence name: ${first}${others}.`;
}

function copyrightsOf(paragraphs: readonly Paragraph[]): readonly string[] {
  const lines = paragraphs.flatMap((paragraph) => (paragraph.get('copyright') ?? '').split('\n'));
  const found = new Set(lines.map((line) => line.trim()).filter((line) => line !== '' && line !== '.'));
  return [...found].slice(0, maxCopyrights);
}
