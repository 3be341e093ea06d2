import { formatBytes, formatSizeChange } from '../../util/format-bytes.ts';

export { formatSizeChange };

/** `34.5 MB to download (+1.2 kB)`. */
export function formatTotal({ from, to }: { readonly from: number; readonly to: number }, what: string): string {
  return `${formatBytes(to)} ${what} (${formatSizeChange(to - from)})`;
}
