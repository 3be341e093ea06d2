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

/** Debian architecture -> the folder of its libraries below /usr/lib (`dpkg-architecture -qDEB_HOST_MULTIARCH`). */
const triplets: Readonly<Record<string, string>> = {
  amd64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
  armhf: 'arm-linux-gnueabihf',
  armel: 'arm-linux-gnueabi',
  i386: 'i386-linux-gnu',
  loong64: 'loongarch64-linux-gnu',
  mips64el: 'mips64el-linux-gnuabi64',
  ppc64el: 'powerpc64le-linux-gnu',
  riscv64: 'riscv64-linux-gnu',
  s390x: 's390x-linux-gnu',
};

export function multiarchTriplet(architecture: string): string | undefined {
  return Object.hasOwn(triplets, architecture) ? triplets[architecture] : undefined;
}

/** Of all architectures, the usual one of a machine first (https://wiki.debian.org/Multiarch/Tuples). */
export const multiarchTriplets: readonly string[] = Object.values(triplets);
