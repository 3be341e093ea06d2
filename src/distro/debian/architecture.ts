/**
 * Does a Debian architecture fall under an entry of an architecture list: `amd64`, `any`, `linux-any`, `any-amd64`,
 * `musl-linux-any`, ...? (Debian Policy, chapter 11.1; dpkg's ostable and tupletable.)
 */
export function architectureMatches(architecture: string, wildcard: string): boolean {
  if (architecture === wildcard || wildcard === 'any') return true;
  if (!wildcard.includes('any')) return false;
  const own = tuple(architecture);
  const asked = wildcard.split('-');
  while (asked.length < own.length) asked.unshift('any');
  return own.every((part, index) => asked[index] === 'any' || asked[index] === part);
}

/** [ABI, libc, operating system, CPU] */
function tuple(architecture: string): readonly string[] {
  const known = odd.get(architecture);
  if (known !== undefined) return known;
  const parts = architecture.split('-');
  const cpu = parts.at(-1) ?? '';
  const system = parts.length > 1 ? (parts.at(-2) ?? '') : 'linux';
  const libc = parts.length > 2 ? (parts.at(-3) ?? '') : 'gnu';
  const abi = parts.length > 3 ? (parts.at(-4) ?? '') : 'base';
  return [abi, libc, system, cpu];
}

const odd: ReadonlyMap<string, readonly string[]> = new Map([
  ['armhf', ['eabihf', 'gnu', 'linux', 'arm']],
  ['armel', ['eabi', 'gnu', 'linux', 'arm']],
  ['arm64ilp32', ['ilp32', 'gnu', 'linux', 'arm64']],
  ['x32', ['x32', 'gnu', 'linux', 'amd64']],
  ['mipsn32', ['abin32', 'gnu', 'linux', 'mips']],
  ['mipsn32el', ['abin32', 'gnu', 'linux', 'mipsel']],
  ['mips64', ['abi64', 'gnu', 'linux', 'mips64']],
  ['mips64el', ['abi64', 'gnu', 'linux', 'mips64el']],
  ['powerpcspe', ['spe', 'gnu', 'linux', 'powerpc']],
]);
