import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BrokenImageError,
  buildImage,
  flagsToSpec,
  type ImageSpec,
  isSlimimageError,
  type ScriptReport,
  type SlimimageError,
} from '../../../src/index.ts';
import { listTar, readContents } from './list-tar.ts';
import { created } from './oracle.ts';
import type { OurTree } from './types.ts';

export interface SlimimageOptions {
  /** Archive name -> base URL, the same that mmdebstrap read. */
  readonly mirrors: Readonly<Record<string, string>>;
  /** Folder of the local store: each .deb is converted once for all sets. */
  readonly store: string;
  /** Where tars are made. */
  readonly work: string;
  /** Milliseconds since the epoch, for Valid-Until. */
  readonly now: number;
}

/**
 * Builds the image of exactly these packages, with nothing left out and nothing taken from any path's permissions. What
 * stops it is noted and then accepted, so that there is a tree to compare.
 *
 * @param packages `name=version`
 */
export async function ourTree(
  name: string,
  packages: readonly string[],
  { mirrors, store, work, now }: SlimimageOptions,
): Promise<OurTree> {
  await mkdir(work, { recursive: true });
  const tar = join(work, `${name}-ours.tar`);
  const spec: ImageSpec = {
    ...flagsToSpec(
      {
        from: 'debian/trixie',
        package: packages,
        dependencies: 'none',
        platform: ['linux/amd64'],
        include: ['/**'],
        compression: 'none',
        layers: 'single',
        user: 'root',
        created: String(created),
      },
      { cwd: work },
    ),
    name,
    specialPermissions: ['**'],
    mirrors: Object.fromEntries(Object.entries(mirrors).map(([archive, url]) => [archive, [url]])),
  };
  const warnings: string[] = [];
  const stops: string[] = [];
  let scripts: readonly ScriptReport[] = [];
  try {
    scripts = await buildAnyway(spec, { tar, store, now, warnings, stops });
    const paths = await listTar(tar);
    const wanted = new Set(
      paths.filter(({ path, size = 0 }) => isReadLater(path) && size < largestRead).map(({ path }) => path),
    );
    const contents = await readContents(tar, (path) => wanted.has(path));
    return { paths, warnings, stops, scripts, content: (path) => contents.get(path) };
  } catch (error) {
    if (!isSlimimageError(error)) throw error;
    // Everything is missing, then.
    stops.push(`${error.code}: ${error.message}`);
    return { paths: [], warnings, stops, scripts, content: () => undefined };
  } finally {
    await rm(tar, { force: true });
  }
}

const largestRead = 4 * 1024 * 1024;

function isReadLater(path: string): boolean {
  return /^(?:etc|var)\/|^usr\/(?:local|share\/(?:mime|glib-2\.0|perl|X11|fonts))\/|\.cache$|cache|compiled$/.test(
    path,
  );
}

interface Attempt {
  readonly tar: string;
  readonly store: string;
  readonly now: number;
  readonly warnings: string[];
  readonly stops: string[];
}

async function buildAnyway(spec: ImageSpec, attempt: Attempt): Promise<readonly ScriptReport[]> {
  const { tar, store, now, warnings, stops } = attempt;
  const env = { ...process.env, SOURCE_DATE_EPOCH: undefined };
  const options = { store, env, now: () => now, outputs: [`tar:${tar}`], sboms: [], provenance: false };
  for (let tried = spec; ; ) {
    try {
      const result = await buildImage(tried, options);
      warnings.push(...result.warnings.map(({ message }) => message));
      return result.platforms.flatMap((platform) => platform.scripts);
    } catch (error) {
      const next = isSlimimageError(error) ? accepting(tried, error) : undefined;
      if (next === undefined) throw error;
      stops.push(`${(error as SlimimageError).code}: ${(error as SlimimageError).message}`);
      tried = next;
    }
  }
}

/** The same, with what stopped it accepted; undefined where that is nothing to accept. */
function accepting(spec: ImageSpec, error: SlimimageError): ImageSpec | undefined {
  const { code, message } = error;
  if (error instanceof BrokenImageError && spec.allow.length === 0) {
    const missing = new Set(error.findings.map((finding) => finding.missing));
    return { ...spec, allow: [...missing].map((one) => ({ missing: one, in: undefined, because: 'compared' })) };
  }
  if (code !== 'SCRIPT_NOT_REPRODUCED' || spec.accept.length > 0) return undefined;
  const [, first = ''] = /maintainer scripts of (\S+) do/.exec(message) ?? [];
  const [, others = ''] = /^So do those of (.*)$/m.exec(message) ?? [];
  const names = [first, ...others.split(', ')].filter((name) => name !== '');
  return { ...spec, accept: names.map((name) => ({ package: name, because: 'compared' })) };
}
