import { relative } from 'node:path';
import type { ProvenanceFiles } from '../../provenance/types.ts';
import { sha256Hex } from '../../util/digest.ts';
import { compareStrings } from '../../util/text.ts';
import type { TreeNode } from '../tree.ts';

export interface CopiedFiles {
  /** The file or folder that was copied, absolute. */
  readonly root: string;
  /** What the image has of it: files that came from there. */
  readonly nodes: readonly TreeNode[];
  /** Symbolic links below it: path -> target. */
  readonly links: ReadonlyMap<string, string>;
}

/**
 * Of one file its sha256; of a folder's files what in-toto calls `dirHash` (digest_set.md): the sha256 of what sha256sum(1) prints of them,
 * paths relative to the folder, sorted. Undefined where nothing was copied.
 */
export function filesDigest({
  root,
  nodes,
  links,
}: CopiedFiles): Pick<ProvenanceFiles, 'digest' | 'links'> | undefined {
  const files = new Map<string, string>();
  for (const { source } of nodes) if (source.type === 'file') files.set(relative(root, source.file), source.sha256);
  if (files.size === 0 && links.size === 0) return undefined;
  const only = files.get('');
  if (only !== undefined) return { digest: { sha256: only }, links: undefined };
  const lines = sorted(files).map(([path, sha256]) => `${sha256}  ${path}\n`);
  return {
    digest: { dirHash: sha256Hex(lines.join('')) },
    links: links.size === 0 ? undefined : Object.fromEntries(sorted(links)),
  };
}

function sorted(entries: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...entries].sort(([a], [b]) => compareStrings(a, b));
}
