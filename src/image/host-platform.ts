import { arch } from 'node:os';
import { normalizePlatform, type Platform } from '../oci/platform.ts';

/** Node's names of architectures beside Go's. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

/** What an engine on this machine runs: Linux (in a virtual machine where the host has none) on this processor. */
export function hostPlatform(): Platform {
  const name = arch();
  return normalizePlatform({ os: 'linux', architecture: architectures[name] ?? name });
}
