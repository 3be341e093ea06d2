import { defaultOmission } from '../../content/filters.ts';
import type { ContentEntry } from '../../content/types.ts';
import { isWithin } from '../../rootfs/path.ts';
import { compareStrings } from '../../util/text.ts';
import type { PlatformContents } from '../contents.ts';
import { followLinks } from './follow-links.ts';
import type { WhyOrigin, WhyPath } from './types.ts';

type Contents = PlatformContents['packages'];

interface Packaged {
  readonly package: string;
  readonly entry: ContentEntry;
}

/** Which package has a path, by the contents of packages alone. Where several have it, the last by name. */
export function packagedPath(asked: string, contents: Contents): WhyPath {
  const files = new Map<string, Packaged>();
  const folders = new Map<string, Set<string>>();
  for (const [name, { content }] of contents) {
    for (const entry of content.index.entries) {
      if (entry.type !== 'directory') files.set(entry.path, { package: name, entry });
      else folders.set(entry.path, (folders.get(entry.path) ?? new Set()).add(name));
    }
  }
  const originOf = (path: string): WhyOrigin => {
    const file = files.get(path);
    if (file !== undefined) return { type: 'package', package: file.package, packagedAs: undefined };
    const folder = folders.get(path);
    if (folder !== undefined) return { type: 'folder', packages: [...folder].sort(compareStrings) };
    return omittedFrom(path, contents) ?? { type: 'missing' };
  };
  const { path, links } = followLinks(asked, (at) => {
    const entry = files.get(at)?.entry;
    return entry?.type === 'symlink' ? (entry.linkTarget ?? '') : undefined;
  });
  return {
    path: `/${path}`,
    links: links.map((link) => ({ ...link, path: `/${link.path}`, origin: originOf(link.path) })),
    type: files.get(path)?.entry.type ?? (folders.has(path) ? 'directory' : undefined),
    origin: originOf(path),
  };
}

function omittedFrom(path: string, contents: Contents): WhyOrigin | undefined {
  for (const [name, { content }] of contents) {
    const left = content.index.omitted.find((omitted) => omitted.path === path || isWithin(omitted.path, path));
    if (left === undefined) continue;
    return {
      type: 'omitted',
      package: name,
      because: defaultOmission(left.path) ?? 'an exclude: of the configuration',
    };
  }
  return undefined;
}
