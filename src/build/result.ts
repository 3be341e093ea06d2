import type { ImageSpec } from '../config/spec.ts';
import { defaultOmission } from '../content/filters.ts';
import type { Content, OmittedPath } from '../content/types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { formatPlatform } from '../oci/platform.ts';
import type { Pruning } from '../prune/types.ts';
import { compareStrings } from '../util/text.ts';
import type { AssembledTree } from './assemble.ts';
import type { BaseImage } from './base-image.ts';
import type { PlatformContents } from './contents.ts';
import type { ImageDocuments } from './image.ts';
import type { BuiltLayer } from './layers/build-layers.ts';
import { identityOf, isRequested } from './plan.ts';
import type { ResolvedPlatform } from './resolve.ts';
import type { JudgedScripts } from './scripts.ts';
import type { BuiltPackage, LayerResult, OmittedGroup, PlatformResult, StrippedPermission } from './types.ts';

export interface PlatformParts {
  readonly spec: ImageSpec;
  readonly resolved: ResolvedPlatform;
  readonly contents: PlatformContents;
  readonly assembled: AssembledTree;
  /** Of this build, the lowest first. */
  readonly layers: readonly BuiltLayer[];
  readonly documents: ImageDocuments;
  readonly base: BaseImage | undefined;
  readonly pruning: Pruning;
  readonly scripts: JudgedScripts;
  readonly check: PlatformResult['check'];
}

/** What was built for one platform, as plain data for the summary. */
export function platformResult(parts: PlatformParts): PlatformResult {
  const { resolved, documents, contents } = parts;
  return {
    platform: formatPlatform(resolved.platform),
    manifest: documents.manifest.descriptor.digest,
    config: documents.config.descriptor.digest,
    layers: layerResults(parts),
    packages: builtPackages(parts),
    files: configuredFiles(parts),
    leftOut: parts.assembled.leftOut.map((path) => `/${path}`),
    omitted: omittedGroups([...contents.packages.values()].map(({ content }) => content)),
    stripped: strippedPermissions(parts),
    pruning: parts.pruning,
    scripts: parts.scripts.reports,
    check: parts.check,
    bytecode: parts.assembled.bytecode,
    notes: parts.assembled.notes,
    releases: resolved.releases,
  };
}

function layerResults({ layers, documents, base }: PlatformParts): readonly LayerResult[] {
  const inherited = base?.layerResults ?? [];
  const own = layers.map((layer, at): LayerResult => {
    const { mediaType } = documents.layers[inherited.length + at] as Descriptor;
    const { digest, diffId, size, compressedSize, what } = layer;
    return { digest, mediaType, diffId, size, compressedSize, inherited: false, what };
  });
  return [...inherited, ...own];
}

function builtPackages({ resolved, assembled }: PlatformParts): readonly BuiltPackage[] {
  const sums = new Map<string, { files: number; bytes: number }>();
  for (const { entry, source } of assembled.tree.nodes()) {
    if (source.type !== 'package' || entry.type === 'directory') continue;
    const sum = sums.get(source.package) ?? { files: 0, bytes: 0 };
    sums.set(source.package, { files: sum.files + 1, bytes: sum.bytes + entry.size });
  }
  return resolved.resolution.packages.map((one) => {
    const { files, bytes } = sums.get(one.record.name) ?? { files: 0, bytes: 0 };
    return { ...identityOf(one.record), requested: isRequested(one), installedBytes: bytes, files };
  });
}

function configuredFiles({ assembled }: PlatformParts): PlatformResult['files'] {
  let count = 0;
  let bytes = 0;
  for (const { entry, source } of assembled.tree.nodes()) {
    const configured = source.type === 'file' || (source.type === 'bytes' && source.rule.startsWith('paths:'));
    if (!configured) continue;
    count += 1;
    bytes += entry.size;
  }
  return { count, bytes };
}

/** What the filters left out of some packages, by reason; the largest group first. */
export function omittedGroups(contents: readonly Content[]): readonly OmittedGroup[] {
  const groups = new Map<string, { count: number; bytes: number }>();
  for (const path of contents.flatMap(({ index }) => index.omitted)) {
    const reason = reasonOf(path);
    const group = groups.get(reason) ?? { count: 0, bytes: 0 };
    groups.set(reason, { count: group.count + 1, bytes: group.bytes + path.size });
  }
  return [...groups]
    .map(([reason, group]) => ({ reason, ...group }))
    .sort((a, b) => b.bytes - a.bytes || compareStrings(a.reason, b.reason));
}

function reasonOf({ path }: OmittedPath): string {
  return defaultOmission(path) ?? 'excluded by the configuration';
}

/** Special permissions that the packages have and the image has not, sorted by path. */
export function strippedPermissions({ assembled }: Pick<PlatformParts, 'assembled'>): readonly StrippedPermission[] {
  const stripped: StrippedPermission[] = [];
  for (const { entry, source } of assembled.tree.nodes()) {
    if (source.type !== 'package' || source.origin.stripped === undefined) continue;
    const { mode, capability } = source.origin.stripped;
    const kept = mode === entry.mode || (mode === undefined && entry.xattrs?.has('security.capability'));
    if (!kept) stripped.push({ package: source.package, path: `/${entry.path}`, mode, capability });
  }
  return stripped.sort((a, b) => compareStrings(a.path, b.path));
}
