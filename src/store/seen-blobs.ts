import type { Digest } from '../util/digest.ts';
import type { Memo } from './memo.ts';

const namespace = 'registry-blobs';

/** Repositories remembered for each blob of a registry; the latest ones are most likely to have it still. */
const keptRepositories = 5;

/** Repositories of a registry that had the blob when they were last seen, the latest first. */
export async function recallRepositories(memo: Memo, registry: string, digest: Digest): Promise<readonly string[]> {
  const found = await memo.get(namespace, keyOf(registry, digest));
  return Array.isArray(found) ? found.filter((name): name is string => typeof name === 'string') : [];
}

interface SeenRepository {
  readonly registry: string;
  readonly repository: string;
}

export async function rememberRepository(
  memo: Memo,
  { registry, repository }: SeenRepository,
  digest: Digest,
): Promise<void> {
  const known = await recallRepositories(memo, registry, digest);
  if (known.includes(repository)) return;
  await memo.set(namespace, keyOf(registry, digest), [repository, ...known].slice(0, keptRepositories));
}

/** It does not have the blob any more, or not for this login. */
export async function forgetRepository(
  memo: Memo,
  { registry, repository }: SeenRepository,
  digest: Digest,
): Promise<void> {
  const known = await recallRepositories(memo, registry, digest);
  const kept = known.filter((name) => name !== repository);
  if (kept.length < known.length) await memo.set(namespace, keyOf(registry, digest), kept);
}

function keyOf(registry: string, digest: Digest): string {
  return `${registry} ${digest}`;
}
