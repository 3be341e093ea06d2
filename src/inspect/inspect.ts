import { formatPlatform } from '../oci/platform.ts';
import type { RootfsNode } from '../rootfs/rootfs.ts';
import { readPackages } from '../view/read-packages.ts';
import type { ImageView } from '../view/types.ts';
import { readUsers } from './accounts.ts';
import { reportContents } from './contents.ts';
import { readDistribution } from './distribution.ts';
import { diveFigures } from './dive.ts';
import { type DockerfileFacts, readHistory, reconstructDockerfile } from './dockerfile.ts';
import { resolveEntrypoint } from './entrypoint.ts';
import { layerCommands, reportLayers } from './layers.ts';
import { asksDive, judgeLimits, type Limit } from './limits.ts';
import { countOwned } from './owned-files.ts';
import { reportSettings } from './settings.ts';
import { shownOf } from './shown.ts';
import { sortNodes } from './tree-nodes.ts';
import type { Inspection } from './types.ts';
import { measureWaste } from './waste.ts';

export interface InspectViewOptions {
  /** `YYYY-MM-DD`: whether its distribution is still supported depends on it. */
  readonly today: string;
  /** How many of the biggest of everything; 10 unless told. */
  readonly top?: number | undefined;
  /** dive's own figures too. */
  readonly dive?: boolean | undefined;
  readonly limits?: readonly Limit[] | undefined;
  /** Show values of variables, labels and build arguments that look like secrets. */
  readonly showSecrets?: boolean | undefined;
  /** Name the files of each package and of none, and those that are missing. */
  readonly files?: boolean | undefined;
  /** Index of a layer whose changes are named. */
  readonly layer?: number | undefined;
}

/** What is in an image, and what it weighs. Linear in the number of paths. */
export function inspectView(view: ImageView, options: InspectViewOptions): Inspection {
  const { today, top = 10, limits = [], showSecrets = false } = options;
  const { config, rootfs } = view;
  const nodes = sortNodes(rootfs);
  const packages = readPackages(view);
  const distribution = readDistribution(view, today);
  const instructions = readHistory(config);
  const shown = shownOf(config, { instructions, showSecrets });
  const commands = layerCommands(config ?? {}, { instructions, layers: view.layers.length, shown });
  const blobs = view.layers.map(({ descriptor }) => descriptor?.size);
  const inspection: Inspection = {
    image: view.name,
    digest: view.descriptor?.digest,
    indexDigest: undefined,
    otherPlatforms: [],
    configDigest: view.configDigest,
    platform: view.platform === undefined ? undefined : formatPlatform(view.platform),
    created: config?.created,
    author: config?.author === undefined ? undefined : shown.text(config.author),
    compressedSize: blobs.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0),
    size: view.layers.reduce((sum, { size }) => sum + size, 0),
    distribution,
    settings: config === undefined ? undefined : reportSettings(config.config, shown),
    entrypoint: resolveEntrypoint({
      view,
      shown,
      ownersOf: (path) => packages.ownersOf(path).map(({ name }) => name),
    }),
    layers: reportLayers(view, { commands, named: options.layer }),
    packages: countOwned(view, { nodes, packages, top, named: options.files }),
    users: readUsers(view, { nodes, top }),
    contents: reportContents(nodes, { top }),
    waste: measureWaste(rootfs, { top }),
    dive:
      options.dive === true || limits.some(asksDive)
        ? diveFigures(
            view.layers.map(({ entries }) => entries),
            { top },
          )
        : undefined,
    dockerfile: config === undefined ? undefined : dockerfileOf(view, { distribution, instructions, shown }),
    limits: [],
  };
  return { ...inspection, limits: judgeLimits(inspection, limits) };
}

function dockerfileOf(view: ImageView, facts: Pick<DockerfileFacts, 'distribution' | 'instructions' | 'shown'>) {
  const written = new Map<number, readonly RootfsNode[]>();
  return reconstructDockerfile({
    config: view.config,
    layers: view.layers.length,
    ...facts,
    written: (layer, most) => {
      let nodes = written.get(layer);
      if (nodes === undefined) {
        nodes = (view.rootfs.changes[layer - 1] ?? []).flatMap(({ after }) =>
          after === undefined || after.entry.type === 'directory' ? [] : [after],
        );
        written.set(layer, nodes);
      }
      return { paths: nodes.slice(0, most).map(({ entry }) => entry.path), files: nodes.length };
    },
  });
}
