/** The tree that a build derives from a lock, held against the one of an image. */
import type { AssembledPlatform } from '../../build/assemble-platform.ts';
import { isConfigured, type TreeNode } from '../../build/tree.ts';
import type { ReadContents } from './read-contents.ts';
import { Tally } from './tally.ts';
import { contentDifference, kindOf, metadataDifference } from './tree-differences.ts';
import type { Claim } from './types.ts';

export interface CompareTreeInput {
  readonly made: AssembledPlatform;
  readonly contents: ReadContents;
  /** Whether the whole configuration is known: else what it may have changed is unproven and no failure. */
  readonly isWhole: boolean;
  readonly platform: string | undefined;
}

interface Tallies {
  readonly packaged: Tally;
  readonly generated: Tally;
  readonly own: Tally;
  readonly below: Tally;
  readonly rest: Tally;
}

export function compareTree(input: CompareTreeInput): readonly Claim[] {
  const { made, contents, isWhole, platform } = input;
  const { rootfs } = contents;
  const { tree } = made.assembled;
  const tallies: Tallies = {
    packaged: new Tally(),
    generated: new Tally(),
    own: new Tally(),
    below: new Tally(),
    rest: new Tally(),
  };
  for (const node of tree.nodes()) {
    if (node.entry.path === '') continue;
    if (node.source.type === 'base') {
      holdBelow(tallies.below, node, input);
      continue;
    }
    holdNode(tallyOf(node, tallies), node, input);
  }
  for (const node of rootfs.walk()) {
    const { path } = node.entry;
    if (tree.has(path) || node.implicit) tallies.rest.proven();
    else if (isWhole)
      tallies.rest.failed(`/${path}`, `neither the lock nor the configuration makes this ${kindOf(node)}`);
    else tallies.rest.unproven(`/${path}`, `the lock does not make this ${kindOf(node)}; the configuration may`);
  }
  noteContract(tallies.packaged, input);
  holdLayersBelow(tallies.below, input);
  return claimsOf(tallies, input, platform);
}

function claimsOf(
  tallies: Tallies,
  { made, isWhole }: CompareTreeInput,
  platform: string | undefined,
): readonly Claim[] {
  const without = 'the configuration is not known: give it with --file';
  const claims = [
    tallies.packaged.claim({
      id: 'locked-files',
      claim:
        'files of packages have type, content, link, mode and owner as in the locked .debs, less what the build changes by contract',
      by: 'the .debs, found by the sha256 of the lock, unpacked and put together again',
      reason: isWhole ? undefined : 'modes and owners that the configuration may have changed',
      platform,
    }),
    tallies.generated.claim({
      id: 'generated-files',
      claim: 'what maintainer scripts would have left is what follows from the locked .debs',
      by: 'derived again from the .debs and the configuration',
      reason: isWhole ? undefined : without,
      platform,
    }),
  ];
  if (made.base !== undefined)
    claims.push(
      tallies.below.claim({
        id: 'image-below',
        claim: 'the lowest layers are those of the image below, and nothing but the build replaces what is in them',
        by: `the layers of ${made.base.digest}, which the lock names`,
        platform,
      }),
    );
  const hasOwn = [...made.assembled.tree.nodes()].some((node) => isConfigured(node.source));
  if (hasOwn)
    claims.push(
      tallies.own.claim({
        id: 'own-files',
        claim: 'files of the configuration are those that lie beside it',
        by: 'the files on this machine, and what the configuration says',
        platform,
      }),
    );
  return [
    ...claims,
    tallies.rest.claim({
      id: 'nothing-else',
      claim: 'nothing else is in the image',
      by: 'every path of the image, held against those that lock and configuration make',
      reason: isWhole ? undefined : without,
      platform,
    }),
  ];
}

function tallyOf({ source }: TreeNode, tallies: Tallies): Tally {
  if (source.type === 'package') return tallies.packaged;
  return isConfigured(source) ? tallies.own : tallies.generated;
}

function holdNode(tally: Tally, node: TreeNode, input: CompareTreeInput): void {
  const { entry, source } = node;
  const found = input.contents.rootfs.get(entry.path);
  const about = `/${entry.path}`;
  const owner = source.type === 'package' ? ` (${source.package})` : '';
  if (found === undefined) {
    if (input.isWhole) tally.failed(about, `it is not there${owner}`);
    else tally.unproven(about, `it is not there${owner}: the configuration may leave it out`);
    return;
  }
  const grave = contentDifference(node, found, input);
  // Without the configuration, generated files may differ for its accounts and locales.
  if (grave !== undefined && (input.isWhole || source.type === 'package')) {
    tally.failed(about, `${grave}${owner}`);
    return;
  }
  const light = grave ?? metadataDifference(node, found, input);
  if (light === undefined) tally.proven();
  else if (input.isWhole) tally.failed(about, `${light}${owner}`);
  else tally.unproven(about, `${light}${owner}: the configuration may say so`);
}

/** Content of files below is what their layers hold, whose diff IDs are compared: no later layer may have them anew. */
function holdBelow(tally: Tally, node: TreeNode, { made, contents }: CompareTreeInput): void {
  const found = contents.rootfs.get(node.entry.path);
  const about = `/${node.entry.path}`;
  const isAbove = (found?.layer ?? 0) >= (made.base?.layers.length ?? 0);
  if (found === undefined) tally.failed(about, 'it is not there; the image below has it');
  else if (found.entry.type !== 'directory' && isAbove) tally.failed(about, 'a layer above has it anew');
  else tally.proven();
}

function holdLayersBelow(tally: Tally, { made: { base }, contents: { diffIds } }: CompareTreeInput): void {
  for (const [at, diffId] of (base?.config.rootfs.diff_ids ?? []).entries()) {
    if (diffIds[at] === diffId) tally.proven();
    else tally.failed(`layer ${at + 1}`, `it is ${diffIds[at] ?? 'not there'}, and ${diffId} in the image below`);
  }
}

/** What a build changes of packages, whatever the configuration says (contract of images): named, so that nobody has to guess. */
function noteContract(tally: Tally, { made }: CompareTreeInput): void {
  const nodes = [...made.assembled.tree.nodes()];
  const stripped = nodes.flatMap(({ entry, source }) =>
    source.type === 'package' && source.origin.stripped !== undefined ? [entry.path] : [],
  );
  for (const path of stripped)
    tally.note(`/${path}`, 'set-user-id, set-group-id or capabilities of the .deb are left out');
  const omitted = [...made.contents.packages.values()].reduce(
    (sum, { content }) => sum + content.index.omitted.length,
    0,
  );
  if (omitted > 0) tally.note('filters', `${omitted} paths of the .debs are left out: documentation and the like`);
  const changes = made.assembled.effects.changes.length;
  if (changes > 0)
    tally.note('permissions', `${changes} paths have the mode or owner that maintainer scripts give them`);
  const later = nodes.filter(
    ({ entry, source }) => source.type === 'package' && entry.type === 'file' && source.origin.mtime > entry.mtime,
  ).length;
  if (later > 0) tally.note('times', `${later} files are newer in the .debs than the image: they have its time`);
}
