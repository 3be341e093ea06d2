import { SlimimageError } from '../errors.ts';

/** A flat archive (deb822 `Suites: ./`) has no dists/, no components and one Packages beside its Release. */
export function isFlat(suite: string): boolean {
  return suite.endsWith('/');
}

/**
 * Folder of a suite's Release below the archive's base URL, without slashes at either end: `dists/trixie`; '' for `./`.
 *
 * @throws SlimimageError CONFIG_INVALID for a suite that is no plain path.
 */
export function suiteFolder(suite: string): string {
  const parts = suite.split('/').filter((part) => part !== '' && part !== '.');
  if (suite === '' || suite.length > 200 || parts.some((part) => part === '..' || !/^[A-Za-z0-9_.~+-]+$/.test(part))) {
    throw new SlimimageError({
      code: 'CONFIG_INVALID',
      message: `"${suite.slice(0, 60)}" is no suite`,
      hint: 'a suite is a name such as trixie, or a folder that ends in / for a flat archive',
    });
  }
  return isFlat(suite) ? parts.join('/') : ['dists', ...parts].join('/');
}

/** Joins parts of a path below an archive's base URL, leaving out empty ones. */
export function joinPath(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/');
}

/**
 * The URL of a path below a base URL. As apt does, everything is percent-encoded that a server could take for something
 * else: `%` in file names, and `+`, which object stores read as a blank.
 */
export function urlOf(base: string, path: string): string {
  const encoded = path.replace(/[^A-Za-z0-9/._~:-]/g, (character) =>
    encodeURIComponent(character).replace(/^[!'()*]$/, escapeByte),
  );
  return joinPath(base.replace(/\/$/, ''), encoded);
}

function escapeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
