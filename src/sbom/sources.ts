import { sourcePurl } from './purls.ts';
import type { BillOfMaterials, SbomFile, SbomPackage } from './types.ts';

/** A source package, and the packages of the image that were built from it. */
export interface SourcePackage {
  /** Part of an identifier: `Source-1`, ... */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  /** In the bill's order. */
  readonly builds: readonly SbomPackage[];
}

/** Each source package once, in the order of the first package that was built from it. */
export function sourcePackages({ packages }: BillOfMaterials): readonly SourcePackage[] {
  return [...Map.groupBy(packages, sourcePurl)].flatMap(([purl, builds], index) =>
    builds
      .slice(0, 1)
      .map(({ source: { name, version } }) => ({ id: `Source-${index + 1}`, name, version, purl, builds })),
  );
}

/**
 * What packages are called in identifiers: by name. Of one name in several architectures, which only an image below has, the first is
 * meant by the name alone, as in dependencies and owners.
 */
export function packageKeys({ packages }: Pick<BillOfMaterials, 'packages'>): (one: SbomPackage) => string {
  const first = new Map<string, SbomPackage>();
  for (const one of packages) if (!first.has(one.name)) first.set(one.name, one);
  return (one) => (first.get(one.name) === one ? one.name : `${one.name}:${one.architecture}`);
}

/** Files by what brought them: a package (by name), an entry of `files:` (by its index), or the image itself. */
export function filesByOwner<File extends SbomFile>(
  bom: Pick<BillOfMaterials, 'packages' | 'sources'> & { readonly files: readonly File[] },
): FilesByOwner<File> {
  const { files, packages, sources } = bom;
  const names = new Set(packages.map(({ name }) => name));
  const ofPackages = new Map<string, File[]>();
  const ofSources = new Map<number, File[]>();
  const others: File[] = [];
  for (const file of files) {
    if (file.package !== undefined && names.has(file.package)) push(ofPackages, file.package, file);
    else if (file.source !== undefined && file.source < sources.length) push(ofSources, file.source, file);
    else others.push(file);
  }
  return { ofPackages, ofSources, others };
}

export interface FilesByOwner<File extends SbomFile> {
  readonly ofPackages: ReadonlyMap<string, readonly File[]>;
  readonly ofSources: ReadonlyMap<number, readonly File[]>;
  readonly others: readonly File[];
}

function push<Key, File>(lists: Map<Key, File[]>, key: Key, file: File): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [file]);
  else list.push(file);
}

/** What a document says of itself, for people. */
export function documentComment({ platform }: BillOfMaterials): string {
  const name = [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
  return `Made by slimimage from the resolution that the image (${name}) was built from. Paths are as in the image.`;
}
