import { generatedDirectory, generatedLink } from './entries.ts';
import { nonroot } from './fixed-accounts.ts';
import type { EffectInput, EffectTree, GeneratedEntry } from './types.ts';

/** Architectures whose loader is in /lib64 (the RTLDDIR of base-files' debian/rules). */
const lib64 = new Set(['amd64', 'loong64', 'mips64el', 'mips64r6el', 'ppc64', 'ppc64el', 'sparc64']);

/**
 * Folders and links without which an image is none: mount points, temporary folders, the home of nonroot, and the
 * links of a merged /usr. Bookworm's base-files has folders where the links belong (usrmerge makes them there),
 * trixie's has the links; whatever a package has is left alone.
 */
export function baseLayout(input: EffectInput): readonly GeneratedEntry[] {
  if (input.settings.base !== 'debian') return usrLinks(input);
  return [...usrLinks(input), ...folders(input), ...runLinks(input), ...mailFolder(input)];
}

function folders({ tree, settings }: EffectInput): readonly GeneratedEntry[] {
  const common = { rule: 'base layout', created: settings.created } as const;
  const wanted = [
    ...['dev', 'proc', 'run', 'sys'].map((path) => ({ path, mode: 0o755, because: 'engines mount it' })),
    { path: 'tmp', mode: 0o1777, because: 'programs write there' },
    { path: 'var/tmp', mode: 0o1777, because: 'programs write there' },
    { path: 'root', mode: 0o700, because: 'the home of root' },
  ];
  const { uid, gid } = nonroot;
  const all = [
    ...wanted.map(({ path, ...rest }) => generatedDirectory(path, { ...common, ...rest })),
    generatedDirectory('home/nonroot', { ...common, mode: 0o700, uid, gid, because: 'the home of nonroot' }),
  ];
  return all.filter(({ path }) => tree.get(path) === undefined);
}

function usrLinks({ tree, settings, packages }: EffectInput): readonly GeneratedEntry[] {
  if (settings.layout !== 'merged') return [];
  const common = { rule: 'base layout', because: '/usr is merged', created: settings.created } as const;
  const has = (name: string) => !isEmpty(tree, `usr/${name}`) || tree.get(`usr/${name}`) !== undefined;
  const debian = settings.base === 'debian';
  // Without a base only what the packages brought needs its other name.
  const wanted = ['bin', 'lib', 'sbin'].filter((name) => debian || (packages.length > 0 && has(name)));
  if (has('lib64') || (debian && lib64.has(settings.architecture))) wanted.push('lib64');
  for (const name of ['lib32', 'libo32', 'libx32']) if (has(name)) wanted.push(name);
  return wanted
    .filter((name) => tree.get(name) === undefined && isEmpty(tree, name))
    .flatMap((name) => [
      generatedLink(name, `usr/${name}`, common),
      ...(tree.get(`usr/${name}`) === undefined ? [generatedDirectory(`usr/${name}`, common)] : []),
    ]);
}

/** base-files' postinst: /var/run and /var/lock, folders in the package, become links once they are empty. */
function runLinks({ tree, settings }: EffectInput): readonly GeneratedEntry[] {
  const common = { rule: 'base layout', because: 'as the postinst of base-files', created: settings.created } as const;
  return [generatedLink('var/lock', '/run/lock', common), generatedLink('var/run', '/run', common)].filter(
    ({ path }) => {
      const entry = tree.get(path);
      return (entry === undefined || entry.type === 'directory') && isEmpty(tree, path);
    },
  );
}

/** base-files' postinst: /var/mail of the group mail (8 for ever), and its old name. Only who delivers or reads mail looks there. */
function mailFolder({ tree, settings, packages }: EffectInput): readonly GeneratedEntry[] {
  const mails = packages.some(({ control }) =>
    /^Provides:.*\b(mail-transport-agent|imap-server|pop3-server)\b/m.test(control),
  );
  if (!mails) return [];
  const common = { rule: 'base layout', because: 'as the postinst of base-files', created: settings.created } as const;
  const entries = [
    generatedDirectory('var/mail', { ...common, mode: 0o775, gid: 8 }),
    generatedLink('var/spool/mail', '../mail', common),
  ];
  return entries.filter(({ path }) => tree.get(path) === undefined);
}

function isEmpty(tree: EffectTree, folder: string): boolean {
  return tree.below(folder)[Symbol.iterator]().next().done === true;
}
