import { certainGrants } from './choices.ts';
import { type Expression, formatExpression, join } from './expression.ts';
import { type Grant, gnuGrants, namedGrants } from './grants.ts';
import { plainText } from './plain-text.ts';
import { References } from './references.ts';
import { shippedText } from './shipped-text.ts';
import { perlTerms } from './synopsis.ts';
import type { CopyrightFacts } from './types.ts';
import { findVerbatim, verbatimTexts } from './verbatim.ts';

/** Bytes of text that are searched: the longest free forms of Debian have some 100 kB. */
const maxText = 512 * 1024;

/**
 * Reads a copyright file in prose: sentences that put something under a licence, and texts that are used as they are. What speaks of
 * permissions beside them is kept as a licence without a name, so that the expression never says less than the file.
 */
export function readFreeForm(text: string): CopyrightFacts {
  const nothing = { expression: undefined, references: {}, copyrights: [] };
  if (text.trim() === '') return { ...nothing, problem: 'The copyright file is empty.' };
  if (text.length > maxText)
    return { ...nothing, problem: `The copyright file is prose of more than ${maxText} characters.` };
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

function grantsIn(plain: string): readonly Grant[] {
  const verbatim: Grant[] = [];
  for (const text of verbatimTexts) {
    for (let span = findVerbatim(plain, text, 0); span !== undefined; span = findVerbatim(plain, text, span.end)) {
      const { start, end } = span;
      if (verbatim.every((other) => end <= other.start || other.end <= start))
        verbatim.push({ id: text.id, start, end });
      if (verbatim.length > maxGrants) break;
    }
  }
  const found = [...verbatim, ...gnuGrants(plain), ...namedGrants(plain)].sort((a, b) => a.start - b.start);
  // A sentence inside of another's words says nothing new.
  const apart: Grant[] = [];
  for (const grant of found) if (grant.start >= (apart.at(-1)?.end ?? 0)) apart.push(grant);
  return withoutMentions(apart, plain);
}

const maxGrants = 1000;

/**
 * Naming a version is giving it only where words of giving go before: `the text of the GNU GPL version 2 is in ...` tells where a text
 * is. With `or any later version` nobody tells of a file.
 */
function withoutMentions(grants: readonly Grant[], plain: string): readonly Grant[] {
  return grants.filter(({ id, start, end }) => {
    if (!id.endsWith('-only')) return true;
    const before = plain.slice(Math.max(0, start - 100), start);
    const sentence = before.slice(before.lastIndexOf('. ') + 1);
    if (/\b(?:text|copy|copies|version \S+|sections? \S{1,8}) of (?:the )?$|\b(?:see|read) (?:the )?$/.test(sentence))
      return false;
    if (
      /^[^.]{0,40}\b(?:can be found|is available|may be found|is in|is included|was released)\b/.test(
        plain.slice(end, end + 80),
      )
    )
      return false;
    return /\b(?:under|terms|licen[cs]ed|covered|governed|released|distributed|redistribute|licen[cs]e:|gpl:)\b|licen[cs]e: ?$/.test(
      sentence,
    );
  });
}

function termOf({ id, start, end }: Grant, plain: string, references: References): Expression {
  if (id === 'perl') return perlTerms;
  if (id !== 'public-domain') return { type: 'leaf', text: id };
  return {
    type: 'leaf',
    text: references.add('public-domain', plain.slice(Math.max(0, start - 200), end + 200).trim()),
  };
}

/** Sentences that go with a grant and give nothing. */
const boilerplate: readonly RegExp[] = [
  /\b(?:is|are|be) distributed (?:"as is" |as is,? )?(?:in|with) the hope that[^.]{0,300}\./g,
  /\byou may not use (?:this|these) files? except in compliance with the licen[cs]e[\s\S]{0,700}?limitations under the licen[cs]e/g,
  /\bsee the (?:gnu )?[a-z ]{0,40}licen[cs]e[a-z ]{0,30} for (?:more )?details\.?/g,
  /\byou should have received a copy of the (?:gnu|apache|licen[cs]e|[al]?gpl)[^.;]{0,200}[.;]?(?: ?if not, (?:see|write to)(?: the)?)?/g,
  /\bfree software foundation, inc(?:\.,?|,) [^a-z]{0,4}[0-9]{2,3} [a-z ]{3,20}(?:street|st|avenue|ave|place|pl)[^<>]{0,80}?(?:usa|[0-9]{5}(?:-[0-9]{4})?,? usa|[0-9]{5}-[0-9]{4})\b/g,
  /\b(?:(?:on|in|for) )?(?:a |most |your |all )?debian(?: gnu\/linux| gnu| linux|\/gnu linux)?(?:-based)?(?: and derivatives?)?(?: systems?| distributions?| package)?[^/]{0,260}\/usr\/share\/common-licen[cs]es\/[a-z0-9.-]{0,30}/g,
  /\bthe (?:complete |full )?text of [^/.]{0,160}\/usr\/share\/common-licen[cs]es\/[a-z0-9.-]{0,30}/g,
  /\b(?:see|in) (?:the (?:file )?)?["']?\/usr\/share\/common-licen[cs]es\/[a-z0-9.-]{0,30}/g,
];

/** Around a grant, once it is taken out. */
const phrases: readonly RegExp[] = [
  /\b(?:may|can)\b[^.;:]{0,20}(?:redistribute|distribute|use|copy|modify)[^.;:]{0,80}under (?:the )?(?:same )?(?:terms|conditions) (?:and conditions )?(?:of|as)(?: (?:either:?|the|version))?/g,
  /\b(?:is|are) free software\b[^.]{0,100}?(?:under the terms of(?: the)?)?/g,
  /\b(?:redistribute it and\/or modify it )?under the terms (?:and conditions )?of(?: the)?/g,
  /\b(?:is|are|be|and|was) (?:licen[cs]ed|distributed|covered|released) (?:under|by)(?: the)?(?: terms of(?: the)?)?/g,
  /\blicen[cs]ed under (?:the )?/g,
  /\bas published by the free software foundation/g,
  /https?:\/\/[^ ]{1,200}/g,
  /\b(?:copyright(?:s| and| &)? )?licen[cs]e(?:s|d)?(?: terms| information| statement| text)?(?: \([^)]{0,80}\))? ?:/g,
];

function restOf(plain: string, grants: readonly Grant[]): string {
  let rest = '';
  let from = 0;
  for (const { start, end } of grants) {
    rest += `${plain.slice(from, start)} `;
    from = end;
  }
  rest += plain.slice(from);
  for (const pattern of phrases) rest = rest.replace(pattern, ' ');
  return rest;
}

function withoutBoilerplate(plain: string): string {
  let left = plain;
  for (const pattern of boilerplate) left = left.replace(pattern, '. ');
  return left;
}

/** Words without which nobody gives or withholds a right. */
function hasTerms(rest: string): boolean {
  return /permission|permitted|redistribut|warrant|liab(?:le|ility)|licen[cs]|public domain|\b[al]?gpl\b|\bbsd\b|freely|unrestricted|without restriction|\bterms of\b|except as contained/.test(
    rest,
  );
}
