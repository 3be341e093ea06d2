import { strikeText } from './strike-text.ts';

const secretName =
  /(?:^|[_.-])(?:pass(?:word|wd|phrase)?|pwd|secrets?|tokens?|credentials?|api_?key|access_?key|private_?key|signing_?key|encryption_?key|client_?secret|auth)(?:$|[_.-](?!(?:file|path|dir|url|uri|host|name|expiry|ttl|method|type|mode|enabled?|timeout)(?:$|[_.-])))|(?:password|passwd|secret|apikey|token)$/i;
const userInfo = /([a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]{0,200}):[^\s/@]{1,1000}@/gi;

/** Words that name no secret although the name of the variable says so. */
const harmless = /^(?:|true|false|yes|no|none|null|on|off|0|1|changeme|\d{1,4}|\/\S*|\$\{?\w+\}?|\*+)$/i;

/** Stands for what may not be shown. */
export const struckOut = '****';

/**
 * The value of a variable or label as it may be shown: struck out where its name says that it is a secret, else without what the rules for
 * secrets find in it, and without the password of a URL.
 */
export function redactValue(name: string, value: string): string {
  if (isSecretName(name) && !harmless.test(value)) return struckOut;
  const whole = strikeText(`${name}=${value}`, { where: 'env' });
  if (!whole.startsWith(`${name}=`)) return struckOut;
  return withoutUserInfo(whole.slice(name.length + 1));
}

/** Nobody's name is longer; the pattern would take its time. */
const longestName = 1000;

function isSecretName(name: string): boolean {
  return name.length <= longestName && secretName.test(name);
}

function withoutUserInfo(text: string): string {
  return text.includes('@') ? text.replace(userInfo, `$1:${struckOut}@`) : text;
}

/** `NAME=value` the same way. */
export function redactAssignment(text: string): string {
  const split = text.indexOf('=');
  return split < 0 ? text : `${text.slice(0, split)}=${redactValue(text.slice(0, split), text.slice(split + 1))}`;
}

/** The assignments of an ENV, ARG or LABEL the same way, those in quotes too. */
export function redactAssignments(text: string): string {
  return text.replace(
    /(^|\s)([^\s="]{1,500})=("(?:[^"\\]|\\.)*"|\S*)/g,
    (whole, before: string, name: string, value: string) =>
      redactValue(name, value.replace(/^"(.*)"$/s, '$1')) === struckOut ? `${before}${name}=${struckOut}` : whole,
  );
}

/**
 * A command as it may be shown: without what the rules for secrets find in it, passwords of URLs, and the values that it repeats, such as a
 * RUN that had them as build arguments.
 */
export function redactText(text: string, secrets: readonly string[]): string {
  const rest = secrets.reduce((before, secret) => before.replaceAll(secret, struckOut), text);
  return withoutUserInfo(strikeText(rest, { where: 'history' }));
}

/** Values that are looked for: nobody has more, and a made-up image would take for ever. */
const mostSecrets = 200;

/** The values among these assignments that are struck out, each once; short ones might stand for anything. */
export function secretValues(assignments: readonly string[]): readonly string[] {
  const values = new Set<string>();
  for (const text of assignments) {
    const split = text.indexOf('=');
    const value = text.slice(split + 1);
    if (split > 0 && value.length >= 6 && redactValue(text.slice(0, split), value) === struckOut) values.add(value);
    if (values.size === mostSecrets) break;
  }
  // The longest first: one may begin as another does.
  return [...values].sort((a, b) => b.length - a.length);
}
