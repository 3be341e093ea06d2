import picomatch from 'picomatch';
import type { FilterSet } from './types.ts';

/**
 * What images leave out by default: documentation, manuals, translations, info and lintian files. Copyright files
 * stay (licences ask for it), and so do the links by which a package shares another's documentation folder.
 */
export const defaultFilters: FilterSet = {
  exclude: [
    'usr/share/doc/**',
    'usr/share/doc-base/**',
    'usr/share/gtk-doc/**',
    'usr/share/help/**',
    'usr/share/info/**',
    'usr/share/lintian/**',
    'usr/share/locale/**',
    'usr/share/man/**',
  ],
  include: ['usr/share/doc', 'usr/share/doc/*', 'usr/share/doc/*/copyright'],
};

/**
 * The default filters with a configuration's globs on top: a user's `include` beats every exclude. A glob that names
 * a folder means what is in it too.
 */
export function extendFilters(base: FilterSet, extra: FilterSet): FilterSet {
  return {
    exclude: [...base.exclude, ...extra.exclude.flatMap(withContents)],
    include: [...base.include, ...extra.include.flatMap(withContents)],
  };
}

function withContents(glob: string): readonly string[] {
  return glob.endsWith('**') ? [glob] : [glob, `${glob.replace(/\/+$/, '')}/**`];
}

/** Compiles a filter set to "does this path stay?". Paths are relative to the root, after /usr merging. */
export function compileFilters(filters: FilterSet): (path: string) => boolean {
  if (filters.exclude.length === 0) return () => true;
  const options = { dot: true };
  const excluded = picomatch(filters.exclude.map(relative), options);
  const included = filters.include.length === 0 ? () => false : picomatch(filters.include.map(relative), options);
  return (path) => !excluded(path) || included(path);
}

function relative(glob: string): string {
  return glob.replace(/^\/+/, '');
}
