/** What is said of the layers of an image, and of files where they can't be read. */
import type { Image } from '../../image/types.ts';
import { packagedClaim, packagedEvidence } from './check-files.ts';
import type { ReadLayers } from './read-contents.ts';
import { Tally } from './tally.ts';
import type { Claim } from './types.ts';

export function layersClaim(
  image: Image,
  { problems, contents, platform }: ReadLayers & { readonly platform: string | undefined },
): Claim {
  const tally = new Tally();
  for (const [at, layer] of image.layers.entries()) {
    const problem = problems[at];
    const about = layer.descriptor?.digest ?? layer.diffId ?? `layer ${at + 1}`;
    if (problem === undefined) tally.proven();
    else if (problem.isForeign) tally.unproven(about, problem.message);
    else tally.failed(about, problem.message);
  }
  if (image.layers.length === 0) tally.proven();
  // Each as its digest says, and yet no tree: a whiteout of nothing, a file below a file.
  const isEachRead = problems.every((problem) => problem === undefined);
  if (isEachRead && typeof contents === 'string') tally.failed('the tree of files', contents);
  return tally.claim({ ...layersAre, by: 'sha256 of its uncompressed tar, and every path in it read', platform });
}

const layersAre = {
  id: 'layers',
  claim: 'every layer unpacks to the diff ID that the config names, and all of them to one tree',
} as const;
const layersUnread = 'sha256 of its uncompressed tar';

/** Of an image, or of one of its platforms, that can't be opened for what is wrong with it. */
export function notOpened({
  about,
  message,
  platform,
}: {
  readonly about: string;
  readonly message: string;
  readonly platform: string | undefined;
}): Claim {
  const tally = new Tally();
  tally.failed(about, message);
  return tally.claim({ ...layersAre, by: layersUnread, platform });
}

export function notRead(reason: string, platform?: string): Claim {
  return new Tally().claim({ ...layersAre, by: layersUnread, empty: reason, platform });
}

export function filesUnread(reason: string, platform: string | undefined): Claim {
  return new Tally().claim({
    id: 'packaged-files',
    claim: packagedClaim,
    by: packagedEvidence,
    empty: `the tree of files can not be read: ${reason}`,
    platform,
  });
}

export function lockUnread(platform: string | undefined): Claim {
  return new Tally().claim({
    id: 'locked-files',
    claim: 'files of packages are those of the locked .debs',
    by: 'the .debs',
    empty: 'the tree of files can not be read',
    platform,
  });
}
