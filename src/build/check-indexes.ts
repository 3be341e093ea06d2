import type { ImageSpec } from '../config/spec.ts';
import { packageRecord } from '../distro/debian/record.ts';
import type { PackageRecord } from '../distro/types.ts';
import { isSlimimageError, SlimimageError } from '../errors.ts';
import { parseStanza } from '../formats/deb822/stanza.ts';
import type { LockDocument } from '../lock/types.ts';
import { canonicalJson } from '../util/json.ts';
import type { AssembledPlatform } from './assemble-platform.ts';
import { resolveLocked } from './locked-resolve.ts';
import type { ResolvedPlatform } from './resolve.ts';
import type { Session } from './session.ts';

export interface CheckIndexesOptions {
  readonly spec: ImageSpec;
  readonly lock: LockDocument;
  readonly session: Session;
}

/**
 * A locked build reads what the .debs say of themselves, the one at hand read the archives' indexes. Where these differ,
 * the lock would give another image, or none.
 * @throws SlimimageError ARCHIVE_INVALID naming the package and its field
 */
export async function checkIndexes(made: AssembledPlatform, options: CheckIndexesOptions): Promise<void> {
  const { platform, base, resolved, contents } = made;
  const { spec, lock, session } = options;
  for (const { record, content } of contents.packages.values()) {
    const control = parseStanza(content.index.control, { what: `The control file of ${record.name}` });
    checkRecord(record, packageRecord(control, record.origin, resolved));
  }
  const again = await resolveAgain(() =>
    resolveLocked(spec, { platform, installed: base?.installed ?? [], on: base?.digest, lock, session }),
  );
  if (again.resolution.order.join(' ') !== resolved.resolution.order.join(' ')) {
    throw differs('The packages come in another order than by the indexes of the archives');
  }
}

async function resolveAgain(action: () => Promise<ResolvedPlatform>): Promise<ResolvedPlatform> {
  try {
    return await action();
  } catch (cause) {
    if (isSlimimageError(cause, 'LOCK_INVALID')) throw differs(cause.message, cause);
    throw cause;
  }
}

const fields = ['preDepends', 'depends', 'recommends', 'conflicts', 'breaks', 'replaces', 'provides'] as const;

function checkRecord(listed: PackageRecord, own: PackageRecord): void {
  const field = fields.find((name) => canonicalJson(listed[name]) !== canonicalJson(own[name]));
  if (field === undefined) return;
  const { name, version, origin } = listed;
  const title = field.replace(/^[a-z]/, (letter) => letter.toUpperCase()).replace('PreD', 'Pre-D');
  throw differs(`The archive ${origin.archive} lists ${name} ${version} with other ${title} than its .deb has`);
}

function differs(message: string, cause?: unknown): SlimimageError {
  return new SlimimageError({
    code: 'ARCHIVE_INVALID',
    message,
    hint: 'A lock is built from what the packages say of themselves. Whoever keeps the archive has to make its index anew.',
    cause,
  });
}
