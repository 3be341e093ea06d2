import { closeSync, openSync, readSync } from 'node:fs';
import { readReach } from '../content/read-reach.ts';
import { factsOfBytes, factsOfFile } from '../image/layer-programs.ts';
import { ownName, type PruneFile, type PrunePackage } from '../prune/facts.ts';
import type { Memo } from '../store/memo.ts';
import type { OwnFile } from './own-files.ts';

/** The user's own files as one more package, which nothing cuts. */
export interface OwnFacts {
  readonly package: PrunePackage;
  /** Whether all were read that can name anything. */
  readonly isWhole: boolean;
}

const namespace = 'own-facts-1';

/** Bytes of a program of which every one is looked at. */
const maxProgram = 256 * 1024 * 1024;

/** Bytes of a script that are read (content/read-reach.ts). */
const maxScript = 1024 * 1024;

/** Files from this size on take longer to read than what is remembered of them. */
const rememberedSize = 64 * 1024;

/**
 * Reads what own files name, as conversion does with those of packages. What is known of a large file is remembered.
 * @throws SlimimageError IO
 */
export async function readOwnFacts(own: readonly OwnFile[], memo: Memo): Promise<OwnFacts> {
  const files: PruneFile[] = [];
  let isWhole = true;
  for (const one of own) {
    const { path, mode, size, linkTarget } = one;
    const known = await knownFacts(one, memo);
    if (known.isTooLarge === true) isWhole = false;
    const { elf, shebang, reach = reachOfLink(one) } = known;
    files.push({ path, type: one.type, mode, size, linkTarget, elf, shebang, reach });
  }
  return { package: { name: ownName, version: '', isRoot: true, needs: [], files, scripts: {} }, isWhole };
}

type Facts = Pick<PruneFile, 'elf' | 'shebang' | 'reach'> & { readonly isTooLarge?: true };

async function knownFacts(one: OwnFile, memo: Memo): Promise<Facts> {
  if (one.size < rememberedSize) return factsOf(one);
  const key = `${one.sha256} ${one.path}`;
  const known = (await memo.get(namespace, key)) as Facts | undefined;
  if (known !== undefined) return known;
  const facts = factsOf(one);
  await memo.set(namespace, key, facts);
  return facts;
}

function factsOf({ path, size, content }: OwnFile): Facts {
  if (content === undefined || size < 2) return {};
  const { elf, shebang } = (typeof content === 'string' ? factsOfFile(content) : factsOfBytes(content)) ?? {};
  if (size > (elf === undefined ? maxScript : maxProgram))
    return { elf, shebang, ...((elf ?? shebang) === undefined ? {} : { isTooLarge: true }) };
  if (typeof content !== 'string') {
    const read = (offset: number, length: number) => content.subarray(offset, offset + length);
    return { elf, shebang, reach: readReach({ path, elf, shebang, size, read }) };
  }
  const descriptor = openSync(content, 'r');
  try {
    const read = (offset: number, length: number) => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    };
    return { elf, shebang, reach: readReach({ path, elf, shebang, size, read }) };
  } finally {
    closeSync(descriptor);
  }
}

/** What a link leads to stays. */
function reachOfLink({ path, linkTarget }: OwnFile): PruneFile['reach'] {
  if (linkTarget === undefined) return undefined;
  const folder = linkTarget.startsWith('/') ? [] : path.split('/').slice(0, -1);
  for (const part of linkTarget.split('/')) {
    if (part === '..') folder.pop();
    else if (part !== '.' && part !== '') folder.push(part);
  }
  return { paths: `/${folder.join('/')}` };
}
