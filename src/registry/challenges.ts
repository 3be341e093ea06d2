import { limits } from '../limits.ts';

/** One way that a server wants to be logged in to. */
export interface Challenge {
  /** In lower case: `basic`, `bearer`. */
  readonly scheme: string;
  /** Names in lower case; of one that is repeated the first value. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Reads the value of WWW-Authenticate (RFC 9110, 11.6.1), those of several headers joined by commas. Total: what comes after something
 * that is no challenge is left out, and so is what is beyond `limits.challengeLength` and `limits.challenges`.
 */
export function parseChallenges(text: string): readonly Challenge[] {
  const value = text.slice(0, limits.challengeLength);
  const challenges: { readonly scheme: string; readonly parameters: Map<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(value) ?? undefined;
    if (found !== undefined) at = pattern.lastIndex;
    return found;
  };
  for (;;) {
    take(separators);
    const parameter = take(parameterPattern);
    if (parameter !== undefined) {
      const [, name = '', quoted, plain = ''] = parameter;
      const parameters = challenges.at(-1)?.parameters;
      if (parameters === undefined) return challenges;
      const key = name.toLowerCase();
      if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\([\s\S])/g, '$1') ?? plain);
      continue;
    }
    const scheme = take(schemePattern)?.[1];
    if (scheme === undefined || challenges.length === limits.challenges) return challenges;
    challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    take(token68Pattern);
  }
}

const separators = /[\s,]*/y;
const parameterPattern =
  /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\[\s\S])*)"|([!#$%&'*+.^_`|~0-9A-Za-z:/-]+))/y;
const schemePattern = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?=[\s,]|$)/y;
const token68Pattern = /[ \t]+[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;
