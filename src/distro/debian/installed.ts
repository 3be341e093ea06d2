import { parseStanzas, type Stanza } from '../../formats/deb822/stanza.ts';
import type { PackageRecord } from '../types.ts';
import { packageRecord } from './record.ts';

export interface DpkgDatabase {
  /** Architecture of the image. */
  readonly architecture: string;
  /** Bytes of `var/lib/dpkg/status`, where the image has one. */
  readonly status?: Uint8Array | undefined;
  /** Files of `var/lib/dpkg/status.d` by their base name; `*.md5sums` are passed over. */
  readonly statusD?: Iterable<readonly [name: string, bytes: Uint8Array]> | undefined;
}

/**
 * The packages that a root filesystem's dpkg metadata says are there: `status` of a full system, `status.d/*` of a
 * distroless one. Removed packages of which only configuration files are left do not count.
 * @throws SlimimageError DEB822_INVALID, DEPENDENCY_INVALID, LIMIT_EXCEEDED
 */
export function readInstalled(database: DpkgDatabase): readonly PackageRecord[] {
  const records: PackageRecord[] = [];
  if (database.status !== undefined) {
    for (const stanza of parseStanzas(database.status, { what: 'var/lib/dpkg/status' })) {
      if (isPresent(stanza)) records.push(record(stanza, database.architecture));
    }
  }
  for (const [name, bytes] of database.statusD ?? []) {
    if (name.endsWith('.md5sums')) continue;
    for (const stanza of parseStanzas(bytes, { what: `var/lib/dpkg/status.d/${name}` })) {
      if (isPresent(stanza)) records.push(record(stanza, database.architecture));
    }
  }
  return records;
}

/** `Status: want error state`; status.d files have none. */
export function isPresent(stanza: Stanza): boolean {
  const status = stanza.get('Status');
  if (status === undefined) return true;
  const state = status.split(/\s+/)[2];
  return state !== 'not-installed' && state !== 'config-files';
}

function record(stanza: Stanza, architecture: string): PackageRecord {
  return packageRecord(
    stanza,
    { archive: 'installed', suite: '', component: '', path: '', priority: 100 },
    { architecture },
  );
}
