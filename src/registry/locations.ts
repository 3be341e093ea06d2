import type { HttpAnswer } from '../net/types.ts';
import { isHttp } from '../net/url.ts';
import type { RepositoryContext } from './context.ts';
import { invalidAnswer } from './refusal.ts';

/**
 * Where an answer says that things go on: the `Location` of an upload, absolute or relative, on whichever host.
 * @throws SlimimageError REGISTRY_INVALID where there is none, or only one that would leave https
 */
export function locationOf(context: RepositoryContext, { headers, url }: HttpAnswer): URL {
  const text = headers['location'];
  if (text === undefined || !URL.canParse(text, url.href))
    throw invalidAnswer(context, 'an upload got no usable Location');
  const location = withoutLogin(new URL(text, url));
  if (!isHttp(location)) throw invalidAnswer(context, `an upload was sent to ${location.protocol}`);
  if (url.protocol === 'http:' || location.protocol === 'https:') return location;
  // A registry behind a proxy that speaks TLS for it often does not know so, and writes http.
  if (location.hostname !== url.hostname) throw invalidAnswer(context, 'an upload was sent from https to http');
  location.protocol = url.protocol;
  location.port = url.port;
  return location;
}

/** The upload's address with the digest that ends it; the rest of the query stays as it is, to the byte. */
export function withDigest(location: URL, digest: string): URL {
  const closing = new URL(location);
  closing.search = `${location.search === '' ? '?' : `${location.search}&`}digest=${encodeURIComponent(digest)}`;
  return closing;
}

/**
 * The next page of a list (RFC 8288, as the distribution-spec uses it), or undefined after the last one.
 * @throws SlimimageError REGISTRY_INVALID where it is another host's
 */
export function nextPage(context: RepositoryContext, { headers, url }: HttpAnswer): URL | undefined {
  const link = headers['link'];
  if (link === undefined) return undefined;
  const target = /<([^<>]{1,4096})>\s*;[^,]*\brel\s*=\s*"?next"?/i.exec(link.slice(0, 16_384))?.[1];
  if (target === undefined) return undefined;
  if (!URL.canParse(target, url.href)) throw invalidAnswer(context, 'the address of a next page is none');
  const next = withoutLogin(new URL(target, url));
  // The same proxy-before-it mistake as in an upload's Location.
  if (next.hostname === url.hostname && next.protocol === 'http:') {
    next.protocol = url.protocol;
    next.port = url.port;
  }
  if (next.origin !== url.origin) throw invalidAnswer(context, 'a next page is on another host');
  return next;
}

/** Whose login is sent where is not the registry's to say. */
function withoutLogin(url: URL): URL {
  url.username = '';
  url.password = '';
  return url;
}
