/** Debian architecture -> the folder of its libraries below /usr/lib (`dpkg-architecture -qDEB_HOST_MULTIARCH`). */
const triplets: Readonly<Record<string, string>> = {
  amd64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
  armel: 'arm-linux-gnueabi',
  armhf: 'arm-linux-gnueabihf',
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
