/** Names for e_machine as in `uname -m`, so that 32 and 64 bits and both byte orders differ where the numbers do not. */
export function machineName(machine: number, options: { readonly bits: 32 | 64; readonly little: boolean }): string {
  const { bits, little } = options;
  switch (machine) {
    case 2:
      return 'sparc';
    case 3:
      return 'i386';
    case 4:
      return 'm68k';
    case 8:
      return `mips${bits === 64 ? '64' : ''}${little ? 'el' : ''}`;
    case 15:
      return 'hppa';
    case 20:
      return 'ppc';
    case 21:
      return little ? 'ppc64le' : 'ppc64';
    case 22:
      return bits === 64 ? 's390x' : 's390';
    case 40:
      return 'arm';
    case 42:
      return 'sh4';
    case 43:
      return 'sparc64';
    case 50:
      return 'ia64';
    case 62:
      return 'x86_64';
    case 183:
      return 'aarch64';
    case 243:
      return `riscv${bits}`;
    case 247:
      return 'bpf';
    case 258:
      return `loongarch${bits}`;
    case 0x9026:
      return 'alpha';
    default:
      return `machine-${machine}`;
  }
}
