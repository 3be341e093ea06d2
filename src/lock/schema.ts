import * as v from 'valibot';
import { formatPlatform, parsePlatform } from '../oci/platform.ts';
import { parseDigest } from '../util/digest.ts';
import type { LockInput } from './types.ts';

/**
 * What a lock file may say: the one place from which validation and the published JSON Schema come. A lock is foreign
 * input, for it comes with a repository: every text has a grammar and a length, and nothing unknown is let through.
 */

/** One platform of each architecture that Debian ever had, with room. */
const maxPlatforms = 100;
/** Debian's largest closures have some thousand packages. */
const maxPackages = 100_000;
/** Of one suite: its components for each architecture. */
const maxIndexes = 10_000;
const maxImages = 1000;

/** Debian Policy 5.6.7, as lenient with capitals as the archives' indexes are read. */
const packageName = text('the name of a package', /^[0-9A-Za-z][0-9A-Za-z+._-]{0,254}$/);
/** Debian Policy 5.6.12. */
const version = text('a version', /^[0-9A-Za-z][0-9A-Za-z.+~:-]{0,254}$/);
const architecture = text('an architecture', /^[0-9a-z][0-9a-z-]{0,62}$/);
/** By default the host of the archive's URL. */
const archive = text('the name of an archive', /^[0-9A-Za-z[][0-9A-Za-z.:[\]_-]{0,254}$/);
const suite = text('a suite', /^(?:[A-Za-z0-9.][A-Za-z0-9.+~/_-]{0,199})?$/);
const component = text('a component', /^(?:[A-Za-z0-9][A-Za-z0-9.+~/_-]{0,199})?$/);
/** Printable; dots lead out only at the beginning. */
const path = text(
  'a path that stays inside the archive',
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are kept out.
  /^(?:\.\/|(?:\.\.\/){1,32})?(?!\.{1,2}(?:\/|$))[^/\u0000-\u001f\u007f-\u009f]+(?:\/(?!\.{1,2}(?:\/|$))[^/\u0000-\u001f\u007f-\u009f]+)*$/,
  4096,
);
/** No blanks, and none of what separates the two in `Source: name (version)`: as lenient as that field is read. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are kept out.
const sourceText = /^[^\s()\u0000-\u001f\u007f-\u009f]{1,255}$/;
const sha256 = text('a sha256 of 64 hexadecimal digits', /^[0-9a-f]{64}$/);
const moment = text('a time such as 2026-09-01T12:00:00Z', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/);
const fingerprint = text('a fingerprint in hexadecimal digits', /^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$/);
const bytes = v.pipe(
  v.number('expected a number of bytes'),
  v.integer('expected a whole number of bytes'),
  v.minValue(0, 'expected a number of bytes'),
  v.maxValue(Number.MAX_SAFE_INTEGER, 'expected a number of bytes'),
);
const formatVersion = v.pipe(v.number('expected a number'), v.integer('expected a whole number'), v.minValue(0));

/** Whatever JSON can say; compared and never used. To walk through it here would take time that grows with its square. */
const input: v.GenericSchema<LockInput> = v.any();

const configuration = object({
  digest: digest('sha256 of the canonical JSON of inputs.'),
  inputs: described(
    v.record(v.string(), input, 'expected a map'),
    'The part of the configuration that decides what the lock holds.',
  ),
});

const compressor = object({
  algorithm: described(v.picklist(['gzip', 'zstd', 'none'], 'expected gzip, zstd or none'), 'Of the layers.'),
  level: described(v.nullable(formatVersion), 'Of the compression; null where there is none to choose.'),
  contentFormat: described(formatVersion, 'Version of the form in which packages are kept.'),
  layerFormat: described(formatVersion, 'Version of the form of layers.'),
  bytecode: described(
    v.exactOptional(
      v.pipe(v.string('expected text'), v.regex(/^pyodide [\w.+-]{1,40}$/, 'expected a name and a version')),
    ),
    'What compiled Python modules, with its version; only where some were compiled.',
  ),
});

const index = object({
  path: described(
    v.pipe(
      path,
      v.check((where) => isInside(where), 'expected a path that stays inside the archive'),
    ),
    "Below the suite's folder.",
  ),
  size: described(bytes, 'Bytes of the file, uncompressed where the Release lists it so.'),
  sha256: described(sha256, 'Of that file.'),
});

const release = object({
  archive: described(archive, 'As the configuration or the preset calls it.'),
  suite: described(suite, 'As it was asked for.'),
  codename: described(v.pipe(v.string(), v.maxLength(200, 'expected at most 200 characters')), 'As it says itself.'),
  digest: digest('Of the InRelease or Release as fetched.'),
  date: described(v.union([moment, v.literal('')], 'expected a time, or nothing'), 'ISO 8601, UTC.'),
  validUntil: described(v.nullable(moment), 'ISO 8601, UTC; null where it does not end.'),
  fingerprints: described(
    v.pipe(v.array(fingerprint, 'expected a list'), v.maxLength(100, 'expected at most 100 keys')),
    'Primary keys whose signatures verified.',
  ),
  indexes: described(
    v.pipe(
      v.array(index, 'expected a list'),
      v.maxLength(maxIndexes, `expected at most ${maxIndexes} indexes`),
      v.check((indexes) => areDifferent(indexes.map((one) => one.path)), 'expected each index once'),
    ),
    'Package indexes that were read, sorted by path.',
  ),
});

const debFields = {
  name: described(packageName, "The package's name."),
  version: described(version, "The package's version."),
  architecture: described(architecture, "Debian's name, or all."),
  source: described(
    object({
      name: described(text('the name of a source package', sourceText), "The source package's name."),
      version: described(text('the version of a source package', sourceText), "The source package's version."),
    }),
    'The source package that it was built from.',
  ),
  archive: described(archive, 'As the configuration or the preset calls it; file for a .deb of your own.'),
  suite: described(suite, 'Of the archive; empty for flat archives and files.'),
  component: described(component, 'Of the suite; empty for flat archives and files.'),
  path: described(path, "Below the archive's base URL; for a file relative to the configuration's folder."),
  size: described(v.pipe(bytes, v.minValue(1, 'expected a number of bytes above 0')), 'Bytes of the .deb.'),
  installedSize: described(bytes, 'Bytes on disk, as the package declares them.'),
  sha256: described(sha256, 'Of the .deb.'),
};

const donor = confined(object(debFields));
const lockedPackage = confined(
  object({
    ...debFields,
    requests: described(
      v.pipe(v.array(line('a request', 4200), 'expected a list'), v.maxLength(1000, 'expected at most 1000 requests')),
      'The requests for it, as written.',
    ),
    requestedBy: described(
      v.pipe(v.array(packageName, 'expected a list'), v.maxLength(maxPackages)),
      'Names of the packages of the image that need it.',
    ),
  }),
);

/** useradd(8), with the capitals and dots that packages have. */
const accounts = v.record(
  text('the name of an account', /^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}\$?$/),
  v.pipe(
    v.number('expected an id'),
    v.integer('expected an id'),
    v.minValue(0, 'expected an id'),
    v.maxValue(0xffff_fffe, 'expected an id'),
  ),
  'expected a map of names to ids',
);

