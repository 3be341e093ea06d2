import { entropyOf } from './entropy.ts';
import { isPlaceholder, isStandIn } from './placeholders.ts';
import { looksRandom } from './random-text.ts';
import { isCredentialFile } from './secret-files.ts';
import type { Detector, FoundSecret, SecretRule, Window } from './types.ts';
import { charactersOf, isWordByte } from './window-text.ts';

export const urlRules: readonly SecretRule[] = [
  {
    id: 'url-password',
    title: 'a password in a URL',
    level: 'error',
    looksFor:
      '`SCHEME://USER:PASSWORD@HOST`, where the password is no placeholder and the host no example. In files other than those of credentials, apt’s, git’s and pip’s: a password of 8 characters or more, letters and digits mixed; at least 2.5 bits a character',
  },
  {
    id: 'json-web-token',
    title: 'a signed token (JWT)',
    level: 'error',
    looksFor:
      'three parts in base64url with dots between them, the first a header of JOSE, the signature at least 20 characters',
  },
];

const schemes = [...'abcdefghijklmnopqrstuvwxyz0123456789'].map((last) => `${last}://`);

export const urlDetectors: readonly Detector[] = [
  { keywords: schemes, foldCase: false, find: findUrl },
  // {"alg" {"typ" {"kid" {"x5t" {"jku" {"enc" {"cty"
  {
    keywords: ['eyJhbGci', 'eyJ0eXAi', 'eyJraWQi', 'eyJ4NXQi', 'eyJqa3Ui', 'eyJlbmMi', 'eyJjdHki'],
    foldCase: false,
    find: findJwt,
  },
];

function findUrl(window: Window, at: number): FoundSecret | undefined {
  const start = at + '?://'.length;
  if (!hasAt(window, start)) return undefined;
  const text = charactersOf(window, start, start + 500);
  const [, user = '', password = '', host = ''] =
    /^([^\s/:@'"`<>\\]{0,100}):([^\s/@'"`<>\\]{3,250})@([A-Za-z0-9[][A-Za-z0-9.:\]_-]{0,252})/.exec(text) ?? [];
  const plainly = window.where !== 'file' || isCredentialFile(window.path) || ownFiles.test(window.path);
  if (password === '') return plainly ? findUserToken(start, text) : undefined;
  if (exampleHost.test(host) || isStandIn(password)) return undefined;
  if (!plainly && (isPlaceholder(password) || !looksChosen(user, password))) return undefined;
  const scheme = /[a-z][a-z0-9+.-]*$/i.exec(charactersOf(window, at - 20, at + 1))?.[0] ?? '';
  const end = start + user.length + 1 + password.length;
  return { rule: 'url-password', start: start + user.length + 1, end, excerpt: `${scheme}://****@${host}` };
}

/** `https://TOKEN@github.com/...`: git's. */
function findUserToken(start: number, text: string): FoundSecret | undefined {
  const [, user = '', host = ''] = /^([\w.-]{20,250})@([A-Za-z0-9][A-Za-z0-9.-]{0,252})/.exec(text) ?? [];
  if (user === '' || exampleHost.test(host) || !looksRandom(user)) return undefined;
  return { rule: 'url-password', start, end: start + user.length, excerpt: `****@${host}` };
}

/** Nearly no URL has an `@` before its path. */
function hasAt({ bytes, end }: Window, from: number): boolean {
  for (let at = from; at < end && at < from + 360; at++) {
    const code = bytes[at] as number;
    if (code === 64) return true;
    if (code <= 32 || code === 47 || code === 34 || code === 39 || code === 60 || code === 62) return false;
  }
  return false;
}

const ownFiles =
  /(?:^|\/)(?:etc\/apt\/sources\.list(?:\.d\/[^/]+)?|etc\/pip\.conf|\.git\/config|\.gitconfig|\.condarc)$/;
const exampleHost =
  /^(?:host(?:name)?|server|domain|site|proxy|localhost|127\.0\.0\.1|0\.0\.0\.0|1\.2\.3\.4|\[?::1\]?|.*\.(?:example|invalid|test|local)|(?:.*\.)?(?:example|domain|foo|bar|test|site|proxy|host|server|company|my\w*)\.\w+|(?:.*\.)?example\.(?:com|org|net|edu).*)(?::\d+)?$/i;

/** A header of JOSE ends in one. */
function hasDot({ bytes, end }: Window, from: number): boolean {
  let at = from;
  while (at < end && at < from + 1500 && (isWordByte(bytes[at]) || bytes[at] === 45)) at++;
  return bytes[at] === 46;
}

function looksChosen(user: string, password: string): boolean {
  if (password.length < 8 || password === user || !/\d/.test(password) || !/[A-Za-z]/.test(password)) return false;
  // `$1:$2`, `%20`, printf: no password.
  return /^[\w.~!*+=-]+$/.test(password) && !/^[a-z]+\d{0,4}$/i.test(password) && entropyOf(password) >= 2.5;
}

function findJwt(window: Window, at: number): FoundSecret | undefined {
  if (!hasDot(window, at)) return undefined;
  const text = charactersOf(window, at, at + 4000);
  const [whole, payload = ''] = /^eyJ[\w-]{10,1500}\.(eyJ[\w-]{10,2500})\.[\w-]{20,700}/.exec(text) ?? [];
  if (whole === undefined || entropyOf(whole) < 3.5) return undefined;
  // Of a manual: no claim that tells who or how long.
  if (
    payload.length < 28 &&
    !/"(?:iss|sub|exp|aud|jti|iat)"/.test(atob(payload.replace(/-/g, '+').replace(/_/g, '/')))
  ) {
    return undefined;
  }
  // {"sub":"1234567890": the token of every manual.
  if (payload.startsWith('eyJzdWIiOiIxMjM0NTY3ODkwI') || isPlaceholder(whole.slice(-20))) return undefined;
  return { rule: 'json-web-token', start: at, end: at + whole.length, excerpt: 'eyJ****' };
}
