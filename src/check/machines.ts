import { multiarchTriplets } from '../oci/debian-architecture.ts';
import type { Platform } from '../oci/platform.ts';

const machines: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  '386': 'i386',
  arm64: 'aarch64',
  arm: 'arm',
  riscv64: 'riscv64',
  ppc64le: 'ppc64le',
  s390x: 's390x',
  loong64: 'loongarch64',
  mips64le: 'mips64el',
};

/** The machine that ELF files of a platform are for, as in ElfFacts. */
export function machineOf({ architecture }: Pick<Platform, 'architecture'>): string {
  return machines[architecture] ?? architecture;
}

/** What else a kernel of that machine runs. */
const guests: Readonly<Record<string, string>> = { x86_64: 'i386', aarch64: 'arm' };

export function runsOn(machine: string, host: string): boolean {
  return machine === host || guests[host] === machine;
}

/** Debian's multiarch names of a machine, the usual one first. */
export function tripletsOf(machine: string): readonly string[] {
  const found = multiarchTriplets.filter((triplet) => machineOfTriplet(triplet) === machine);
  return found.length > 0 ? found : [`${machine}-linux-gnu`];
}

function machineOfTriplet(triplet: string): string {
  return triplet.replace(/-.*/, '').replace(/^powerpc64le$/, 'ppc64le');
}