const copiedImage = object({
  image: described(line('an image', 4200), "As written; a path is relative to the configuration's folder."),
  digest: digest('Of its manifest for this platform.'),
});

const omission = object({
  name: described(packageName, "The package's name."),
  provides: described(
    v.pipe(
      v.array(
        text(
          'a provided package such as NAME or NAME (= VERSION)',
          /^[0-9A-Za-z][0-9A-Za-z+._-]{0,254}(?::[0-9A-Za-z-]{1,63})?(?: \((?:<<|<=|=|>=|>>) [0-9A-Za-z][0-9A-Za-z.+~:-]{0,254}\))?$/,
        ),
        'expected a list',
      ),
      v.minLength(1, 'expected at least one name'),
      v.maxLength(1000, 'expected at most 1000 names'),
    ),
    'What packages of the image need of it, beside its name.',
  ),
});

const cut = object({
  name: described(packageName, "The package's name."),
  grade: described(
    v.picklist(['proven', 'no-evidence'], 'expected proven or no-evidence'),
    'Whether nothing that stays can reach it, or nothing that stays names it.',
  ),
  candidacy: described(
    v.picklist(['listed', 'scripts', 'orphan'], 'expected listed, scripts or orphan'),
    'Why it could be cut: it is in the documented list, only maintainer scripts call it, only cut packages depend on it.',
  ),
  neededBy: described(
    v.pipe(v.array(packageName, 'expected a list'), v.maxLength(maxPackages)),
    'Packages whose scripts call it, or that depend on it.',
  ),
  because: described(line('a sentence', 1000), 'One sentence.'),
});

