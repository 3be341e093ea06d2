/**
 * Text as lines of at most `columns` columns, all but the first indented by `indent` spaces. It breaks between words; one that is
 * too long, such as a path, stays whole.
 */
export function fold(
  text: string,
  { columns, indent }: { readonly columns: number; readonly indent: number },
): readonly string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(' ')) {
    if (line !== undefined && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    } else {
      line = line === undefined ? word : `${line} ${word}`;
    }
  }
  return line === undefined ? lines : [...lines, line];
}
