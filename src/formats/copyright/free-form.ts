import { certainGrants } from './choices.ts';
import { type Expression, formatExpression, join } from './expression.ts';
import type { Grant } from './grants.ts';
import { plainText } from './plain-text.ts';
import { grantsIn, hasTerms, maxGrants, restOf, withoutBoilerplate } from './prose.ts';
import { maxLicenceText, References } from './references.ts';
import { shippedText } from './shipped-text.ts';
import { perlTerms } from './synopsis.ts';
import type { CopyrightFacts } from './types.ts';

/**
 * Reads a copyright file in prose: sentences that put something under a licence, and texts that are used as they are. What speaks of
 * permissions beside them is kept as a licence without a name, so that the expression never says less than the file. No more is read
 * than can be kept.
 */
export function readFreeForm(text: string): CopyrightFacts {
  const nothing = { expression: undefined, references: {}, copyrights: [] };
  if (text.trim() === '') return { ...nothing, problem: 'The copyright file is empty.' };
  if (text.length > maxLicenceText)
    return { ...nothing, problem: `The copyright file is prose of more than ${maxLicenceText} characters.` };
  const shipped = shippedText(text);
  const plain = withoutBoilerplate(plainText(shipped.text));
  const grants = grantsIn(plain);
  if (grants.length === 0)
    return { ...nothing, problem: 'The copyright file is not machine-readable, and no licence in it was recognised.' };
  if (grants.length > maxGrants)
    return { ...nothing, problem: `The copyright file is prose with more than ${maxGrants} sentences about licences.` };
  const references = new References();
  const certain = shipped.isSure ? certainGrants(plain, grants) : [];
  const terms = certain.map((grant) => termOf(grant, plain, references));
  const isAll = certain.length === grants.length;
  const isPart = !isAll || hasTerms(restOf(plain, grants));
  if (isPart) terms.push({ type: 'leaf', text: references.add('other terms', text.trim()) });
  const expression = formatExpression(join('and', terms));
  return {
    expression,
    references: references.usedIn(expression),
    problem: !isAll ? uncertain : isPart ? partial : undefined,
    copyrights: [],
  };
}

const partial = 'The copyright file is prose, and has terms beside the licences that were recognised.';
const uncertain =
  'The copyright file is prose, and it takes a reader to tell which of its licences hold for what is installed.';

function termOf({ id, start, end }: Grant, plain: string, references: References): Expression {
  if (id === 'perl') return perlTerms;
  if (id !== 'public-domain') return { type: 'leaf', text: id };
  return {
    type: 'leaf',
    text: references.add('public-domain', plain.slice(Math.max(0, start - 200), end + 200).trim()),
  };
}
