import type { ListedPath } from './types.ts';

/** Kinds of generated paths, by what makes them; the first that fits counts. `path` and `target` are those of either side. */
const classes: readonly { readonly name: string; readonly fits: (path: ListedPath) => boolean }[] = [
  { name: 'accounts', fits: ({ path }) => /^etc\/(?:passwd|group)$/.test(path) },
  {
    name: 'CA bundle',
    fits: ({ path }) => /^etc\/ssl\/certs\/ca-certificates\.crt$|^etc\/ca-certificates\.conf$/.test(path),
  },
  { name: 'certificate links', fits: ({ path }) => /^etc\/ssl\/certs\/[^/]+$/.test(path) },
  { name: 'Java trust store', fits: ({ path }) => /^etc\/ssl\/certs\/java(?:\/|$)/.test(path) },
  { name: 'ld.so.cache', fits: ({ path }) => path === 'etc/ld.so.cache' },
  {
    name: 'alternatives',
    fits: ({ path, target }) =>
      /^(?:etc|var\/lib\/dpkg)\/alternatives\//.test(path) || target?.startsWith('/etc/alternatives/') === true,
  },
  { name: 'PAM', fits: ({ path }) => /^etc\/pam\.d\//.test(path) },
  { name: 'PHP modules', fits: ({ path }) => /^etc\/php\/|^var\/lib\/php\//.test(path) },
  { name: 'fontconfig links', fits: ({ path }) => /^etc\/fonts\//.test(path) },
  { name: 'MIME types', fits: ({ path }) => /^usr\/share\/mime(?:\/|$)/.test(path) },
  {
    name: 'GLib and GTK caches',
    fits: ({ path }) =>
      /gschemas\.compiled$|giomodule\.cache$|loaders\.cache$|immodules\.cache$|icon-theme\.cache$/.test(path),
  },
  {
    name: 'locale and time zone',
    fits: ({ path }) => /^etc\/(?:locale|localtime|timezone|default\/locale)|^usr\/lib\/locale\//.test(path),
  },
  {
    name: 'Perl, Python, Ruby, Java',
    fits: ({ path }) =>
      /^(?:usr\/local\/)?(?:usr\/)?(?:lib|share)\/(?:perl|python|ruby|java|jvm|dist-packages)/.test(path),
  },
  { name: 'XML and SGML catalogues', fits: ({ path }) => /^(?:etc|var\/lib)\/(?:xml|sgml)/.test(path) },
  {
    name: 'folders of services',
    fits: ({ path, type }) => type === 'directory' && /^(?:var|srv|etc|run|home)\//.test(path),
  },
  { name: 'settings in /etc', fits: ({ path }) => path.startsWith('etc/') },
];

export function classOf(path: ListedPath): string {
  return classes.find(({ fits }) => fits(path))?.name ?? 'other';
}
