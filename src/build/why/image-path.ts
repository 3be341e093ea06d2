import type { ImageConfig } from '../../oci/documents.ts';
import type { LayerEntry } from '../../rootfs/entry.ts';
import { baseName, isWithin } from '../../rootfs/path.ts';
import type { Rootfs } from '../../rootfs/rootfs.ts';
import { compareStrings } from '../../util/text.ts';
import { followLinks } from './follow-links.ts';
import type { ImageDatabase } from './image-database.ts';
import type { WhyOrigin, WhyPath } from './types.ts';

interface LookedAt {
  readonly rootfs: Rootfs;
  /** Entries of each layer, lowest first. */
  readonly layers: readonly (readonly LayerEntry[])[];
  readonly config: ImageConfig | undefined;
  readonly database: Pick<ImageDatabase, 'packages' | 'ownersOf' | 'placeOf'>;
}

export interface ImagePathAnswer {
  readonly path: WhyPath;
  readonly notes: readonly string[];
  readonly nearest: readonly string[];
}

/** Whose a path of an image is: a package's by dpkg's records, else the layer's that wrote it. */
export function whyImagePath(thing: string, image: LookedAt): ImagePathAnswer {
  const { rootfs } = image;
  const { path, links } = followLinks(thing, (at) => {
    const entry = rootfs.get(at)?.entry;
    return entry?.type === 'symlink' ? (entry.linkTarget ?? '') : undefined;
  });
  const origin = originOf(path, image);
  const type = rootfs.get(path)?.entry.type;
  return {
    path: {
      path: `/${path}`,
      links: links.map((link) => ({ ...link, path: `/${link.path}`, origin: originOf(link.path, image) })),
      type,
      origin,
    },
    notes: origin.type === 'missing' ? hiddenNotes(path, image) : sharedNotes(path, origin, image),
    nearest: origin.type === 'missing' ? sameName(path, rootfs) : [],
  };
}

function originOf(path: string, image: LookedAt): WhyOrigin {
  const node = image.rootfs.get(path);
  if (node === undefined) return { type: 'missing' };
  if (node.entry.type === 'directory') {
    const packages = ownersBelow(path, image);
    if (packages.length > 0) return { type: 'folder', packages };
  }
  const owners = ownersOf(path, image);
  const [owner] = owners;
  // A link in the place of a folder that several packages have: records do not tell the two apart.
  if (node.entry.type === 'symlink' && owners.length > 1) return { type: 'folder', packages: owners };
  if (owner !== undefined) {
    const recorded = recordedPath(path, { owner, image });
    return { type: 'package', package: owner, packagedAs: recorded === path ? undefined : `/${recorded}` };
  }
  return { type: 'layer', layer: node.layer + 1, createdBy: createdBy(node.layer, image) };
}

function ownersOf(path: string, { database }: LookedAt): readonly string[] {
  return [...new Set(database.ownersOf(path).map(({ name }) => name))].sort(compareStrings);
}

/** What the package itself calls a path: before links of folders, a merged /usr among them, and diversions. */
function recordedPath(
  path: string,
  { owner, image: { database } }: { readonly owner: string; readonly image: LookedAt },
): string {
  const named = database.ownersOf(path).filter(({ name }) => name === owner);
  const recorded = named.flatMap((one) => one.files.filter((file) => database.placeOf(one, file) === path));
  return recorded.includes(path) ? path : (recorded[0] ?? path);
}

function ownersBelow(path: string, { database }: LookedAt): readonly string[] {
  const within = database.packages.filter((one) =>
    one.files.some((file) => isWithin(database.placeOf(one, file), path)),
  );
  return [...new Set(within.map(({ name }) => name))].sort(compareStrings);
}

/** The history has an entry for each layer, between others that changed the configuration alone. */
function createdBy(layer: number, { config, layers }: LookedAt): string | undefined {
  const entries = (config?.history ?? []).filter(({ empty_layer: empty }) => empty !== true);
  const text = entries.length === layers.length ? entries[layer]?.created_by : undefined;
  return text === undefined || text === '' ? undefined : text.slice(0, 200);
}

function sharedNotes(path: string, origin: WhyOrigin, image: LookedAt): readonly string[] {
  if (origin.type !== 'package') return [];
  const layer = (image.rootfs.get(path)?.layer ?? 0) + 1;
  const others = ownersOf(path, image).slice(1);
  return [
    ...(image.layers.length > 1 ? [`Layer ${layer} of ${image.layers.length} has it`] : []),
    ...(others.length > 0 ? [`The records name ${others.join(', ')} for it too`] : []),
  ];
}

/** A path of a lower layer that is not in the image. */
function hiddenNotes(path: string, { layers }: LookedAt): readonly string[] {
  const had = layers.findLastIndex((entries) => entries.some((entry) => entry.path === path));
  return had < 0 ? [] : [`Layer ${had + 1} has it, and a layer above takes it away`];
}

const shownPaths = 3;

function sameName(path: string, rootfs: Rootfs): readonly string[] {
  const name = baseName(path);
  const found: string[] = [];
  for (const { entry } of rootfs.walk()) {
    if (baseName(entry.path) === name && !isWithin(entry.path, 'var/lib/dpkg')) found.push(`/${entry.path}`);
    if (found.length === shownPaths) break;
  }
  return found;
}
