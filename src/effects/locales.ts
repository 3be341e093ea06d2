import { SlimimageError } from '../errors.ts';
import { nearestNames } from '../util/nearest.ts';
import { generatedFile } from './entries.ts';
import type { DonorTree, EffectInput, GeneratedEntry } from './types.ts';

const folder = 'usr/lib/locale';

/** What localedef(1) writes for a locale, a file a category (locale(5)). */
const categories = [
  'LC_ADDRESS',
  'LC_COLLATE',
  'LC_CTYPE',
  'LC_IDENTIFICATION',
  'LC_MEASUREMENT',
  'LC_MESSAGES/SYS_LC_MESSAGES',
  'LC_MONETARY',
  'LC_NAME',
  'LC_NUMERIC',
  'LC_PAPER',
  'LC_TELEPHONE',
  'LC_TIME',
];

/**
 * C.UTF-8 from libc-bin (a donor), for every image with libc6; and the locales of `locales:` as locales-all has them
 * compiled (a donor, read only where some are wanted): folders, one a locale, which glibc looks into without an archive.
 * @throws SlimimageError CONFIG_INVALID for a locale that the suite does not have.
 */
export function compiledLocales(input: EffectInput): readonly GeneratedEntry[] {
  const { donors, settings, packages } = input;
  const hasLibc = packages.some(({ name }) => name === 'libc6' || name === 'libc6.1');
  if (!hasLibc && settings.locales.length === 0) return [];
  const ours = localeEntries(input, { locale: 'C.UTF-8', donor: donors.get('libc-bin'), from: 'libc-bin' });
  const wanted = settings.locales.filter((locale) => !builtIn.has(folderOf(locale)));
  const all = donors.get('locales-all');
  return [
    ...ours,
    ...wanted.flatMap((locale) => {
      const entries = localeEntries(input, { locale, donor: all, from: 'locales-all' });
      if (entries.length === 0 && !isThere(input, locale)) throw unknownLocale(locale, all);
      return entries;
    }),
  ];
}

/** Those that glibc and libc-bin have. */
const builtIn = new Set(['C', 'POSIX', 'C.utf8']);

/** `de_DE.UTF-8@x` -> `de_DE.utf8@x`: glibc looks for the character set in small letters and digits alone. */
function folderOf(locale: string): string {
  return locale.replace(/\.[^@]*/, (set) => `.${set.toLowerCase().replace(/[^a-z0-9]/g, '')}`);
}

function isThere({ tree }: EffectInput, locale: string): boolean {
  return tree.get(`${folder}/${folderOf(locale)}/LC_CTYPE`) !== undefined;
}

function localeEntries(
  input: EffectInput,
  { locale, donor, from }: { readonly locale: string; readonly donor: DonorTree | undefined; readonly from: string },
): readonly GeneratedEntry[] {
  if (donor === undefined || isThere(input, locale)) return [];
  const place = `${folder}/${folderOf(locale)}`;
  const because = `the locale ${locale}, as ${from} has it compiled`;
  const { created } = input.settings;
  return categories.flatMap((category) => {
    const path = `${place}/${category}`;
    const bytes = readLinked(donor, path);
    return bytes === undefined ? [] : [generatedFile(path, bytes, { rule: 'locales', because, created })];
  });
}

/** locales-all has equal files of several locales once, and links to it from beside. */
function readLinked(donor: DonorTree, path: string): Uint8Array | undefined {
  const target = donor.get?.(path)?.linkTarget;
  const found = target === undefined ? null : /^(?:\.\.\/)+([^/]+\/[^/]+(?:\/[^/]+)?)$/.exec(target);
  return donor.read(found === null ? path : `${folder}/${found[1]}`);
}

function unknownLocale(locale: string, donor: DonorTree | undefined): SlimimageError {
  if (donor === undefined) {
    return new SlimimageError({
      code: 'CONFIG_INVALID',
      message: `locales: ${locale} is in the package locales-all, which no archive of the configuration has`,
      hint: 'Leave it out, or add an archive with locales-all.',
    });
  }
  const known = new Set((donor.childrenOf?.(folder) ?? []).map((path) => path.slice(folder.length + 1)));
  const near = nearestNames(folderOf(locale), known).map((name) => name.replace(/\.utf8/, '.UTF-8'));
  return new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `locales: the suite has no locale ${locale}`,
    hint: near.length === 0 ? 'Names are as in /etc/locale.gen: de_DE.UTF-8.' : `There is ${near.join(', ')}.`,
  });
}
