import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { HttpAnswer } from '../net/types.ts';
import { parseJson } from '../oci/parse.ts';
import { isTag } from '../oci/reference.ts';
import { compareStrings } from '../util/text.ts';
import type { RepositoryContext } from './context.ts';
import { readPages } from './pages.ts';
import { invalidAnswer, refusal, unknownRepository } from './refusal.ts';

/** Tags of one page that are asked for; registries may give fewer. */
const pageSize = 1000;

/**
 * Every tag of a repository, in code-unit order (distribution-spec, "Listing Tags").
 * @throws SlimimageError IMAGE_NOT_FOUND, LIMIT_EXCEEDED, REGISTRY_INVALID, and what requests bring about
 */
export async function listTags(context: RepositoryContext): Promise<readonly string[]> {
  const tags = new Set<string>();
  const read = (answer: HttpAnswer) => {
    const before = tags.size;
    for (const tag of tagsOf(context, answer)) tags.add(tag);
    if (tags.size > limits.registryTags) {
      const message = `${context.where} has more than ${limits.registryTags} tags`;
      throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message });
    }
    return tags.size > before;
  };
  let refused = await readPages(context, `tags/list?n=${pageSize}`, { read });
  // Some refuse a page that is larger than theirs instead of giving a smaller one.
  if (refused?.status === 400) refused = await readPages(context, 'tags/list', { read });
  if (refused?.status === 404) throw unknownRepository(context);
  if (refused !== undefined) throw refusal(context, refused, 'list the tags');
  return [...tags].sort(compareStrings);
}

function tagsOf(context: RepositoryContext, answer: HttpAnswer): readonly string[] {
  const page = parseJson(answer.bytes, `${context.where}: the list of tags`, {});
  if (typeof page !== 'object' || page === null || Array.isArray(page))
    throw invalidAnswer(context, 'the list of tags is none');
  // Go writes null where a list is empty.
  const tags: unknown = 'tags' in page ? (page.tags ?? []) : [];
  if (!Array.isArray(tags)) throw invalidAnswer(context, 'the list of tags is none');
  return tags.map((tag: unknown) => {
    if (typeof tag === 'string' && isTag(tag)) return tag;
    throw invalidAnswer(context, 'the list of tags holds something that is no tag');
  });
}
