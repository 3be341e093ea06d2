/** One paragraph of a machine-readable copyright file: field names in lower case -> values, continuation lines after "\n". */
export type Paragraph = ReadonlyMap<string, string>;

/**
 * The paragraphs of a copyright file as people write them: what deb822(5) would refuse is read as far as its sense is plain. A line
 * that is neither field nor continuation goes with the field before it. Paragraphs that begin with no field go with the one before
 * them where that ends with the text of a licence, which they are mostly; all of them are `strayText` too.
 */
export function splitParagraphs(text: string): readonly Paragraph[] {
  const paragraphs: Map<string, string[]>[] = [];
  let open = new Map<string, string[]>();
  let last: { readonly name: string; readonly lines: string[] } | undefined;
  let isStray = true;
  let licence: string[] | undefined;
  const close = () => {
    if (open.size > 0) paragraphs.push(open);
    open = new Map();
    if (!isStray) licence = last?.name === 'license' && last.lines.length > 1 ? last.lines : undefined;
    isStray = true;
  };
  const addStray = (line: string) => {
    if (paragraphs.length === 0) paragraphs.push(new Map());
    licence?.push(line);
    listOf(paragraphs.at(-1) ?? open, strayText).push(line);
  };
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      close();
      addStray('');
      continue;
    }
    if (line.startsWith('#')) continue;
    const [, name, value = ''] = /^([A-Za-z][A-Za-z0-9-]{0,40})[ \t]{0,8}:(.*)$/.exec(line) ?? [];
    const field = name?.toLowerCase();
    if (field === undefined || !fields.has(field)) {
      if (isStray) addStray(line.trim());
      else last?.lines.push(line.trim());
      continue;
    }
    // Somebody forgot the empty line between two paragraphs.
    if (field === 'files' && open.has('files')) close();
    isStray = false;
    const lines = listOf(open, field);
    lines.push(value.trim());
    last = { name: field, lines };
  }
  close();
  return paragraphs.map((fields) => new Map([...fields].map(([name, lines]) => [name, lines.join('\n').trim()])));
}

/** The name under which a paragraph has the text behind it that is in no field. */
export const strayText = '';

function listOf(paragraph: Map<string, string[]>, name: string): string[] {
  const known = paragraph.get(name);
  if (known !== undefined) return known;
  const list: string[] = [];
  paragraph.set(name, list);
  return list;
}

/** Those of the format. Any other word before a colon is part of a text that somebody forgot to indent. */
const fields = new Set([
  'format',
  'format-specification',
  'upstream-name',
  'upstream-contact',
  'source',
  'disclaimer',
  'comment',
  'license',
  'copyright',
  'files',
  'files-excluded',
  'files-included',
]);
