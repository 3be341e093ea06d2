/** A licence expression: `leaf` is an SPDX term, `ID WITH EXCEPTION` among them. */
export type Expression =
  | { readonly type: 'leaf'; readonly text: string }
  | { readonly type: 'and' | 'or'; readonly terms: readonly Expression[] };

/** Joins terms: nested ones of the same kind are taken in, doubles are left out, the first one's place counts. */
export function join(type: 'and' | 'or', terms: readonly Expression[]): Expression {
  const flat = terms.flatMap((term) => (term.type === type ? term.terms : [term]));
  const seen = new Set<string>();
  const unique = flat.filter((term) => seen.size < seen.add(keyOf(term)).size);
  const [only] = unique;
  return only !== undefined && unique.length === 1 ? only : { type, terms: unique };
}

/** SPDX 2.3, annex D. Parentheses wherever kinds meet, so that nobody has to know which binds tighter. */
export function formatExpression(expression: Expression): string {
  if (expression.type === 'leaf') return expression.text;
  const operator = expression.type === 'and' ? ' AND ' : ' OR ';
  return expression.terms
    .map((term) => (term.type === 'leaf' ? term.text : `(${formatExpression(term)})`))
    .join(operator);
}

/** `A or B` and `B or A` say the same. */
function keyOf(expression: Expression): string {
  if (expression.type === 'leaf') return expression.text;
  return `${expression.type}(${expression.terms.map(keyOf).sort().join(',')})`;
}
