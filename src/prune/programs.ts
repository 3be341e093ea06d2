import type { PruneFile, PrunePackage } from './facts.ts';

/** Where programs are looked up by their name. */
export const programFolders = ['usr/bin/', 'usr/sbin/', 'bin/', 'sbin/', 'usr/games/'];

export function programsOf({ files }: PrunePackage): readonly string[] {
  return files.flatMap((file) => programName(file) ?? []);
}

/** The name by which PATH finds it. */
export function programName({ path, type, mode }: PruneFile): string | undefined {
  if (type === 'directory' || (type === 'file' && (mode & 0o111) === 0)) return undefined;
  const folder = programFolders.find((one) => path.startsWith(one));
  const name = folder === undefined ? undefined : path.slice(folder.length);
  return name === undefined || name.includes('/') ? undefined : name;
}

export function isLibrary({ path }: PruneFile): boolean {
  return /\.so(?:\.|$)/.test(path);
}
