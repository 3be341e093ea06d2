import { limits } from '../limits.ts';
import type { HttpAnswer } from '../net/types.ts';
import { throwIfAborted } from '../util/abort.ts';
import type { RepositoryContext } from './context.ts';
import { nextPage } from './locations.ts';
import { invalidAnswer, refusals } from './refusal.ts';

export interface PagesOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whether a page brought something; many in a row that do not are a registry that never ends. */
  readonly read: (answer: HttpAnswer) => boolean;
}

/** Pages in a row that may be empty. */
const maxEmptyPages = 20;

/**
 * Reads a list page by page. The first page's refusal is the caller's to tell; `read` is not called with it.
 *
 * @returns the refusal, or undefined where all pages were read
 * @throws SlimimageError REGISTRY_INVALID where the pages go in a circle, leave the registry or bring nothing
 */
export async function readPages(
  context: RepositoryContext,
  first: string,
  options: PagesOptions,
): Promise<HttpAnswer | undefined> {
  const seen = new Set<string>();
  let page: string | URL = first;
  let empty = 0;
  for (;;) {
    throwIfAborted(context.signal);
    const answer = await context.access.request(context.name, page, {
      method: 'GET',
      actions: ['pull'],
      accept: [200, ...refusals],
      maxSize: limits.ociDocumentBytes,
      headers: options.headers,
      signal: context.signal,
    });
    if (answer.status !== 200) {
      if (page === first) return answer;
      throw invalidAnswer(context, `a list breaks off with the status ${answer.status}`);
    }
    empty = options.read(answer) ? 0 : empty + 1;
    const next = nextPage(context, answer);
    if (next === undefined) return undefined;
    if (seen.has(next.href) || empty > maxEmptyPages) throw invalidAnswer(context, 'a list of pages does not end');
    seen.add(next.href);
    page = next;
  }
}
