/** Shell patterns (sh(1), "Shell Patterns") as regular expressions: `*`, `?`, `[...]`, backslash. */
export function matchesPattern(text: string, pattern: string): boolean {
  return toRegExp(`^${source(pattern, false)}$`)?.test(text) ?? text === pattern;
}

/** `${x#pattern}` and its relatives. */
export function removePattern(text: string, pattern: string, operator: '#' | '##' | '%' | '%%'): string {
  const lazy = operator === '#' || operator === '%';
  if (operator.startsWith('#')) {
    const found = toRegExp(`^${source(pattern, lazy)}`)?.exec(text);
    return found === null || found === undefined ? text : text.slice(found[0].length);
  }
  // From the longest end to the shortest, or the other way round.
  const whole = toRegExp(`^${source(pattern, false)}$`);
  if (whole === undefined) return text;
  const starts = Array.from({ length: text.length + 1 }, (_, at) => at);
  for (const at of lazy ? starts.reverse() : starts) if (whole.test(text.slice(at))) return text.slice(0, at);
  return text;
}

/** More wildcards than any script has cost a regular expression its speed. */
const maxWildcards = 8;

function toRegExp(text: string): RegExp | undefined {
  if ((text.match(/[*]/g) ?? []).length > maxWildcards) return undefined;
  try {
    return new RegExp(text, 's');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function source(pattern: string, lazy: boolean): string {
  return pattern.replace(/\\(.)|\*+|\?|\[[!^]?\]?[^\]]*\]|[\\^$.|+(){}[\]]/gs, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped.replace(/[^A-Za-z0-9_\s]/g, '\\$&');
    if (found.startsWith('*')) return lazy ? '.*?' : '.*';
    if (found === '?') return '.';
    if (found.length > 2 && found.startsWith('[')) return bracket(found);
    return `\\${found}`;
  });
}

const classes: Readonly<Record<string, string>> = {
  '[:alpha:]': 'A-Za-z',
  '[:digit:]': '0-9',
  '[:alnum:]': 'A-Za-z0-9',
  '[:space:]': '\\s',
  '[:upper:]': 'A-Z',
  '[:lower:]': 'a-z',
};

function bracket(text: string): string {
  const negated = /^\[[!^]/.test(text);
  const inner = text.slice(negated ? 2 : 1, -1);
  return `[${negated ? '^' : ''}${(Object.hasOwn(classes, inner) ? classes[inner] : undefined) ?? inner.replace(/[\\\][^]/g, '\\$&')}]`;
}
