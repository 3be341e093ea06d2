import { type Grant, gnuGrants, namedGrants } from './grants.ts';
import { findVerbatim, verbatimTexts } from './verbatim.ts';

/** What sentences and verbatim texts of prose (plain-text.ts) give, in its order, none inside of another. */
export function grantsIn(plain: string): readonly Grant[] {
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

/** Sentences and texts of one file; nobody reads more. */
export const maxGrants = 1000;

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

const boilerplate: readonly RegExp[] = [
  /\b(?:is|are|be) distributed (?:"as is" |as is,? )?(?:in|with) the hope that[^.]{0,300}\./g,
  /\byou may not use (?:this|these) files? except in compliance with the licen[cs]e[\s\S]{0,700}?limitations under the licen[cs]e/g,
  /\bsee the (?:gnu )?[a-z ]{0,40}licen[cs]e[a-z ]{0,30} for (?:more )?details\.?/g,
  /\byou should have received a copy of the (?:gnu|apache|licen[cs]e|[al]?gpl)[^.;]{0,200}[.;]?(?: ?if not, (?:see|write to)(?: the)?)?/g,
  /\bfree software foundation, inc(?:\.,?|,) [^a-z]{0,4}[0-9]{2,3} [a-z ]{3,20}(?:street|st|avenue|ave|place|pl)[^<>]{0,80}?(?:usa|[0-9]{5}(?:-[0-9]{4})?,? usa|[0-9]{5}-[0-9]{4})\b/g,
  // What zlib asks for beside its licence.
  /\bif you use the zlib library in a product, we would appreciate \*?not\*? receiving lengthy legal documents to sign\. the sources are provided for free but without warranty of any kind\./g,
  /\bif you redistribute modified sources, we would appreciate that you include in the file changelog history information documenting your changes\./g,
];

/** Where the text of a licence is. */
const pointers: readonly RegExp[] = [
  /\b(?:(?:on|in|for) )?(?:a |most |your |all )?debian(?: gnu\/linux| gnu| linux|\/gnu linux)?(?:-based)?(?: and derivatives?)?(?: systems?| distributions?| package)?[^/]{0,260}\/usr\/share\/common-licen[cs]es\/[a-z0-9.-]{0,30}/g,
  /\bthe (?:complete |full )?text of [^/.]{0,160}\/usr\/share\/common-licen[cs]es\/[a-z0-9.-]{0,30}/g,
  /\b(?:see|in) (?:the (?:file )?)?["']?\/usr\/share\/common-licen[cs]es\/[a-z0-9.-]{0,30}/g,
];

const isGiving =
  /\b(?:licen[cs]ed|released|distributed|covered|placed|provided) (?:under|by)\b|\bunder (?:the )?(?:terms|same)\b|\bpermission\b|\bpublic domain\b/;

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

/** The prose without its grants and the phrases around them. */
export function restOf(plain: string, grants: readonly Grant[]): string {
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

/** The prose without sentences that go with a grant and give nothing. */
export function withoutBoilerplate(plain: string): string {
  let left = plain;
  for (const pattern of boilerplate) left = left.replace(pattern, '. ');
  for (const pattern of pointers)
    left = left.replace(pattern, (sentence) => (isGiving.test(sentence) ? sentence : '. '));
  return left;
}

/** Words without which nobody gives or withholds a right. */
export function hasTerms(rest: string): boolean {
  return /permission|permitted|redistribut|warrant|liab(?:le|ility)|licen[cs]|public domain|\b[al]?gpl\b|\bbsd\b|freely|unrestricted|without restriction|\bterms of\b|except as contained/.test(
    rest,
  );
}
