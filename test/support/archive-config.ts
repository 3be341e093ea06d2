import type { TestArchive } from './archive-server.ts';

export interface ArchiveConfigOptions {
  /** Keys of the archive's entry, as YAML, over url, suites and signed-by of the test archive. */
  readonly archive?: Readonly<Record<string, string>>;
  /** More lines of the configuration, as YAML. */
  readonly more?: Readonly<Record<string, string>>;
}

/** A slimimage.yaml that takes packages from a test archive, which it calls `own`, and from nowhere else. */
export function archiveConfig(
  archive: TestArchive,
  packages: readonly string[],
  options: ArchiveConfigOptions = {},
): string {
  const entry = { name: 'own', url: archive.url, suites: '[trixie]', 'signed-by': archive.keyFile, ...options.archive };
  const keys = {
    archives: `[${flow(entry)}]`,
    packages: `[${packages.join(', ')}]`,
    base: 'none',
    platforms: '[linux/amd64]',
    name: 'sample',
    ...options.more,
  };
  return Object.entries(keys)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

function flow(entry: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(entry).map(([key, value]) => `${key}: ${value}`);
  return `{ ${pairs.join(', ')} }`;
}
