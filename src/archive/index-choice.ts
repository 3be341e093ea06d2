/** Which Packages files of a Release a request needs, and in which form to fetch each. */
import { SlimimageError } from '../errors.ts';
import type { CompressionFormat } from '../formats/compression/detect.ts';
import { limits } from '../limits.ts';
import { nearest } from '../util/nearest.ts';
import type { Release, ReleaseFile } from './release.ts';

export interface IndexChoice {
  /** '' in a flat archive. */
  readonly component: string;
  /** `main/binary-amd64/Packages`, below the suite's folder. */
  readonly path: string;
  /** The uncompressed file, where the Release lists it. */
  readonly plain: ReleaseFile | undefined;
  /** What to fetch: the smallest form that can be unpacked. */
  readonly variant: IndexVariant;
}

export interface IndexVariant {
  readonly path: string;
  readonly file: ReleaseFile;
  readonly format: CompressionFormat;
}

export interface IndexRequest {
  readonly components: readonly string[];
  readonly architecture: string;
  readonly flat: boolean;
  /** `debian trixie`, for messages. */
  readonly name: string;
}

/** Smallest first, as archives make them. */
const variants: readonly (readonly [suffix: string, format: CompressionFormat])[] = [
  ['.xz', 'xz'],
  ['.zst', 'zstd'],
  ['.bz2', 'bzip2'],
  ['.lzma', 'lzma'],
  ['.gz', 'gzip'],
  ['', 'none'],
];

/**
 * [] where the suite does not carry the architecture. Packages of architecture `all` are listed with each architecture
 * by Debian and Ubuntu; an archive that keeps them in `binary-all` alone is read there too.
 *
 * @throws SlimimageError CONFIG_INVALID for a component that the suite does not have, RELEASE_INVALID where an index is
 * missing, LIMIT_EXCEEDED for one that is too large.
 */
export function chooseIndexes(release: Release, request: IndexRequest): readonly IndexChoice[] {
  const { architecture, name } = request;
  if (request.flat) {
    const choice = choose(release, 'Packages', '');
    if (choice !== undefined) return [choice];
    throw missing(name, 'Packages');
  }
  const { architectures } = release;
  if (architectures.length > 0 && !architectures.includes(architecture) && !architectures.includes('all')) return [];
  return request.components.flatMap((component) => {
    checkComponent(release, component, name);
    const own = choose(release, `${component}/binary-${architecture}/Packages`, component);
    const readsAll = !release.allIsInEveryIndex && (own === undefined || architectures.includes('all'));
    const all = readsAll ? choose(release, `${component}/binary-all/Packages`, component) : undefined;
    if (own === undefined && all === undefined && architectures.includes(architecture)) {
      throw missing(name, `${component}/binary-${architecture}/Packages`);
    }
    return [own, all].filter((choice) => choice !== undefined);
  });
}

function choose(release: Release, path: string, component: string): IndexChoice | undefined {
  for (const [suffix, format] of variants) {
    const file = release.files.get(`${path}${suffix}`);
    if (file === undefined) continue;
    const plain = release.files.get(path);
    const size = Math.max(file.size, plain?.size ?? 0);
    if (size > limits.packagesBytes) {
      throw new SlimimageError({
        code: 'LIMIT_EXCEEDED',
        message: `${path} has ${size} bytes, more than the limit of ${limits.packagesBytes}`,
      });
    }
    return { component, path, plain, variant: { path: `${path}${suffix}`, file, format } };
  }
  return undefined;
}

function checkComponent(release: Release, component: string, name: string): void {
  if (release.components.length === 0 || release.components.includes(component)) return;
  const meant = nearest(component, release.components);
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `${name} has no component "${component}"`,
    hint: meant ? `did you mean ${meant}?` : `it has ${release.components.join(', ')}`,
  });
}

function missing(name: string, path: string): SlimimageError {
  return new SlimimageError({ code: 'RELEASE_INVALID', message: `The Release of ${name} lists no ${path}` });
}
