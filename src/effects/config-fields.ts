/**
 * Fields of a line as systemd reads them, between white space; single or double quotes keep it, a backslash takes the
 * next character as it is. Undefined: a quote is left open.
 */
export function splitFields(line: string): readonly string[] | undefined {
  const fields: string[] = [];
  let field: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const char = line[at] as string;
    if (char === '\\' && at + 1 < line.length) {
      field = (field ?? '') + line[++at];
    } else if (quote !== undefined) {
      if (char === quote) quote = undefined;
      else field += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      field ??= '';
    } else if (char === ' ' || char === '\t' || char === '\r') {
      if (field !== undefined) fields.push(field);
      field = undefined;
    } else {
      field = (field ?? '') + char;
    }
  }
  if (quote !== undefined) return undefined;
  return field === undefined ? fields : [...fields, field];
}
