import type { Grant } from './grants.ts';

/** Characters on either side of a choice: the texts of what can be chosen stand there. */
const reach = 8000;

/**
 * The grants of prose (plain-text.ts) that hold as they are: not those about a choice of licences, nor what is named to say that it
 * does not hold. What belongs to which side of an `or` is for people to read: joined by `AND` it would say other than the file.
 */
export function certainGrants(plain: string, grants: readonly Grant[]): readonly Grant[] {
  const places = [
    ...choices.flatMap((pattern) => [...plain.matchAll(pattern)].map(({ index }) => index)),
    ...grants.filter((grant) => isAlternative(plain, grant)).map(({ start }) => start),
  ]
    .sort((a, b) => a - b)
    .filter((at) => !grants.some(({ id, start, end }) => id === 'perl' && at >= start && at < end))
    .filter((at, index, all) => at >= (all[index - 1] ?? -reach) + 50);
  if (places.length === 0) return grants;
  const families = new Set(
    places.flatMap((at) => plain.slice(Math.max(0, at - 200), at + 400).match(textFamily) ?? []),
  );
  return grants.filter(({ id, start, end }) => {
    const isNear = places.some((at) => at > start - reach && at < end + reach);
    // The text of what was named in a choice may stand at the end of the file.
    return !isNear && ![...families].some((family) => id.toLowerCase().startsWith(family));
  });
}

const textFamily = /\b(?:bsd|mit|x11|isc|zlib|python|hpnd|mpl|apache)\b/g;

const name = String.raw`(?:the )?["'(]?(?:gnu|[al]?gpl|bsd|mit|expat|x11|isc|zlib|perl(?! (?:version|v?5))|artistic|apache|mozilla|mpl|npl|cddl|eclipse|epl|creative|cc|open|openib|python|ruby|academic|boost|w3c)(?:\b|v[0-9])`;

/** Each ends soon after it begins, so that repetitions take linear time. */
const choices: readonly RegExp[] = [
  /\b(?:choice|one|any|either|both) of (?:(?:one|any|either|two|three|the|these|those|several|following|this|multiple) ){0,4}(?:open source |free software )?licen[cs]es\b/g,
  new RegExp(`\\b(?:your|our|user's|a|the) choice of ${name}`, 'g'),
  /\bchoose (?:to be licensed|to use|between|either|which|one|any)\b|\bchoice between\b/g,
  /\balternative(?:ly)?\b[^.]{0,160}(?:\blicen[cs]e|\bterms\b|\bdistribut|\b[al]?gpl\b)/g,
  /\b(?:dual|double|tri|triple|multi|multiple|disjunctive)(?:ly)?[- ]?licen[cs]|\bdual \S{1,40} licen[cs]|\b(?:and|or) in parallel\b/g,
  new RegExp(`\\beither:? (?:\\S{1,3} ){0,4}(?:(?:the|of) ){0,3}${name}`, 'g'),
  /\b(?:under|terms of|with) either (?:of|one|licen[cs]e)\b/g,
  new RegExp(
    `\\b(?:licen[cs]e|license[sd]|[al]?gpl|bsd|mit|artistic|apache|mpl|perl)(?: licen[cs]e)?["')]{0,2}[+v0-9. -]{0,6},?[ _]or,?[ _](?:\\(?at your (?:option|choice|discretion)\\)?,? )?(?:under )?(?:the terms of )?${name}`,
    'g',
  ),
];

function isAlternative(plain: string, { start, end }: Grant): boolean {
  const before = plain.slice(Math.max(0, start - 160), start);
  const after = plain.slice(end, end + 80);
  if (
    /\bor\)?,? (?:\(?at your (?:option|choice|discretion)\)?,? )?(?:\(?[a-z0-9]\) )?(?:alternatively )?(?:under )?(?:the )?(?:terms (?:and conditions )?of )?(?:the )?["(]?$/.test(
      before,
    )
  )
    return true;
  if (
    new RegExp(
      `^[ "')]{0,3}(?:licen[cs]e)?,? ?\\bor,? (?:\\(?at your (?:option|choice|discretion)\\)?,? )?(?:\\(?[a-z0-9]\\) )?(?:under )?(?:the )?(?:terms of )?${name}`,
    ).test(after)
  )
    return true;
  const sentence = before.slice(before.lastIndexOf('. ') + 1);
  return /\b(?:not|never|nor|neither|isn't|aren't|wasn't|cannot|compatible with|instead of|rather than|no longer|formerly|previously|used to be)\b/.test(
    sentence,
  );
}
