import { plainText } from './plain-text.ts';

export interface ShippedText {
  readonly text: string;
  /** Whether each sentence that gives something speaks either of the packaging alone or of what is shipped. */
  readonly isSure: boolean;
}

/** Leaves out the paragraphs whose subject is the packaging: it is not what a package installs. */
export function shippedText(text: string): ShippedText {
  const paragraphs = text.split(/\n[ \t]*\n/).map((paragraph) => ({ paragraph, plain: plainText(paragraph).trim() }));
  const plains = paragraphs.map(({ plain }) => plain);
  const kept: string[] = [];
  let isSure = true;
  for (let at = 0; at < paragraphs.length; at += 1) {
    const { paragraph = '', plain = '' } = paragraphs[at] ?? {};
    const last = isPackaging(plain) ? lastOfPackaging(plains, at) : undefined;
    if (last !== undefined) {
      at = last;
      continue;
    }
    if (isPackaging(plain) || isMixed(plain)) isSure = false;
    kept.push(paragraph);
  }
  return { text: kept.join('\n\n'), isSure };
}

const subject =
  /^(?:the |all )?(?:(?:initial|current|original) (?:and )?)*(?:debian )?packaging(?: files?| work| scripts?| infrastructure| itself)?(?: in (?:the )?debian\S*(?: directory)?(?: of the source package)?)?(?: is| are| was| were| has| have| can| may|:| ?\(c\)| ©|,? copyright)/;
const directory =
  /^(?:all )?(?:the )?files (?:in|under|from|below) (?:the )?(?:\.\/)?debian\b(?:\/\*?)?(?: (?:sub)?director(?:y|ies)| folder)?,? (?:is|are|was|were|has|have|can|may)\b|^(?:files ?: ?)?debian\/\**:? (?:copyright|\(c\)|©|licen[cs]e)/;
const gives =
  /licen[cs]|gpl|public domain|\bterms\b|redistribut|permission|free software|see above|\b(?:bsd|mit|apache|released)\b/;

function isPackaging(plain: string): boolean {
  return (subject.test(plain) && (gives.test(plain) || isHeading(plain))) || directory.test(plain);
}

function isHeading(plain: string): boolean {
  return /(?::|\bis|\bare|\bunder)$/.test(plain);
}

/** The last paragraph that goes with the one at `at`; undefined where that can't be told. */
function lastOfPackaging(plains: readonly string[], at: number): number | undefined {
  const plain = plains[at] ?? '';
  if (/\b(?:upstream|else|others?|rest|remain(?:der|ing)|both|program|software itself)\b/.test(plain)) return undefined;
  if (/licen[cs]es? ?:.*licen[cs]es? ?:|.\bfiles ?:| [\w*.-]{0,80}[/*.][\w*./-]{0,80}:/.test(plain)) return undefined;
  if (!isHeading(plain)) return at;
  if (gives.test(plain)) return undefined;
  // dh_make: the heading, the holders, and `and is licensed under the GPL version 3, see ...`, a paragraph each.
  let next = at + 1;
  while (next < plains.length && isHolders(plains[next] ?? '')) next += 1;
  const licence = plains[next] ?? '';
  return /^(?:and |which )?(?:it )?(?:is|are) /.test(licence) && gives.test(licence) && !isHeading(licence)
    ? next
    : undefined;
}

function isHolders(plain: string): boolean {
  return /copyright|©|\(c\)|@|^$/.test(plain) && !gives.test(plain);
}

/** A paragraph that speaks of the packaging in passing: whether its terms are those of the program is a guess, unless it names both. */
function isMixed(plain: string): boolean {
  if (!/\bpackaging\b|\bdebian\/(?:\*|[.,; )]|$)/.test(plain) || !gives.test(plain)) return false;
  return !/\band (?:(?:the|all|its|this|for) )*(?:debian )?packaging|\bpackaging(?: files)? and\b|\b(?:as well as|including|appl(?:y|ies) to) (?:(?:the|all) )*(?:debian )?packaging/.test(
    plain,
  );
}
