import { apkVersions } from './alpine/version.ts';
import { debianVersions } from './debian/version.ts';
import type { VersionOrder } from './types.ts';

/** The order in which an ecosystem puts versions. */
export function versionOrderOf(ecosystem: 'deb' | 'apk'): VersionOrder {
  return ecosystem === 'deb' ? debianVersions : apkVersions;
}
