import type { HashedRun } from '../../content/jobs.ts';
import { sha1Hex, sha256Hex } from '../../util/digest.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import type { Session } from '../session.ts';

/**
 * SHA-1 of the image's files by their sha256, because SPDX 2.3 takes no file without. Contents are read once ever: what was
 * hashed is remembered by content. A file that is no longer what it was has none.
 */
export async function fileSha1s(
  { assembled, contents }: Pick<AssembledPlatform, 'assembled' | 'contents'>,
  session: Pick<Session, 'store' | 'pool'>,
): Promise<ReadonlyMap<string, string>> {
  const packaged = [...contents.packages.values()].map(({ content: { key, index, fragmentPath } }) => ({
    key,
    runs: index.entries.flatMap(({ sha256, offset, size }) =>
      sha256 === undefined ? [] : { file: fragmentPath, offset, length: size, sha256 },
    ),
  }));
  const own: HashedRun[] = [];
  const found = new Map<string, string>();
  for (const { entry, source } of assembled.tree.nodes()) {
    if (source.type === 'bytes') found.set(sha256Hex(source.bytes), sha1Hex(source.bytes));
    if (source.type !== 'file') continue;
    own.push({ file: source.file, offset: 0, length: entry.size, sha256: source.sha256 });
  }
  const groups = [...packaged, { key: sha256Hex(own.map(({ sha256 }) => sha256).join()), runs: own }];
  const sums = await Promise.all(groups.map((group) => sumsOf(group, session)));
  for (const [sha256, sha1] of sums.flat()) if (sha1 !== null) found.set(sha256, sha1);
  return found;
}

interface Group {
  readonly key: string;
  readonly runs: readonly HashedRun[];
}

type Sums = readonly (readonly [sha256: string, sha1: string | null])[];

async function sumsOf({ key, runs }: Group, { store, pool }: Pick<Session, 'store' | 'pool'>): Promise<Sums> {
  if (runs.length === 0) return [];
  const known = (await store.memo.get('sha1', key)) as Sums | undefined;
  if (known !== undefined) return known;
  const sha1s = await pool.run('sha1Runs', { runs });
  const sums = runs.map(({ sha256 }, index) => [sha256, sha1s[index] ?? null] as const);
  if (!sha1s.includes(null)) await store.memo.set('sha1', key, sums);
  return sums;
}
