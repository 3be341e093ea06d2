import { rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { writeFileAtomically } from '../image/atomic-output.ts';
import { bareDescriptor, type Descriptor } from '../oci/descriptor.ts';
import { parseLocation } from '../oci/location.ts';
import { formatReference, parseReference, type Reference, withDefaultTag } from '../oci/reference.ts';
import { canonicalJson } from '../util/json.ts';
import { encodeUtf8 } from '../util/text.ts';
import type { PlatformResult } from './types.ts';

export interface MetadataFacts {
  /** The manifest or index. */
  readonly root: Descriptor;
  readonly platforms: readonly PlatformResult[];
  readonly tags: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Sees to it before any work that the file can be written. What an earlier build left there is gone then: a step of a pipeline that runs
 * whatever happened must not take it for this build's.
 * @param file relative to `cwd`
 * @throws SlimimageError USAGE, OUTPUT_INVALID, IO
 */
export async function clearMetadataFile(file: string, { cwd }: { readonly cwd: string }): Promise<void> {
  if (file === '') throw new SlimimageError({ code: 'USAGE', message: 'The name of the metadata file is empty' });
  const target = resolve(cwd, file);
  const stats = await stat(target).catch(() => undefined);
  // Whoever reads a pipe would take this for its end.
  if (stats !== undefined && !stats.isFile() && !stats.isDirectory()) return;
  await writeFileAtomically(target, new Uint8Array(0));
  await rm(target, { force: true });
}

/**
 * Writes digests and names of a build as `docker buildx build --metadata-file` does, for the steps of a pipeline that follow.
 * @param file relative to `cwd`
 * @throws SlimimageError OUTPUT_INVALID, IO
 */
export async function writeMetadataFile(
  file: string,
  { cwd, ...facts }: MetadataFacts & { readonly cwd: string },
): Promise<void> {
  const text = `${JSON.stringify(JSON.parse(canonicalJson(metadataOf(facts))), undefined, 2)}\n`;
  await writeFileAtomically(resolve(cwd, file), encodeUtf8(text));
}

/** Keys of BuildKit's exporter (docs.docker.com/reference/cli/docker/buildx/build, "--metadata-file"). */
export function metadataOf({ root, platforms, tags, outputs }: MetadataFacts): object {
  const [only] = platforms.length === 1 ? platforms : [];
  const names = [...tags.map(parseReference), ...outputs.flatMap(registryReference)].map((reference) =>
    formatReference(withDefaultTag(reference)),
  );
  return {
    'containerimage.config.digest': only?.config,
    'containerimage.descriptor': bareDescriptor(root),
    'containerimage.digest': root.digest,
    'image.name': names.length === 0 ? undefined : [...new Set(names)].join(','),
  };
}

function registryReference(output: string): readonly Reference[] {
  const location = parseLocation(output);
  return location.type === 'registry' ? [location.reference] : [];
}
