import { entropyOf } from './entropy.ts';
import { type TokenForm, tokenForms } from './token-forms.ts';
import type { Detector, SecretRule, Window } from './types.ts';
import { charactersOf, isWordByte, nameBefore } from './window-text.ts';

export const tokenRules: readonly SecretRule[] = tokenForms.map(({ rule, title, looksFor, entropy }) => ({
  id: rule,
  title,
  level: 'error',
  looksFor: `${looksFor}; at least ${entropy ?? 3} bits a character`,
}));

export const tokenDetectors: readonly Detector[] = tokenForms.flatMap((form) =>
  form.keywords.map((keyword) => ({
    keywords: [keyword],
    foldCase: false,
    find: (window: Window, at: number) => {
      // Inside a longer run it is no token, but part of encoded bytes.
      if (!isBeginning(form, window, at)) return undefined;
      const start = at + keyword.length;
      const text = charactersOf(window, start, start + 1001);
      const [body] = form.rest.exec(text) ?? [];
      if (body === undefined || isBase64(text.charCodeAt(body.length))) return undefined;
      if (wellKnown.some((part) => body.includes(part)) || isRow(body)) return undefined;
      if (entropyOf(body) < (form.entropy ?? 3)) return undefined;
      const end = start + body.length;
      return { rule: form.rule, start: at, end, excerpt: `${nameBefore(window, at)}${keyword}****` };
    },
  })),
);

function isBeginning({ before }: TokenForm, window: Window, at: number): boolean {
  if (before !== undefined) return before.test(charactersOf(window, at - 24, at));
  return at === 0 || !isWordByte(window.bytes[at - 1]);
}

/** Of AWS's manuals, and the key of the emulator that everybody has. */
const wellKnown = ['EXAMPLE', 'Example', 'example', 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq'];

/** Tokens of random characters may hold any short word: only what no token is counts. */
function isRow(body: string): boolean {
  return /(.)\1{5}|x{4}|X{4}|abcdefgh|ABCDEFGH|12345678|01234567/.test(body);
}

function isBase64(code: number): boolean {
  return isWordByte(Number.isNaN(code) ? undefined : code) || code === 43 || code === 47;
}
