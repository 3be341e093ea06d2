const units = ['kB', 'MB', 'GB', 'TB'] as const;

/** Bytes for people, in decimal units as registries count: `512 B`, `1.2 kB`, `34.5 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes / 1000;
  let at = 0;
  // 999.95 kB would be written 1000.0 kB.
  while (value >= 999.95 && at < units.length - 1) {
    value /= 1000;
    at++;
  }
  return `${value.toFixed(1)} ${units[at]}`;
}

/** The difference of two sizes: `+1.2 kB`, `-34.5 MB`, `0 B`. */
export function formatSizeChange(bytes: number): string {
  const sign = bytes > 0 ? '+' : bytes < 0 ? '-' : '';
  return `${sign}${formatBytes(Math.abs(bytes))}`;
}
