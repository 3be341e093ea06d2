import type { SbomFile } from '../../sbom/types.ts';
import { sha256Hex } from '../../util/digest.ts';
import { compareStrings } from '../../util/text.ts';
import type { ImageTree, TreeNode } from '../tree.ts';
import type { FileSources } from './sbom-sources.ts';

/** Every file with content that this build put into the image, sorted by path. Files of the image below are that image's. */
export function sbomFiles(
  tree: ImageTree,
  { sources, sha1s }: { readonly sources: Pick<FileSources, 'indexOf'>; readonly sha1s: ReadonlyMap<string, string> },
): readonly SbomFile[] {
  const files: SbomFile[] = [];
  for (const node of tree.nodes()) {
    const content = contentOf(node, tree);
    if (content === undefined) continue;
    const sha1 = sha1s.get(content.sha256);
    files.push({ path: node.entry.path, ...content, sha1, ...originOf(node), source: sources.indexOf(node) });
  }
  return files.sort((a, b) => compareStrings(a.path, b.path));
}

interface FileContent {
  readonly sha256: string;
  readonly size: number;
}

function contentOf(node: TreeNode, tree: ImageTree): FileContent | undefined {
  const { entry, source } = node;
  if (source.type === 'base') return undefined;
  if (entry.type === 'hardlink') {
    const target = tree.get(entry.linkTarget ?? '');
    return target === undefined || target.entry.type !== 'file' ? undefined : contentOf(target, tree);
  }
  if (entry.type !== 'file') return undefined;
  if (source.type === 'bytes') return { sha256: sha256Hex(source.bytes), size: source.bytes.length };
  const sha256 = source.type === 'package' ? source.origin.sha256 : source.type === 'file' ? source.sha256 : undefined;
  return sha256 === undefined ? undefined : { sha256, size: entry.size };
}

function originOf({ source }: TreeNode): Pick<SbomFile, 'package' | 'origin'> {
  if (source.type === 'package') return { package: source.package, origin: undefined };
  if (source.type === 'base') return { package: undefined, origin: undefined };
  const [kind = ''] = /^(?:files|paths)(?=:)/.exec(source.rule) ?? [];
  return { package: undefined, origin: kind === '' ? source.rule : kind };
}
