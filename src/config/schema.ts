import * as v from 'valibot';
import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { parseLocation } from '../oci/location.ts';
import { acceptance, allowance } from './schema-allowances.ts';
import { archive, mirrorUrls, snapshotPattern } from './schema-archives.ts';
import { file, pathEntry } from './schema-files.ts';
import {
  checked,
  choice,
  described,
  flag,
  integer,
  list,
  map,
  object,
  oneOrMore,
  parsedBy,
  text,
} from './schema-parts.ts';
import { pin } from './schema-pins.ts';
import { healthcheck, port, signal } from './schema-runtime.ts';
import { parseCompression } from './values/compression.ts';
import { parseCreated } from './values/created.ts';
import { parseFrom } from './values/from.ts';
import { checkImagePath } from './values/image-path.ts';
import { parseLayers } from './values/layers.ts';
import { parsePackageName } from './values/package.ts';
import { checkPlatform } from './values/platform.ts';

/**
 * What a configuration file may say: the one place from which validation, the published JSON Schema and the
 * types of the parser come. Meaning is given in normalise.ts; where files meet, in merge.ts.
 */
export const configSchema = object(
  {
    extends: described(
      oneOrMore(text('a file', /^[^\0]+$/), 'a file or a list of files'),
      'Other configuration files, relative to this one, or images of the catalogue (catalog/NAME), on which this one builds. Lists of packages, files, paths and the like are appended to theirs; maps are merged; everything else is replaced.',
    ),
    name: described(
      text('a name of letters, digits, ".", "_", "-" and "/"', /^[a-zA-Z0-9_][a-zA-Z0-9._/-]{0,127}$/),
      "The image's name in the local store. By default the name of the folder.",
    ),
    from: described(
      parsedBy(
        text('DISTRIBUTION/SUITE such as debian/trixie', /^[a-z][a-z0-9-]*\/[a-z0-9][a-z0-9.-]*(@[0-9A-Za-z:-]*)?$/),
        parseFrom,
      ),
      'The distribution and suite that packages come from: archives, keys and architectures are preset. For example debian/trixie, or as it was then: debian/trixie@20260901T000000Z, debian/trixie@2026-09-01 (UTC).',
    ),
    components: described(
      v.pipe(
        list(text('a component such as contrib', /^[A-Za-z0-9][A-Za-z0-9.+/_-]*$/), '[main, contrib]'),
        v.minLength(1, 'expected at least one component such as main'),
      ),
      "The components of the distribution's archives, all that are wanted. By default Debian's main, Ubuntu's main and universe.",
    ),
    suites: described(
      list(
        text('a suite such as trixie-backports', /^[A-Za-z0-9][A-Za-z0-9.+_-]*(\/[A-Za-z0-9.+_-]+)*$/),
        '[trixie-backports]',
      ),
      "Further suites of the distribution's archive, beside those that from brings, such as trixie-backports.",
    ),
    packages: described(
      list(parsedBy(text('a package'), parsePackageName), '[python3, ca-certificates]'),
      'Packages to install with all that they need: name, name=version, name/suite, name:architecture, name- (keep out), ./app.deb or a folder of .debs ./debs/.',
    ),
    omit: described(
      list(text('the name of a package', /^[a-z0-9][a-z0-9+.-]+$/), '[debconf]'),
      'Packages that are left out although something depends on them.',
    ),
    dependencies: described(
      choice(['runtime', 'full', 'none']),
      'full: everything that the packages depend on. runtime (the default): the same without what only maintainer scripts need. none: the packages alone.',
    ),
    keep: described(
      list(text('the name of a package', /^[a-z0-9][a-z0-9+.-]+$/), '[debconf]'),
      'Packages that dependencies: runtime does not leave out.',
    ),
    recommends: described(flag(), 'Whether recommended packages are installed too. By default they are not.'),
    essential: described(
      flag(),
      'Whether the packages that Debian calls essential (a shell, coreutils, apt, ...) are in the image. By default they are not.',
    ),
    pins: described(
      list(pin, '["nginx=1.26*", nginx/trixie-backports]'),
      "apt's preferences: which versions are preferred or never chosen. NAME=VERSION, NAME/SUITE, or a map with packages, one of version, suite, release and archive, and priority.",
    ),
    base: described(
      choice(['debian', 'none']),
      'debian: the root layout of base-files (the default where packages have a source). none: nothing but what this file names.',
    ),
    on: described(
      parsedBy(text('an image such as store:base or registry.example/base:1'), parseLocation),
      'An image to build on: its layers are kept and its packages count as installed.',
    ),
    platforms: described(
      list(parsedBy(text('a platform such as linux/amd64'), checkPlatform), '[linux/amd64, linux/arm64]'),
      "Platforms to build for. By default the machine's own.",
    ),
    files: described(
      list(file, '["./app:/app"]'),
      "The application's own files: SOURCE:PATH, or a map with source, path, owner, mode, ignore, and image to copy from an image.",
    ),
    paths: described(
      list(pathEntry, '[{ path: /data, type: directory, owner: nonroot }]'),
      'Folders, files with inline text, links and permissions to make in the image.',
    ),
    include: described(
      pathRules(),
      'Globs of paths that stay although they are left out by default (documentation, locales, systemd units, ...) or by exclude; for all packages, or { PACKAGE: [GLOB] }.',
    ),
    exclude: described(pathRules(), 'Globs of paths that are left out; for all packages, or { PACKAGE: [GLOB] }.'),
    'special-permissions': described(
      list(glob(), '[/usr/bin/ping]'),
      'Paths that keep their set-user-id and set-group-id bits and file capabilities. All others lose them.',
    ),
    accounts: described(
      object(
        { users: described(list(user(), '[app]'), 'Users.'), groups: described(list(group(), '[app]'), 'Groups.') },
        '{ users: [app] }',
      ),
      'Users and groups to add.',
    ),
    certificates: described(
      list(text('a PEM file', /^[^\0]+$/), '[./corporate-ca.pem]'),
      'Files with certificates of extra certificate authorities that the image trusts.',
    ),
    locales: described(
      list(text('a locale such as de_DE.UTF-8', /^[A-Za-z0-9][A-Za-z0-9_.@-]{1,60}$/), '[de_DE.UTF-8]'),
      'Locales beside C.UTF-8 and POSIX, which every image has.',
    ),
    bytecode: described(
      flag(),
      'Whether the Python modules of packages are compiled, for a faster start. It takes the npm package pyodide.',
    ),
    accept: described(
      list(acceptance, '[{ package: NAME, because: REASON }]'),
      'Packages whose maintainer scripts do something that is not reproduced, and that you take nevertheless: each with the reason.',
    ),
    allow: described(
      list(allowance, '[{ missing: libfoo.so.1, in: /usr/lib/**, because: REASON }]'),
      'Findings of the check that do not stop the build: what is missing, where (a glob; by default anywhere), and the reason.',
    ),
    entrypoint: described(
      words('[/usr/bin/python3, /app/main.py]'),
      'The command that the container runs, as a list of words.',
    ),
    cmd: described(words('[--port, "8080"]'), 'Arguments after the entrypoint, which a user of the image may replace.'),
    user: described(
      v.union([
        text('a user such as nonroot, 65532 or 1000:1000', /^[a-zA-Z0-9_][^\s:]*(:[a-zA-Z0-9_][^\s:]*)?$/),
        integer('an id', 0, 2 ** 31 - 1),
      ]),
      'The user that the container runs as: NAME, ID, and :GROUP where needed. By default nonroot (65532).',
    ),
    workdir: described(imagePath(), 'The folder that the container starts in.'),
    env: described(
      map(
        text('the name of a variable', /^[A-Za-z_][A-Za-z0-9_.-]*$/),
        scalarText('text (quote it: "")'),
        '{ LANG: C.UTF-8 }',
      ),
      'Environment variables.',
    ),
    ports: described(
      list(port, '[8080, 53/udp]'),
      'Ports that the application listens on: NUMBER, NUMBER/tcp or NUMBER/udp.',
    ),
    volumes: described(list(imagePath(), '[/data]'), 'Folders that hold data beyond the life of a container.'),
    labels: described(
      map(
        text('a label without spaces', /^[^\s=\0]+$/),
        scalarText('text'),
        '{ org.opencontainers.image.vendor: Example }',
      ),
      'Labels of the image config.',
    ),
    annotations: described(
      map(
        text('an annotation without spaces', /^[^\s=\0]+$/),
        scalarText('text'),
        '{ org.opencontainers.image.title: app }',
      ),
      'Annotations of the manifest and the index.',
    ),
    'stop-signal': described(signal, 'The signal that stops the container. By default SIGTERM.'),
    healthcheck: described(healthcheck, 'How an engine finds out whether the container works, or none.'),
    archives: described(
      list(archive, '[{ url: https://apt.example, suites: [stable], components: [main], signed-by: ./key.asc }]'),
      'Other apt archives.',
    ),
    mirrors: described(
      map(
        text('the name of an archive', /^[a-z0-9][a-z0-9.-]*$/),
        mirrorUrls,
        '{ debian: https://mirror.example/debian }',
      ),
      'Where archives are fetched from: debian, debian-security, ubuntu or the name of an entry of archives, each with a URL or several in the order in which they are asked. Signatures and hashes decide, so any mirror will do.',
    ),
    snapshot: described(
      snapshotPattern,
      'The snapshot archive that is asked for what has left the mirrors, and for from: with a time. {archive} stands for the name of the archive, {timestamp} for the time; none: no snapshot archive. By default the one of the distribution.',
    ),
    compression: described(
      v.union(
        [
          parsedBy(text('gzip, zstd or none, with a level as in gzip-9'), parseCompression),
          checked(
            object(
              {
                algorithm: choice(['gzip', 'zstd', 'none']),
                level: described(integer('a level', 0, 19), 'gzip 1..9, zstd 1..19.'),
              },
              '{ algorithm: zstd, level: 19 }',
            ),
            ({ algorithm, level }) =>
              messageOf(() => parseCompression(level === undefined ? algorithm : `${algorithm}-${level}`)),
          ),
        ],
        'expected gzip, zstd, none, a level as in gzip-9, or a map such as { algorithm: zstd, level: 19 }',
      ),
      'How layers are compressed: gzip (the default, level 6), zstd (level 3), none; gzip-9, zstd-19, or { algorithm, level }.',
    ),
    layers: described(
      v.union(
        [
          parsedBy(text('automatic, single, package, source, or a number of layers'), parseLayers),
          layerCount(),
          object(
            { budget: v.pipe(layerCount(), v.description('The most layers that the build makes.')) },
            '{ budget: 8 }',
          ),
        ],
        'expected automatic, single, package, source, or a map such as { budget: 8 }',
      ),
      'How the image is divided into layers, the most stable first and your own files last: automatic (the default: by size), single, one a package, one a source package, or { budget: N } at most. Layers of on: are kept beside them.',
    ),
    created: described(
      v.union(
        [
          parsedBy(text('a date such as 2026-01-31 or 2026-01-31T12:00:00Z'), parseCreated),
          integer('seconds since 1970', 0, 253402300799),
        ],
        'expected a date such as 2026-01-31, 2026-01-31T12:00:00Z, or seconds since 1970',
      ),
      'The time of the image and of its generated files, as a date (UTC) or in seconds since 1970. By default SOURCE_DATE_EPOCH, else the newest file of the packages.',
    ),
  },
  '{ from: debian/trixie, packages: [python3] }',
);

