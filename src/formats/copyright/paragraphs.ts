/** One paragraph of a machine-readable copyright file: field names in lower case -> values, continuation lines after "\n". */
export type Paragraph = ReadonlyMap<string, string>;

/**
 * The paragraphs of a copyright file as people write them: what deb822(5) would refuse is read as far as its sense is plain. A line
 * that is neither field nor continuation goes with the field before it; lines before the first field are no paragraph.
 */
export function splitParagraphs(text: string): readonly Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let open = new Map<string, string[]>();
  let last: string[] | undefined;
  const close = () => {
    if (open.size > 0) paragraphs.push(new Map([...open].map(([name, lines]) => [name, lines.join('\n').trim()])));
    open = new Map();
    last = undefined;
  };
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      close();
      continue;
    }
    if (line.startsWith('#')) continue;
    const [, name, value = ''] = /^([A-Za-z][A-Za-z0-9-]{0,40})[ \t]{0,8}:(.*)$/.exec(line) ?? [];
    if (name === undefined || !fields.has(name.toLowerCase())) {
      last?.push(line.trim());
      continue;
    }
    // Somebody forgot the empty line between two paragraphs.
    if (name.toLowerCase() === 'files' && open.has('files')) close();
    const known = open.get(name.toLowerCase());
    last = known ?? [];
    last.push(value.trim());
    open.set(name.toLowerCase(), last);
  }
  close();
  return paragraphs;
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
