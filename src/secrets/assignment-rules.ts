import { entropyOf } from './entropy.ts';
import { isPlaceholder, isStandIn } from './placeholders.ts';
import { isJsonWebToken, looksRandom } from './random-text.ts';
import { isApplicationFile, isConfiguration, isCredentialFile, isTestFile } from './secret-files.ts';
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
      'a name that ends in `password`, `secret`, `token`, `api_key`, ... In env, labels, history and files of credentials: any value that is no placeholder, variable, path or switch; so for passwords in files like `application.properties`, `database.yml`, `compose.yaml`, `settings.py`, `wp-config.php`, `*.tfvars`, in manifests of Kubernetes’ Secrets and in connection strings. In other files: in quotes, in XML or in a configuration file, 16 characters or more that look random: letters, capitals and digits mixed, 24 small letters and digits, or 32 hexadecimal digits; not in tests (`testdata/`, `test/`, `spec/`, `*_test.go`, ...)',
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
  'privatekey',
  'encryption_key',
  'jwt_key',
  'app_key',
  'cli_auth',
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
  if (assigned === undefined || !isSuffix(assigned.suffix)) return undefined;
  const { where, path } = window;
  // In a command, `password: ` is what a program says.
  if (where === 'history' && !assigned.operator.includes('=')) return undefined;
  if (assigned.operator === ',' && !path.endsWith('.php')) return undefined;
  const isSecret =
    where !== 'file' || isCredentialFile(path)
      ? isLiteral(assigned.value)
      : isRandom(assigned, window, at) || isChosen(assigned, window, at);
  return isSecret ? found('password-assigned', window, assigned) : undefined;
}

function isSuffix(suffix: string): boolean {
  return !/[A-Za-z]{3}/.test(suffix) || allowedSuffix.test(suffix);
}

function found(rule: string, window: Window, { start, end }: Assigned): FoundSecret {
  return { rule, start, end, excerpt: `${nameBefore(window, start)}****` };
}

const allowedSuffix =
  /^[_-]?(?:key|value|val|data|base64|b64|string|str|text|id_?key|prod|production|live|main|root|key_base)\d?$/i;

/** `NAME=value`, `"name": "value"`, `name => 'value'`, `define('NAME', 'value')`, `<name>value<`, `"name" value="value"`. */
function assignedAt(window: Window, at: number): Assigned | undefined {
  const { bytes, end } = window;
  let place = at;
  // The rest of the keyword and of the name.
  while (place < end && place < at + 48 && (isWordByte(bytes[place]) || bytes[place] === hyphen)) place++;
  // Most of what speaks of passwords assigns none: that is seen without making a string.
  let operator = place;
  while (operator < end && operator < place + 8 && isBetween(bytes[operator])) operator++;
  if (!isOperator(bytes, operator)) return undefined;
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

/** `=`, `:`, `>`, `,`, `value=`. */
function isOperator(bytes: Uint8Array, at: number): boolean {
  const code = bytes[at];
  return code === 61 || code === 58 || code === 62 || code === 44 || (code === 118 && bytes[at + 1] === 97);
}

/** Blanks, quotes, brackets. */
function isBetween(code: number | undefined): boolean {
  return code === 32 || code === 9 || code === 34 || code === 39 || code === 93;
}

const keywordEnd = new RegExp(
  `^(?:aws_secret(?:_access)?(?:_key)?|secret_?access_?key|${[...names, ...moreNames].join('|')})`,
  'i',
);
const assignment =
  /^([\w-]{4,48})["'\]]{0,2}[ \t]{0,8}(=>|:=|=(?!=)|:(?!:)|>|(?<=["'] {0,8}),|(?<=["'] {1,8})value=)[ \t]{0,8}(?:(["'`])([^"'`\s]{1,250})(?=["'`])|([^\s"'`,;(){}[\]<>&|\\]{1,250}))/;

const notSecret = /^(?:\/[a-z]|\.{1,2}\/|~|[a-z]+:\/\/|sha\d+-|file:|env:|vault:|secret:|arn:|projects\/)/i;
const aSwitch = /^(?:true|false|yes|no|on|off|none|null|nil|undefined|0|1|optional|required|enabled?|disabled?)$/i;

/** What stands in an environment is what it says, also where it is short. */
function isLiteral(value: string): boolean {
  return value.length >= 4 && !notSecret.test(value) && !aSwitch.test(value) && !isStandIn(value);
}

/** Elsewhere, names like `token` mean many things: only what looks random counts. */
function isRandom({ value, quoted, operator }: Assigned, window: Window, at: number): boolean {
  if ((!quoted && operator !== '>' && !isConfiguration(window.path)) || isTestFile(window.path)) return false;
  if (value.length < 16 || value.length > 200 || notSecret.test(value) || !isPlain.test(value)) return false;
  if (isPlaceholder(value) && !isKeyOfDjango(value)) return false;
  return looksRandom(value.replace(madeByDjango, '')) && !isJsonWebToken(value) && !isPosition(window, at);
}

const isPlain = /^[\w+/=.~!@#$%^&*()-]+$/;
const madeByDjango = /^django-insecure-/;

function isKeyOfDjango(value: string): boolean {
  return madeByDjango.test(value);
}

/** What tells where the next page begins, or guards a form, is called a token, too. */
function isPosition(window: Window, at: number): boolean {
  return /(?:next|continuation|page|pagination|csrf|xsrf|sync|marker|cursor|verification|client)[-_]?token$/i.test(
    charactersOf(window, at - 16, at + 'token'.length),
  );
}

/** Passwords that people choose, where a file is there to hold them. */
function isChosen(assigned: Assigned, window: Window, at: number): boolean {
  if (!isLiteral(assigned.value) || commonWord.test(assigned.value)) return false;
  if (!/^(?:pass|secret|_p)/i.test(charactersOf(window, at, at + 6))) return false;
  const before = charactersOf(window, at - 400, at);
  if (isConnectionString(before) && !isPlaceholder(assigned.value)) return true;
  const isManifest = /\.(?:ya?ml|json)$/.test(window.path) && /kind["']?: *["']?Secret\b/.test(before);
  if (!isManifest && !isApplicationFile(window.path)) return false;
  return !/[#;/]/.test(before.slice(before.lastIndexOf('\n') + 1));
}

const commonWord = /^(?:password|passwd|secret|string|token|user(?:name)?|text|str|int|bool|any)$/i;

/** `Server=db;User Id=web;`, before `Password=`. */
function isConnectionString(before: string): boolean {
  return /(?:server|data source|host|user id|uid|username) ?=[^;"'\n]{1,100};(?:[^;"'\n]{1,100};){0,6} ?$/i.test(
    before,
  );
}
