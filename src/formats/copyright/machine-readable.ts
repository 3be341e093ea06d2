import { type Expression, formatExpression, join } from './expression.ts';
import { contradicts, isTerms, isVerbatim } from './licence-text.ts';
import { type Paragraph, splitParagraphs, strayText } from './paragraphs.ts';
import { References } from './references.ts';
import { shippedText } from './shipped-text.ts';
import { spdxName } from './spdx-name.ts';
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
  const judged = new Map<string, boolean>();
  const left: string[] = [];
  for (const paragraph of counted) {
    const licence = licenceOf(paragraph);
    const own = ownJudgement(licence);
    const term = parseSynopsis(licence.synopsis, {
      referenceOf: (name) => references.add(name, textOf(name, licence, texts)),
      isOther: (name, id) => own?.(name, id) ?? isOther({ name, id }, { texts, judged }),
    });
    if (term !== undefined) terms.push(term);
    else {
      unread.add(licence.synopsis === '' ? 'a paragraph without a licence' : `"${licence.synopsis.slice(0, 60)}"`);
      left.push(textOfParagraph(paragraph));
    }
  }
  // Prose with some paragraphs of this form in it.
  if (header === undefined && unread.size > 0) return undefined;
  for (const paragraph of paragraphs) left.push(...strayTerms(paragraph));
  // An expression never says less than the file.
  if (terms.length > 0 && left.length > 0)
    terms.push({ type: 'leaf', text: references.add('other terms', left.join('\n\n')) });
  const whole = join('and', terms);
  const isHuge = whole.type === 'and' && whole.terms.length > maxTerms;
  const expression = terms.length === 0 || isHuge ? undefined : formatExpression(whole);
  return {
    expression,
    references: expression === undefined ? {} : references.usedIn(expression),
    problem: isHuge
      ? `The copyright file names more than ${maxTerms} licences.`
      : problemOf(unread, { paragraphs: counted.length, isStray: left.length > 0 }),
    copyrights: copyrightsOf(counted),
  };
}

function isPackaging(paragraph: Paragraph): boolean {
  const patterns = (paragraph.get('files') ?? '').split(/[\s,]+/).filter((pattern) => pattern !== '');
  return patterns.length > 0 && patterns.every((pattern) => packaging.test(pattern));
}

/** Patches are applied, and manual pages and hooks of `debian/` are installed: who names one of those means it. */
const packaging =
  /^(?:\.\/)?debian(?:\/(?:\**|\.|rules|control|changelog|copyright|watch|compat|gbp\.conf|salsa-ci\.yml|(?:tests|source|upstream)(?:\/.*)?))?$/;

/** Without any `Files` the licence of the header is that of the whole; else the one that stands alone. */
function headed(header: Paragraph | undefined, paragraphs: readonly Paragraph[]): readonly Paragraph[] {
  if (header?.has('license')) return [header];
  return paragraphs.filter((paragraph) => paragraph.has('license') && paragraph.has('copyright'));
}

interface Licence {
  readonly synopsis: string;
  readonly text: string | undefined;
}

function licenceOf(paragraph: Paragraph): Licence {
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

/** A text of the paragraph's own is the licence; the one that stands alone is it where the paragraph only points there. */
function textOf(name: string, { synopsis, text }: Licence, alone: ReadonlyMap<string, string>): string | undefined {
  const other = alone.get(name.toLowerCase()) ?? alone.get(synopsis.toLowerCase());
  if (text === undefined || other === undefined) return text ?? other;
  return isSame(name, synopsis) && isTerms(text) ? text : `${text}\n\n${other}`;
}

interface Named {
  readonly name: string;
  readonly id: string;
}

interface StandAlone {
  readonly texts: ReadonlyMap<string, string>;
  /** Names that were asked for: a long text is read once, however many paragraphs name it. */
  readonly judged: Map<string, boolean>;
}

/** Whether the text that stands alone under a name is another licence than the name says. */
function isOther({ name, id }: Named, { texts, judged }: StandAlone): boolean {
  const key = name.toLowerCase();
  const other = texts.get(key);
  const answer = judged.get(key) ?? (other !== undefined && contradicts(other, { id, isAlone: true }));
  judged.set(key, answer);
  return answer;
}

/** The same for a text of the paragraph's own; undefined where it has none that says anything. */
function ownJudgement({ synopsis, text }: Licence): ((name: string, id: string) => boolean) | undefined {
  if (text === undefined || !isTerms(text)) return undefined;
  const judged = new Map<string, boolean>();
  return (name, id) => {
    const answer = judged.get(id) ?? contradicts(text, { id, isAlone: isSame(name, synopsis) });
    judged.set(id, answer);
    return answer;
  };
}

function isSame(name: string, synopsis: string): boolean {
  return name.toLowerCase() === synopsis.toLowerCase();
}

function textOfParagraph(paragraph: Paragraph): string {
  return [...paragraph]
    .filter(([name]) => name !== strayText)
    .map(([name, value]) => `${name}: ${unquoted(value)}`)
    .join('\n');
}

/** Text in no field that gives something, unless it is read with the licence before it. */
function strayTerms(paragraph: Paragraph): readonly string[] {
  const stray = shippedText(paragraph.get(strayText) ?? '').text;
  if (!isTerms(stray)) return [];
  const { synopsis, text } = licenceOf(paragraph);
  const id = text === undefined ? '' : spdxName(synopsis);
  return id === undefined || isVerbatim(id) ? [] : [stray];
}

function problemOf(
  unread: ReadonlySet<string>,
  { paragraphs, isStray }: { readonly paragraphs: number; readonly isStray: boolean },
): string | undefined {
  if (paragraphs === 0) return 'The copyright file is machine-readable and names no licence of any file.';
  if (unread.size === 0) return isStray ? 'The copyright file has terms that are in no field.' : undefined;
  const [first] = unread;
  const others = unread.size === 1 ? '' : ` and ${unread.size - 1} more`;
  return `The copyright file has what is no licence name: ${first}${others}.`;
}

function copyrightsOf(paragraphs: readonly Paragraph[]): readonly string[] {
  const lines = paragraphs.flatMap((paragraph) => (paragraph.get('copyright') ?? '').split('\n'));
  const found = new Set(lines.map((line) => line.trim()).filter((line) => line !== '' && line !== '.'));
  return [...found].slice(0, maxCopyrights);
}
