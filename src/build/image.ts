import type { ImageConfigSetting, ImageSpec } from '../config/spec.ts';
import { compressionName } from '../oci/compression.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { HistoryEntry, ImageConfig, RuntimeConfig } from '../oci/documents.ts';
import { type EncodedDocument, encodeImageConfig, encodeManifest } from '../oci/encode.ts';
import { layerMediaType } from '../oci/media-types.ts';
import type { Platform } from '../oci/platform.ts';
import type { WrittenLayer } from './write-layer.ts';

/** A layer of this build. */
export interface ImageLayerPart extends WrittenLayer {
  /** What it holds, for the history. */
  readonly comment: string;
}

/** What programs find when nobody says otherwise (Debian Policy has none; login's and Docker's default agree on it). */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface ImageParts {
  readonly spec: ImageSpec;
  readonly platform: Platform;
  /** Seconds since the epoch. */
  readonly created: number;
  /** `uid:gid`. */
  readonly user: string;
  /** Of this build, the lowest first; at least one. */
  readonly layers: readonly ImageLayerPart[];
  /** The image of `on:`. */
  readonly base: { readonly config: ImageConfig; readonly layers: readonly Descriptor[] } | undefined;
}

export interface ImageDocuments {
  readonly config: EncodedDocument;
  readonly manifest: EncodedDocument;
  readonly layers: readonly Descriptor[];
}

/** The config and the manifest of one platform's image: a function of its parts alone. */
export function imageDocuments(parts: ImageParts): ImageDocuments {
  const config = encodeImageConfig(imageConfig(parts));
  const layers = [...(parts.base?.layers ?? []), ...parts.layers.map((layer) => layerDescriptor(layer, parts.spec))];
  const manifest = encodeManifest({ config: config.descriptor, layers, annotations: parts.spec.annotations });
  return { config, manifest, layers };
}

function layerDescriptor(layer: WrittenLayer, spec: ImageSpec): Descriptor {
  return {
    mediaType: layerMediaType(spec.compression.algorithm),
    digest: layer.digest,
    size: layer.compressedSize,
    // Another compressor gives other bytes for the same diff ID: whoever compares wants to know which one it was.
    annotations: { 'io.slimimage.compressor': `node-zlib ${compressionName(spec.compression)}` },
  };
}

function imageConfig(parts: ImageParts): ImageConfig {
  const { platform, layers, base } = parts;
  const created = new Date(parts.created * 1000).toISOString().replace('.000Z', 'Z');
  const history = layers.map(({ comment }): HistoryEntry => ({ created, created_by: 'slimimage build', comment }));
  return {
    created,
    architecture: platform.architecture,
    os: platform.os,
    variant: platform.variant,
    config: runtimeConfig(parts),
    rootfs: {
      type: 'layers',
      diff_ids: [...(base?.config.rootfs.diff_ids ?? []), ...layers.map(({ diffId }) => diffId)],
    },
    history: [...(base?.config.history ?? []), ...history],
  };
}

export interface RuntimeParts extends Pick<ImageParts, 'spec' | 'user'> {
  readonly base: { readonly config: ImageConfig } | undefined;
}

/** The configuration's settings; with `on:`, over those of the image below, as a Dockerfile's instructions would. */
export function runtimeConfig({ spec, user, base }: RuntimeParts): RuntimeConfig {
  const below = base?.config.config ?? {};
  const { config } = spec;
  return {
    User: user,
    Env: environment(below.Env ?? defaultEnvironment(spec), config.env),
    Entrypoint: config.entrypoint ?? below.Entrypoint,
    // A new entrypoint makes the old arguments meaningless (Dockerfile reference, ENTRYPOINT).
    Cmd: config.cmd ?? (config.entrypoint === undefined ? below.Cmd : undefined),
    WorkingDir: config.workdir ?? below.WorkingDir,
    ExposedPorts: emptyObjects({ ...below.ExposedPorts }, config.ports),
    Volumes: emptyObjects({ ...below.Volumes }, config.volumes),
    Labels: unlessEmpty({ ...below.Labels, ...config.labels }),
    StopSignal: config.stopSignal ?? below.StopSignal,
    Healthcheck: healthcheck(config) ?? below.Healthcheck,
  };
}

function defaultEnvironment(spec: ImageSpec): readonly string[] {
  return spec.base === 'none' ? [] : [`PATH=${defaultPath}`];
}

function environment(below: readonly string[], own: Readonly<Record<string, string>>): readonly string[] | undefined {
  const variables = new Map(below.map((line) => [line.split('=', 1)[0] as string, line]));
  for (const [name, value] of Object.entries(own)) variables.set(name, `${name}=${value}`);
  return variables.size === 0 ? undefined : [...variables.values()];
}

function emptyObjects(below: Readonly<Record<string, object>>, names: readonly string[]) {
  return unlessEmpty({ ...below, ...Object.fromEntries(names.map((name) => [name, {}])) });
}

function healthcheck({ healthcheck: setting }: ImageConfigSetting): RuntimeConfig['Healthcheck'] {
  if (setting === undefined) return undefined;
  const { test, interval, timeout, startPeriod, retries } = setting;
  return { Test: test, Interval: interval, Timeout: timeout, StartPeriod: startPeriod, Retries: retries };
}

function unlessEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}
