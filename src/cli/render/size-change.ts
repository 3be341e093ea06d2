import { formatBytes } from './units.ts';

/** The difference of two sizes: `+1.2 kB`, `-34.5 MB`, `0 B`. */
export function formatSizeChange(bytes: number): string {
  const sign = bytes > 0 ? '+' : bytes < 0 ? '-' : '';
  return `${sign}${formatBytes(Math.abs(bytes))}`;
}

/** `34.5 MB to download (+1.2 kB)`. */
export function formatTotal({ from, to }: { readonly from: number; readonly to: number }, what: string): string {
  return `${formatBytes(to)} ${what} (${formatSizeChange(to - from)})`;
}
