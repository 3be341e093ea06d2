import { SlimimageError } from '../errors.ts';
import type { Login } from './credentials.ts';
import { Secret } from './secret.ts';

/** A URL to ask for, with the user information taken out of it. */
export interface Destination {
  readonly url: URL;
  readonly login: Login | undefined;
}

/** @throws SlimimageError CONFIG_INVALID where `text` is no http or https URL. */
export function parseDestination(text: string): Destination {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !isHttp(url)) {
    throw new SlimimageError({
      code: 'CONFIG_INVALID',
      message: `"${redactUrl(text)}" is not an http or https URL`,
      hint: 'Write it as https://HOST/PATH.',
    });
  }
  const login = loginOf(url);
  url.username = '';
  url.password = '';
  url.hash = '';
  return { url, login };
}

/** The user information of a URL, percent-decoded. */
export function loginOf(url: URL): Login | undefined {
  if (url.username === '' && url.password === '') return undefined;
  return { user: percentDecode(url.username), password: new Secret(percentDecode(url.password)) };
}

export function isHttp(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}

/**
 * A URL as messages, events and papers may carry it: without user information, and with `?...` for a query, because a
 * blob store's redirect holds its signature there. Text that is no URL is shortened and freed of anything before an @.
 */
export function redactUrl(url: URL | string): string {
  const parsed = typeof url === 'string' ? (URL.canParse(url) ? new URL(url) : undefined) : url;
  if (parsed === undefined || parsed.host === '') {
    return String(url)
      .replace(/^([a-z0-9+.-]*:?\/\/)?[\s\S]*@/i, '$1')
      .replace(/[?#][\s\S]*$/, '')
      .slice(0, 200);
  }
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}${parsed.search === '' ? '' : '?...'}`;
}

function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray % is meant literally by most who write one in a password.
    return text;
  }
}
