import type { ImageSpec } from '../../config/spec.ts';
import { formatPlatform } from '../../oci/platform.ts';
import type { ResolvedPackage } from '../../solver/types.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import type { ImageLayerPart } from '../image.ts';
import { planLayer } from '../layer-pieces.ts';
import { isRequested } from '../plan.ts';
import type { Session } from '../session.ts';
import { isConfigured } from '../tree.ts';
import type { LayerContents } from '../types.ts';
import { writeLayer } from '../write-layer.ts';
import { historyComments } from './describe.ts';
import type { TreePart } from './divide-tree.ts';
import type { LayeredPackage } from './group-packages.ts';
import { planLayers } from './plan-layers.ts';

/** A layer in the local store, and what is in it. */
export interface BuiltLayer extends ImageLayerPart {
  readonly what: LayerContents;
}

export interface BuildLayersOptions {
  readonly platform: AssembledPlatform;
  readonly session: Session;
  /** What was asked for, in one line. */
  readonly summary: string;
  /** Called when a layer is begun that was not made before. */
  readonly onWrite?: (() => void) | undefined;
}

/** Writes the layers of one platform's image, all at the same time; those that were made before cost nothing. */
export async function buildLayers(spec: ImageSpec, options: BuildLayersOptions): Promise<readonly BuiltLayer[]> {
  const { session, summary, onWrite } = options;
  const { platform, base, resolved, contents, assembled } = options.platform;
  const { store, pool, onEvent } = session;
  const parts = planLayers(assembled.tree, {
    setting: spec.layers,
    packages: resolved.resolution.packages.map(layeredPackage),
    below: base?.layers.length ?? 0,
    created: assembled.created,
    given: assembled.createdIsGiven,
    onWarning: (message, hint) => onEvent({ type: 'warning', message, hint }),
  });
  const versions = new Map([...contents.packages].map(([name, { record }]) => [name, record.version]));
  const comments = historyComments(parts, { versions, summary });
  const contentByName = new Map([...contents.packages].map(([name, { content }]) => [name, content]));
  return Promise.all(
    parts.map(async (part, at) => {
      const place = parts.length === 1 ? '' : ` ${at + 1}/${parts.length}`;
      const label = `${formatPlatform(platform)}${place}`;
      const { compression } = spec;
      const written = await writeLayer(planLayer(part.nodes, contentByName), {
        store,
        pool,
        compression,
        onEvent,
        onWrite,
        label,
      });
      return { ...written, comment: comments[at] as string, what: contentsOf(part) };
    }),
  );
}

function layeredPackage(resolved: ResolvedPackage): LayeredPackage {
  const { record, reasons } = resolved;
  return {
    name: record.name,
    source: record.source.name,
    installedBytes: record.installedSize * 1024,
    requested: isRequested(resolved),
    neededBy: reasons.flatMap((reason) => ('from' in reason ? [reason.from] : [])),
  };
}

function contentsOf({ nodes, packages }: TreePart): LayerContents {
  let own = 0;
  let generated = 0;
  for (const { entry, source } of nodes) {
    if (entry.type === 'directory' || source.type === 'package' || source.type === 'base') continue;
    if (isConfigured(source)) own += 1;
    else generated += 1;
  }
  return { packages, files: { own, generated } };
}