/** A configuration file as written, valid, before anything is given a meaning. */
export type RawConfig = v.InferOutput<typeof configSchema>;

function pathRules() {
  const globs = oneOrMore(glob(), 'a glob or a list of globs');
  const byPackage = map(
    text('the name of a package', /^[a-z0-9][a-z0-9+.-]+$/),
    globs,
    '{ python3: ["usr/share/**"] }',
  );
  return v.union(
    [v.array(v.union([glob(), byPackage], 'expected a glob, or a map such as { PACKAGE: [GLOB] }')), byPackage],
    'expected a list of globs such as ["/usr/share/doc/**"], or a map such as { PACKAGE: [GLOB] }',
  );
}

function glob() {
  return text('a glob such as /usr/share/doc/**', /^[^\0\n]{1,1000}$/);
}

function imagePath() {
  return checked(text('an absolute path in the image', /^\//), checkImagePath);
}

function layerCount() {
  return integer('a number of layers', 1, limits.builtLayers);
}

function words(example: string) {
  return v.pipe(
    list(scalarText('a word'), example),
    v.minLength(1, `expected at least one word, for example ${example}`),
  );
}

/** Text; numbers and booleans are read as they are written. */
function scalarText(what: string) {
  return v.union([text(what), v.number(), v.boolean()], `expected ${what}`);
}

function user() {
  const name = accountName();
  return v.union(
    [
      name,
      object(
        {
          name,
          uid: described(integer('a user id', 0, 2 ** 31 - 1), 'The user id. By default derived from the name.'),
          group: described(
            v.union(
              [name, integer('a group id', 0, 2 ** 31 - 1), text('a group id', /^[0-9]+$/)],
              'expected the name or id of a group',
            ),
            "The primary group. By default one of the user's name.",
          ),
          groups: described(list(name, '[audio]'), 'Other groups that the user is in.'),
          home: described(imagePath(), 'The home folder, made for the user. By default /home/NAME.'),
          shell: described(imagePath(), 'The login shell. By default /usr/sbin/nologin.'),
        },
        '{ name: app, uid: 1000, home: /home/app }',
      ),
    ],
    'expected a name, or a map such as { name: app, uid: 1000 }',
  );
}

function group() {
  const name = accountName();
  return v.union(
    [
      name,
      object(
        { name, gid: described(integer('a group id', 0, 2 ** 31 - 1), 'The group id.') },
        '{ name: app, gid: 1000 }',
      ),
    ],
    'expected a name, or a map such as { name: app, gid: 1000 }',
  );
}

function accountName() {
  return text('a name of lower-case letters, digits, "_" and "-"', /^[a-z_][a-z0-9_-]{0,31}$/);
}

function messageOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof SlimimageError) return error.message;
    throw error;
  }
}
