import { entropyOf } from './entropy.ts';
import { isPlaceholder } from './placeholders.ts';
import { isConfiguration, isCredentialFile } from './secret-files.ts';
import type { Detector, FoundSecret, SecretRule, Window } from './types.ts';
import { charactersOf, isWordByte, nameBefore } from './window-text.ts';

export const assignmentRules: readonly SecretRule[] = [
  {
    id: 'aws-secret-key',
    title: 'a secret key of AWS',
    level: 'error',
    looksFor:
      'a name with `aws_secret` or `secret_access_key` that is given 40 characters of base64; at least 4 bits a character',
  },
  {
    id: 'password-assigned',
    title: 'a password, token or key that is given to a name',
    level: 'error',
    looksFor:
      'a name that ends in `password`, `secret`, `token`, `api_key`, ... In env, labels, history and files of credentials: any value that is no placeholder, variable, path or switch. In other files: in quotes or in a configuration file, 16 characters or more of letters and digits mixed; at least 3.5 bits a character (3 for hexadecimal digits)',
  },
];

const names = ['password', 'passwd', 'passphrase', 'secret', 'token', 'apikey', 'api_key', 'api-key', '_pass'];
const moreNames = [
  'access_key',
  'accesskey',
  'access-key',
  'auth_key',
  'private_key',
  'credential',
  '_pwd',
  '_authtoken',
];

export const assignmentDetectors: readonly Detector[] = [
  { keywords: ['aws_secret', 'secret_access_key', 'secretaccesskey'], foldCase: true, find: findAwsSecret },
  { keywords: [...names, ...moreNames], foldCase: true, find: findAssigned },
];

interface Assigned {
  /** What goes on with the name after the keyword. */
  readonly suffix: string;
  readonly operator: string;
  readonly quoted: boolean;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

function findAwsSecret(window: Window, at: number): FoundSecret | undefined {
  const assigned = assignedAt(window, at);
  if (assigned === undefined || !/^[0-9A-Za-z+/]{40}$/.test(assigned.value)) return undefined;
  if (/example/i.test(assigned.value) || entropyOf(assigned.value) < 4) return undefined;
  return found('aws-secret-key', window, assigned);
}

function findAssigned(window: Window, at: number): FoundSecret | undefined {
  const assigned = assignedAt(window, at);
  if (assigned === undefined || /[A-Za-z]{3}/.test(assigned.suffix)) {
    if (assigned === undefined || !allowedSuffix.test(assigned.suffix)) return undefined;
  }
  const { where, path } = window;
  const plainly = where !== 'file' || isCredentialFile(path);
  // In a command, `password: ` is what a program says.
  if (where === 'history' && !assigned.operator.includes('=')) return undefined;
  const isSecret = plainly ? isLiteral(assigned.value) : isRandom(assigned, path);
  return isSecret ? found('password-assigned', window, assigned) : undefined;
}

function found(rule: string, window: Window, { start, end }: Assigned): FoundSecret {
  return { rule, start, end, excerpt: `${nameBefore(window, start)}****` };
}

const allowedSuffix =
  /^[_-]?(?:key|value|val|data|base64|b64|string|str|text|id_?key|prod|production|live|main|root)\d?$/i;

/** `NAME=value`, `"name": "value"`, `name => 'value'`, `:name, "value"` not. */
function assignedAt(window: Window, at: number): Assigned | undefined {
  const { bytes, end } = window;
  let place = at;
  // The rest of the keyword and of the name.
  while (place < end && place < at + 48 && (isWordByte(bytes[place]) || bytes[place] === hyphen)) place++;
  // Most of what speaks of passwords assigns none: that is seen without making a string.
  let operator = place;
  while (operator < end && operator < place + 8 && isBetween(bytes[operator])) operator++;
  if (bytes[operator] !== equals && bytes[operator] !== colon) return undefined;
  const text = charactersOf(window, at, at + 360);
  const match = assignment.exec(text);
  if (match === null) return undefined;
  const [whole, word = '', sign = '', quote = '', inQuotes, bare] = match;
  const value = inQuotes ?? bare ?? '';
  const start = at + whole.length - value.length;
  const keyword = keywordEnd.exec(word)?.[0] ?? '';
  return {
    suffix: word.slice(keyword.length),
    operator: sign,
    quoted: quote !== '',
    value,
    start,
    end: start + value.length,
  };
}

const hyphen = 45;
const equals = 61;
const colon = 58;

/** Blanks, quotes, brackets. */
function isBetween(code: number | undefined): boolean {
  return code === 32 || code === 9 || code === 34 || code === 39 || code === 93;
}

const keywordEnd = new RegExp(
  `^(?:aws_secret(?:_access)?(?:_key)?|secret_?access_?key|${[...names, ...moreNames].join('|')})`,
  'i',
);
const assignment =
  /^([\w-]{4,48})["'\]]{0,2}[ \t]{0,8}(=>|:=|=(?!=)|:(?!:))[ \t]{0,8}(?:(["'`])([^"'`\s]{1,250})(?=["'`])|([^\s"'`,;(){}[\]<>&|\\]{1,250}))/;

const hashes = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i;
const notSecret = /^(?:\/|\.{1,2}\/|~|[a-z]+:\/\/|sha\d+-|file:|env:|vault:|secret:|arn:|projects\/)/i;
const aSwitch = /^(?:true|false|yes|no|on|off|none|null|nil|undefined|0|1|optional|required|enabled?|disabled?)$/i;
const example = /example|change[-_ ]?me|placeholder|dummy|redacted|your[-_]|^my[-_]|x{3}|\*{2}|^<|>$|\.\.\./i;

/** What stands in an environment is what it says, also where it is short. */
function isLiteral(value: string): boolean {
  if (value.length < 4 || notSecret.test(value) || aSwitch.test(value) || example.test(value)) return false;
  return !/\$[{(A-Za-z_]|\{\{|^%|^@\w+@$/.test(value);
}

/** Elsewhere, names like `token` mean many things: only what looks random counts. */
function isRandom({ value, quoted }: Assigned, path: string): boolean {
  if (!quoted && !isConfiguration(path)) return false;
  if (value.length < 16 || value.length > 200 || notSecret.test(value) || isPlaceholder(value)) return false;
  if (!/^[\w+/=.~!@#$%^&*-]+$/.test(value)) return false;
  const digits = value.replace(/\D/g, '').length;
  const letters = value.replace(/[^A-Za-z]/g, '').length;
  if (digits < 2 || letters < 4) return false;
  if (hashes.test(value)) return entropyOf(value) >= 3;
  // Words, dotted or joined names, UUIDs, versions.
  if (/^[A-Za-z]+(?:[-_.:/][A-Za-z]+)*[-_.]?\d*$/.test(value)) return false;
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) return false;
  if (value.split(/[-_./]/).some((part) => /^[a-z]{5,}$|^[A-Z]?[a-z]{4,}$/.test(part))) return false;
  return /[A-Z]/.test(value) && /[a-z]/.test(value) && entropyOf(value) >= 3.5;
}
