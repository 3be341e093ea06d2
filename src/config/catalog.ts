import { fileURLToPath } from 'node:url';
import { SlimimageError } from '../errors.ts';
import { nearest } from '../util/nearest.ts';

/** The images of catalog/ and what each is for (a test holds that the folder has them all). */
export const catalog = {
  static: 'programs without libraries: certificates, time zones, accounts',
  base: 'dynamically linked programs: glibc and OpenSSL',
  cc: 'programs of C++, Rust, Fortran, OpenMP',
  python3: 'Python with its standard library',
  nodejs: 'Node.js',
  'java-jre': 'OpenJDK 21, headless',
  ruby: 'Ruby with its standard library',
  perl: 'Perl with its core modules',
  'php-cli': 'PHP for the command line',
  'dotnet-deps': 'what self-contained .NET programs need',
  nginx: 'nginx on port 8080',
  redis: 'Redis',
  postgresql: 'PostgreSQL 17',
  haproxy: 'HAProxy',
  memcached: 'memcached',
  git: 'Git',
  curl: 'curl',
  'openssh-client': 'ssh, scp, sftp, ssh-keygen',
  ffmpeg: 'ffmpeg and ffprobe',
} as const satisfies Readonly<Record<string, string>>;

export type CatalogName = keyof typeof catalog;

export const catalogNames = Object.keys(catalog) as readonly CatalogName[];

/** catalog/ lies beside src/ and beside dist/. */
const folder = new URL('../../catalog/', import.meta.url);

/** Whether a place in the catalogue is meant: `catalog/nginx`. A file of that name is written `./catalog/nginx`. */
export function isCatalogReference(path: string): boolean {
  return /^catalog\/[^/]*$/.test(path) && !/\.ya?ml$/.test(path);
}

/**
 * The files that `catalog/NAME` stands for, absolute, the lowest first: its own, and the shell on top for `catalog/NAME-debug`.
 * @throws SlimimageError CONFIG_NOT_FOUND with the nearest name
 */
export function catalogFiles(reference: string): readonly string[] {
  const asked = catalogName(reference);
  const name = asked.replace(/-debug$/, '');
  if (Object.hasOwn(catalog, name)) {
    return [name, ...(asked === name ? [] : ['debug'])].map((one) => fileURLToPath(new URL(`${one}.yaml`, folder)));
  }
  const meant = nearest(name, catalogNames);
  throw new SlimimageError({
    code: 'CONFIG_NOT_FOUND',
    message: `the catalogue has no image "${asked}"`,
    hint:
      meant === undefined
        ? `it has ${catalogNames.join(', ')}; a file of yours is written ./${reference}`
        : `did you mean catalog/${meant}? \`slimimage catalog\` lists all; a file of yours is written ./${reference}`,
  });
}

/** `nginx-debug` of `catalog/nginx-debug`. */
export function catalogName(reference: string): string {
  return reference.slice('catalog/'.length);
}
