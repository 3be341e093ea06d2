import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { SlimimageError } from '../errors.ts';
import type { PackageRequest } from '../solver/types.ts';

/** `packages:` taken apart: names for the archives, files and folders of .debs. */
export interface ParsedRequests {
  readonly named: readonly PackageRequest[];
  /** Absolute paths of .debs and folders of .debs, with the text that named them. */
  readonly paths: readonly { readonly text: string; readonly path: string; readonly folder: boolean }[];
}

/** Debian Policy 5.6.1 and 5.6.12: names, and versions as far as they need no quoting. */
const request =
  /^(?<name>[a-z0-9][a-z0-9+.-]*?)(?::(?<architecture>[a-z0-9-]+))?(?:=(?<version>[A-Za-z0-9.+~:*-]+)|\/(?<suite>[A-Za-z0-9._-]+)|(?<exclude>-))?$/;

/**
 * Reads entries of `packages:`: `name`, `name=version`, `name/suite`, `name:arch`, `name-`, `./app.deb`, `./debs/`.
 * @throws SlimimageError CONFIG_INVALID for any other form, SOURCE_INVALID for a path that is not there.
 */
export async function parseRequests(texts: readonly string[], directory: string): Promise<ParsedRequests> {
  const named: PackageRequest[] = [];
  const paths: { text: string; path: string; folder: boolean }[] = [];
  for (const text of texts) {
    if (isPath(text)) paths.push(await locate(text, directory));
    else named.push(parseRequest(text));
  }
  return { named, paths };
}

/** One request by name. Whether a last `-` or `+` belongs to the name, only the archives tell: the solver reads it. */
export function parseRequest(text: string): PackageRequest {
  const groups = request.exec(text)?.groups;
  if (groups === undefined || groups['name'] === undefined) {
    throw new SlimimageError({
      code: 'CONFIG_INVALID',
      message: `"${text}" is not a package: expected name, name=version, name/suite, name:arch, name-, ./file.deb or ./folder/`,
      hint: 'Package names are lower-case letters, digits and + - .',
    });
  }
  const { name, architecture, version, suite, exclude } = groups;
  return { text, name, architecture, version, suite, exclude: exclude !== undefined };
}

function isPath(text: string): boolean {
  return text.startsWith('./') || text.startsWith('../') || text.startsWith('/') || text.endsWith('.deb');
}

async function locate(text: string, directory: string) {
  const path = isAbsolute(text) ? text : join(directory, text);
  try {
    const info = await stat(path);
    return { text, path, folder: info.isDirectory() };
  } catch (cause) {
    throw new SlimimageError({
      code: 'SOURCE_INVALID',
      message: `${text} does not exist`,
      hint: 'Paths in packages: are relative to the configuration file.',
      cause,
    });
  }
}
