import { compareContents, comparedTextBytes, type FileContent } from '../compare/compare-contents.ts';
import { stateOf } from '../compare/compare-files.ts';
import { imageOf } from '../compare/compare-images.ts';
import type { FileDifference, LeadState } from '../compare/types.ts';
import { SlimimageError } from '../errors.ts';
import { openView } from '../image/open-view.ts';
import { readFile } from '../image/read-files.ts';
import type { Image } from '../image/types.ts';
import type { SharedLayers } from '../image/view-layers.ts';
import { compareEntries } from '../rootfs/compare-entries.ts';
import type { RootfsNode } from '../rootfs/rootfs.ts';
import { concatBytes } from '../util/bytes.ts';
import type { ImageView } from '../view/types.ts';
import type { DiffFileOptions } from './diff-images.ts';
import { withBoth } from './with-both.ts';

interface Side {
  readonly image: Image;
  readonly view: ImageView;
  /** What the path names itself. */
  readonly named: RootfsNode | undefined;
  /** What it leads to. */
  readonly found: RootfsNode | undefined;
}

/**
 * What became of one path. A link that is the same in both images is followed; one that is another is told, and where it leads is
 * compared as well.
 * @throws SlimimageError SOURCE_INVALID where neither image has the path, or it is a folder; and as diffImages
 */
export async function diffFile(from: string, to: string, options: DiffFileOptions): Promise<FileDifference> {
  const { path, signal, onEvent } = options;
  return withBoth([from, to], options, async (opened) => {
    const { store } = opened;
    const shared: SharedLayers = new Map();
    const sideOf = async (image: Image): Promise<Side> => {
      const view = await openView(image, { store, signal, onEvent, shared });
      const named = view.rootfs.resolve(path, { followLast: false });
      return { image, view, named, found: view.rootfs.resolve(path) };
    };
    const [old, fresh] = [await sideOf(opened.from), await sideOf(opened.to)];
    refuseFolders([old, fresh], path);
    const isSameLink =
      old.named?.entry.type === 'symlink' &&
      fresh.named?.entry.type === 'symlink' &&
      old.named.entry.linkTarget === fresh.named.entry.linkTarget;
    const [before, after] = [old, fresh].map(({ named, found }) => (isSameLink ? (found ?? named) : named)?.entry);
    const aspects = before === undefined || after === undefined ? [] : compareEntries(before, after);
    const told = aspects.filter((aspect) => aspect !== 'time' || options.times === true);
    const isEqual = old.found?.entry.sha256 !== undefined && old.found.entry.sha256 === fresh.found?.entry.sha256;
    const contents = isEqual
      ? { from: undefined, to: undefined }
      : { from: await contentOf(old, options), to: await contentOf(fresh, options) };
    const content = compareContents(path.replace(/^\/+/, ''), { ...contents, showSecrets: options.showSecrets });
    const isThere = (before === undefined) === (after === undefined);
    return {
      path: `/${path.replace(/^\/+/, '')}`,
      same: isThere && told.length === 0 && content.type === 'same',
      from: imageOf({ view: old.view, otherPlatforms: old.image.otherPlatforms }),
      to: imageOf({ view: fresh.view, otherPlatforms: fresh.image.otherPlatforms }),
      aspects: told,
      before: stateOf(before),
      after: stateOf(after),
      leads: isSameLink ? undefined : leadsOf(old, fresh),
      content,
    };
  });
}

function leadsOf(old: Side, fresh: Side): FileDifference['leads'] {
  const [from, to] = [leadOf(old), leadOf(fresh)];
  return from === undefined && to === undefined ? undefined : { from, to };
}

/** Where a link leads; undefined for what is none, or leads nowhere. */
function leadOf({ named, found }: Side): LeadState | undefined {
  const state = stateOf(found?.entry);
  if (named?.entry.type !== 'symlink' || state === undefined) return undefined;
  return { ...state, path: `/${found?.entry.path ?? ''}` };
}

function refuseFolders(sides: readonly Side[], path: string): void {
  if (sides.every(({ named }) => named === undefined)) {
    const names = sides.map(({ image }) => image.name).join(' nor ');
    throw new SlimimageError({
      code: 'SOURCE_INVALID',
      message: `neither ${names} has the path ${path}`,
      hint: 'slimimage ls IMAGE shows all that it has.',
    });
  }
  const folder = sides.find(({ found, named }) => (found ?? named)?.entry.type === 'directory');
  if (folder === undefined) return;
  throw new SlimimageError({
    code: 'SOURCE_INVALID',
    message: `${path} is a folder in ${folder.image.name}`,
    hint: 'Name a file. Without --path every file that differs is listed.',
  });
}

async function contentOf(
  { image, view, found }: Side,
  { path, signal }: DiffFileOptions,
): Promise<FileContent | undefined> {
  if (found?.entry.type !== 'file') return undefined;
  const { size, sha256 } = found.entry;
  const program = view.program(found);
  if (size > comparedTextBytes) return { bytes: undefined, sha256, program };
  const chunks: Uint8Array[] = [];
  for await (const bytes of readFile(image, view.rootfs, { path, signal })) chunks.push(bytes.slice());
  return { bytes: concatBytes(chunks), sha256, program };
}
