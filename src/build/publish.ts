import type { ImageSpec } from '../config/spec.ts';
import type { ImageSignature } from '../deliver/sign.ts';
import { exportImage, loadIntoEngine } from '../image/export-image.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { parseLocation } from '../oci/location.ts';
import { isRegistryTarget, registryTargets, tellingNames } from './check-targets.ts';
import { writeMetadataFile } from './metadata-file.ts';
import type { MadePaper } from './papers/types.ts';
import { writeBeside } from './papers/write-beside.ts';
import type { Session, SessionOptions } from './session.ts';
import type { BuildResult, PlatformResult, WrittenOutput } from './types.ts';

export interface Publication {
  readonly spec: ImageSpec;
  readonly options: SessionOptions;
  /** The manifest or index, in the local store. */
  readonly root: Descriptor;
  readonly platforms: readonly PlatformResult[];
  /** In the local store, attached to the image. */
  readonly papers: readonly MadePaper[];
  readonly signatures: readonly ImageSignature[];
  /** Seconds since the epoch. */
  readonly created: number;
}

/** Names the image in the local store and writes it wherever else it is wanted; to registries when everything else is there. */
export async function publish(publication: Publication, session: Session): Promise<BuildResult> {
  const { spec, options, root, platforms, papers, signatures, created } = publication;
  const { tags = [], outputs: targets = [], metadataFile } = options;
  const outputs = await session.phase('write', async () => {
    const named = tags.length > 0 ? tags.map((tag) => `store:${tag}`) : [`store:${spec.name}`];
    const written: WrittenOutput[] = [];
    for (const target of [...named, ...targets.filter((one) => !isRegistryTarget(one))])
      written.push(await writeTo(target, publication, session));
    written.push(...(await writeBeside(targets, papers, session)));
    if (options.load) written.push(await load(publication, session));
    for (const target of registryTargets(options)) written.push(await writeTo(target, publication, session));
    // Who finds it may use what it names.
    if (metadataFile !== undefined)
      await writeMetadataFile(metadataFile, {
        root,
        platforms,
        tags: tellingNames(options),
        outputs: targets,
        cwd: session.cwd,
      });
    return written;
  });
  return {
    reference: tellingNames(options)[0] ?? targets[0] ?? `store:${spec.name}`,
    digest: root.digest,
    mediaType: root.mediaType,
    created,
    compression: spec.compression,
    platforms,
    outputs,
    papers: papers.map(({ kind, platform, blob }) => ({ kind, platform, digest: blob.digest, size: blob.size })),
    signatures,
    warnings: session.warnings,
    timings: session.timings,
  };
}

type Source = Pick<Publication, 'spec' | 'options' | 'root'>;

async function writeTo(target: string, { spec, options, root }: Source, session: Session): Promise<WrittenOutput> {
  const { store, cwd, env, registries, onEvent, signal } = session;
  const references = referencesOf(spec, options);
  const location = parseLocation(target);
  // Registries get the papers with every image; a layout of several entries is one that some tools refuse to read.
  const referrers = location.type === 'registry' || options.attach === true;
  const { bytes, note, report } = await exportImage(location, {
    store,
    root,
    references,
    referrers,
    registries,
    cwd,
    env,
    onEvent,
    signal,
  });
  return { target, bytes, note, ...(location.type === 'registry' ? { sent: report } : {}) };
}

async function load({ spec, options, root }: Source, session: Session): Promise<WrittenOutput> {
  const { store, env, onEvent, signal } = session;
  const references = referencesOf(spec, options);
  const { engine, bytes, note } = await loadIntoEngine({ store, root, references, env, onEvent, signal });
  return { target: engine, bytes, note };
}

/** Names inside the forms that have room for them, and in the local store. */
export function referencesOf(spec: ImageSpec, options: Pick<SessionOptions, 'tags'>): readonly string[] {
  return options.tags !== undefined && options.tags.length > 0 ? options.tags : [spec.name];
}
