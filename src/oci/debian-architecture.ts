import { SlimimageError } from '../errors.ts';
import { formatPlatform, type Platform } from './platform.ts';

/**
 * Debian's architecture names (dpkg-architecture(1)) beside OCI platforms. armel is ARMv5T, armhf is ARMv7
 * (Debian wiki, ArchitectureSpecificsMemo), as Docker's own Debian images map them.
 */
const platforms: Readonly<Record<string, Platform>> = {
  amd64: { os: 'linux', architecture: 'amd64' },
  arm64: { os: 'linux', architecture: 'arm64' },
  armhf: { os: 'linux', architecture: 'arm', variant: 'v7' },
  armel: { os: 'linux', architecture: 'arm', variant: 'v5' },
  i386: { os: 'linux', architecture: '386' },
  ppc64el: { os: 'linux', architecture: 'ppc64le' },
  s390x: { os: 'linux', architecture: 's390x' },
  riscv64: { os: 'linux', architecture: 'riscv64' },
  mips64el: { os: 'linux', architecture: 'mips64le' },
  loong64: { os: 'linux', architecture: 'loong64' },
};

const debianNames = new Map(Object.entries(platforms).map(([name, platform]) => [formatPlatform(platform), name]));

/** @throws SlimimageError PLATFORM_UNAVAILABLE for an architecture without an OCI platform. */
export function platformOfDebian(architecture: string): Platform {
  const platform = Object.hasOwn(platforms, architecture) ? platforms[architecture] : undefined;
  if (platform !== undefined) return platform;
  throw new SlimimageError({
    code: 'PLATFORM_UNAVAILABLE',
    message: `Debian architecture "${architecture}" has no OCI platform`,
    hint: `Known: ${Object.keys(platforms).join(', ')}.`,
  });
}

/** @throws SlimimageError PLATFORM_UNAVAILABLE for a platform that no Debian architecture serves. */
export function debianOfPlatform(platform: Platform): string {
  const text = formatPlatform(platform);
  const name = debianNames.get(text);
  if (name !== undefined) return name;
  throw new SlimimageError({
    code: 'PLATFORM_UNAVAILABLE',
    message: `no Debian architecture serves the platform ${text}`,
    hint: `Known: ${[...debianNames.keys()].join(', ')}.`,
  });
}