const platform = object({
  platform: described(
    v.pipe(
      text('a platform such as linux/amd64', /^linux\/[a-z0-9_.-]{1,64}(?:\/[a-z0-9_.-]{1,64})?$/),
      v.check(isUsualPlatform, 'expected a platform such as linux/amd64'),
    ),
    'As linux/amd64.',
  ),
  on: v.nullable(digest('The manifest of the image below; null without one.')),
  images: described(
    v.pipe(
      v.array(copiedImage, 'expected a list'),
      v.maxLength(maxImages, `expected at most ${maxImages} images`),
      v.check((images) => areDifferent(images.map(({ image }) => image)), 'expected each image once'),
    ),
    'What files: copies from, sorted by image.',
  ),
  packages: described(packageList(lockedPackage), 'What is installed, sorted by name.'),
  donors: described(packageList(donor), 'What is read and not installed, sorted by name.'),
  absentDonors: described(
    v.pipe(
      v.array(packageName, 'expected a list'),
      v.maxLength(100, 'expected at most 100 names'),
      v.check((names) => areDifferent(names), 'expected each name once'),
    ),
    'What would have been read, and no archive had.',
  ),
  omitted: described(
    v.pipe(
      v.array(omission, 'expected a list'),
      v.maxLength(1000, 'expected at most 1000 packages'),
      v.check((omitted) => areDifferent(omitted.map(({ name }) => name)), 'expected each package once'),
    ),
    'What omit: leaves out although others need what it provides, sorted by name.',
  ),
  cuts: described(
    v.optional(
      v.pipe(
        v.array(cut, 'expected a list'),
        v.maxLength(maxPackages, `expected at most ${maxPackages} packages`),
        v.check((cuts) => areDifferent(cuts.map(({ name }) => name)), 'expected each package once'),
      ),
      [],
    ),
    'Packages that the image goes without although something depends on them, sorted by name.',
  ),
  accounts: described(
    object({ users: described(accounts, 'Names and user ids.'), groups: described(accounts, 'Names and group ids.') }),
    'Ids of the system accounts that packages want.',
  ),
});

export const lockSchema = object({
  lockVersion: described(v.literal(1, 'expected 1'), 'The version of this form.'),
  configuration: described(configuration, 'What the lock was made from.'),
  compressor: described(compressor, "What decides about the layers' bytes beside their contents."),
  releases: described(
    v.pipe(v.array(release, 'expected a list'), v.maxLength(1000, 'expected at most 1000')),
    'What vouched for the packages, sorted by archive and suite.',
  ),
  platforms: described(
    v.pipe(
      v.array(platform, 'expected a list'),
      v.minLength(1, 'expected at least one platform'),
      v.maxLength(maxPlatforms, `expected at most ${maxPlatforms} platforms`),
      v.check((platforms) => areDifferent(platforms.map((one) => one.platform)), 'expected each platform once'),
    ),
    'In the order of the configuration.',
  ),
});

function object<const T extends v.ObjectEntries>(entries: T) {
  return v.strictObject(entries, ({ expected, received }) => {
    if (expected === 'never') return `unknown key ${received}`;
    return received === 'undefined' ? `the key ${expected} is missing` : `expected ${expected}, not ${received}`;
  });
}

function described<const S extends v.GenericSchema>(schema: S, description: string) {
  return v.pipe(schema, v.description(description));
}

function text(what: string, pattern: RegExp, maxLength?: number) {
  const message = `expected ${what}`;
  return maxLength === undefined
    ? v.pipe(v.string(message), v.regex(pattern, message))
    : v.pipe(v.string(message), v.maxLength(maxLength, message), v.regex(pattern, message));
}

/** Described before it is transformed: behind that, the JSON Schema ends. */
function digest(description: string) {
  const message = 'expected a digest such as sha256:...';
  const pattern = /^sha256:[0-9a-f]{64}$/;
  return v.pipe(v.string(message), v.regex(pattern, message), v.description(description), v.transform(parseDigest));
}

function line(what: string, maxLength: number) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are kept out.
  return text(what, /^[^\u0000-\u001f\u007f-\u009f]+$/, maxLength);
}

function packageList<const S extends v.GenericSchema<unknown, { readonly name: string }>>(schema: S) {
  return v.pipe(
    v.array(schema, 'expected a list'),
    v.maxLength(maxPackages, `expected at most ${maxPackages} packages`),
    v.check((packages) => areDifferent(packages.map(({ name }) => name)), 'expected each package once'),
  );
}

/**
 * Only a file of the user's own may lie beside the configuration's folder, and be called what it likes: `?`, `#` and
 * backslashes have a meaning in a URL.
 */
function confined<const S extends v.GenericSchema<unknown, { readonly archive: string; readonly path: string }>>(
  schema: S,
) {
  return v.pipe(
    schema,
    v.check(
      ({ archive: from, path: where }) => from === 'file' || isInside(where),
      'path: expected a path that stays inside the archive',
    ),
  );
}

function isInside(where: string): boolean {
  return !/^\.{1,2}\//.test(where) && !/[^!-~]|[\\?#]/.test(where);
}

function isUsualPlatform(written: string): boolean {
  return formatPlatform(parsePlatform(written)) === written;
}

function areDifferent(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}
