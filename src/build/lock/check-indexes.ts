import type { ImageSpec } from '../../config/spec.ts';
import type { PackageRecord } from '../../distro/types.ts';
import { isSlimimageError, SlimimageError } from '../../errors.ts';
import type { LockDocument } from '../../lock/types.ts';
import { canonicalJson } from '../../util/json.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import type { ResolvedPlatform } from '../resolve.ts';
import type { Session } from '../session.ts';
import { imagesOf } from './locked-images.ts';
import { ownRecord } from './locked-platform.ts';
import { resolveLocked } from './locked-resolve.ts';

export interface CheckIndexesOptions {
  readonly spec: ImageSpec;
  readonly lock: LockDocument;
  readonly session: Session;
}

/**
 * A locked build reads what the .debs say of themselves, the one at hand read the archives' indexes. Where these differ,
 * what counts is whether the lock builds: then it is told that its image may not be the one of today.
 * @throws SlimimageError ARCHIVE_INVALID where the .debs do not go together as the indexes have it
 */
export async function checkIndexes(made: AssembledPlatform, options: CheckIndexesOptions): Promise<void> {
  const { platform, base, imageFiles } = made;
  const { resolved, contents } = made.whole;
  const { spec, lock, session } = options;
  const images = imagesOf(spec, imageFiles);
  const differing = [...contents.packages.values()].flatMap(({ record, content }) => {
    const field = differingField(record, ownRecord(record, content, resolved.architecture));
    const { name, version, origin } = record;
    const text = `The archive ${origin.archive} lists ${name} ${version} with other ${field} than its .deb has`;
    return field === undefined ? [] : [text];
  });
  await resolveAgain(differing, () =>
    resolveLocked(spec, { platform, installed: base?.installed ?? [], on: base?.digest, images, lock, session }),
  );
  for (const message of differing) {
    const hint =
      'A locked build goes by the .deb: its image may have another digest than one that is built without the lock.';
    session.onEvent({ type: 'warning', message, hint });
  }
}

async function resolveAgain(differing: readonly string[], action: () => Promise<ResolvedPlatform>): Promise<void> {
  try {
    await action();
  } catch (cause) {
    if (!isSlimimageError(cause, 'LOCK_INVALID')) throw cause;
    throw new SlimimageError({
      code: 'ARCHIVE_INVALID',
      message: [...differing, cause.message].join('\n'),
      hint: 'A lock is built from what the packages say of themselves. Whoever keeps the archive has to make its index anew.',
      cause,
    });
  }
}

const fields = ['preDepends', 'depends', 'recommends', 'conflicts', 'breaks', 'replaces', 'provides'] as const;

function differingField(listed: PackageRecord, own: PackageRecord): string | undefined {
  const field = fields.find((name) => canonicalJson(listed[name]) !== canonicalJson(own[name]));
  return field?.replace(/^[a-z]/, (letter) => letter.toUpperCase()).replace('PreD', 'Pre-D');
}
