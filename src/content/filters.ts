import picomatch from 'picomatch';
import type { FilterSet } from './types.ts';

/**
 * What images leave out by default, by what it is called in summaries: what people read, and what only serves an
 * installation or a machine that is no container. tmpfiles.d and sysusers.d stay: effects read them.
 */
const omissions: readonly { readonly what: string; readonly globs: readonly string[] }[] = [
  {
    what: 'documentation',
    globs: ['usr/share/doc/**', 'usr/share/doc-base/**', 'usr/share/gtk-doc/**', 'usr/share/help/**'],
  },
  { what: 'info files', globs: ['usr/share/info/**'] },
  { what: 'man pages', globs: ['usr/share/man/**'] },
  { what: 'locales', globs: ['usr/share/locale/**'] },
  { what: 'lintian files', globs: ['usr/share/lintian/**'] },
  { what: 'init scripts', globs: ['etc/init.d/**', 'etc/init/**', 'etc/rc[0-6S].d/**', 'etc/insserv.conf.d/**'] },
  {
    what: 'systemd units',
    globs: [
      'usr/lib/systemd/{system,user}/**',
      'usr/lib/systemd/{system,user}-{preset,generators}/**',
      'usr/lib/systemd/system-{shutdown,sleep}/**',
      'etc/systemd/{system,user}/**',
    ],
  },
  { what: 'cron jobs', globs: ['etc/cron.{d,hourly,daily,weekly,monthly,yearly}/**'] },
  { what: 'log rotation', globs: ['etc/logrotate.d/**'] },
  {
    what: 'shell completions',
    globs: [
      'usr/share/bash-completion/completions/**',
      'etc/bash_completion.d/**',
      'usr/share/zsh/vendor-completions/**',
      'usr/share/fish/vendor_completions.d/**',
    ],
  },
  { what: 'bug scripts', globs: ['usr/share/bug/**', 'usr/share/apport/**', 'etc/apport/**'] },
  {
    what: 'packaging helpers',
    globs: [
      'usr/share/debhelper/**',
      'usr/share/python3/{debpython,runtime.d}/**',
      'usr/bin/py3{clean,compile}',
      'usr/share/menu/**',
    ],
  },
  { what: 'debugger scripts', globs: ['usr/share/gdb/auto-load/**', 'usr/share/gcc/python/**'] },
  { what: 'store listings', globs: ['usr/share/metainfo/**', 'usr/share/appdata/**'] },
  { what: 'AppArmor profiles', globs: ['etc/apparmor.d/**'] },
  { what: 'firewall profiles', globs: ['etc/ufw/applications.d/**'] },
  {
    what: 'network hooks',
    globs: [
      'etc/network/if-{up,down,pre-up,post-down}.d/**',
      'etc/NetworkManager/dispatcher.d/**',
      'etc/ppp/ip{,v6}-{up,down}.d/**',
      'etc/dhcp/dhclient-{enter,exit}-hooks.d/**',
    ],
  },
  {
    what: 'device and kernel settings',
    globs: [
      'usr/lib/udev/{rules.d,hwdb.d}/**',
      '{etc,usr/lib}/{modprobe.d,modules-load.d,sysctl.d}/**',
      'usr/share/initramfs-tools/**',
    ],
  },
];

/** Copyright files stay (licences ask for it), and so do the links by which a package shares another's documentation folder. */
export const defaultFilters: FilterSet = {
  exclude: omissions.flatMap(({ globs }) => globs),
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
  const excluded = compileGlobs(filters.exclude);
  const included = filters.include.length === 0 ? () => false : compileGlobs(filters.include);
  return (path) => !excluded(path) || included(path);
}

/** What the default filters leave out there: `man pages`. Undefined for other places. */
export function defaultOmission(path: string): string | undefined {
  return compiledOmissions().find(({ matches }) => matches(path))?.what;
}

let compiled: readonly { readonly what: string; readonly matches: (path: string) => boolean }[] | undefined;

function compiledOmissions() {
  compiled ??= omissions.map(({ what, globs }) => ({ what, matches: compileGlobs(globs) }));
  return compiled;
}

function compileGlobs(globs: readonly string[]): (path: string) => boolean {
  return picomatch(
    globs.map((glob) => glob.replace(/^\/+/, '')),
    { dot: true },
  );
}
