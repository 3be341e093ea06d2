import type { Digest } from '../util/digest.ts';
import type { Annotations, Descriptor } from './descriptor.ts';

/** OCI image-spec, manifest.md; also Docker's schema 2. */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string | undefined;
  readonly artifactType?: string | undefined;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor | undefined;
  readonly annotations?: Annotations | undefined;
}

/** OCI image-spec, image-index.md; also Docker's manifest list, and the `index.json` of a layout. */
export interface ImageIndex {
  readonly schemaVersion: 2;
  readonly mediaType?: string | undefined;
  readonly artifactType?: string | undefined;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor | undefined;
  readonly annotations?: Annotations | undefined;
}

/** OCI image-spec, config.md. Members that slimimage does not know are kept as they are. */
export interface ImageConfig {
  /** RFC 3339. */
  readonly created?: string | undefined;
  readonly author?: string | undefined;
  readonly architecture: string;
  readonly variant?: string | undefined;
  readonly os: string;
  readonly 'os.version'?: string | undefined;
  readonly 'os.features'?: readonly string[] | undefined;
  readonly config?: RuntimeConfig | undefined;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] };
  readonly history?: readonly HistoryEntry[] | undefined;
}

/** What the runtime does with the image. */
export interface RuntimeConfig {
  readonly User?: string | undefined;
  readonly ExposedPorts?: Readonly<Record<string, object>> | undefined;
  /** `NAME=value`. */
  readonly Env?: readonly string[] | undefined;
  readonly Entrypoint?: readonly string[] | undefined;
  readonly Cmd?: readonly string[] | undefined;
  readonly Volumes?: Readonly<Record<string, object>> | undefined;
  readonly WorkingDir?: string | undefined;
  readonly Labels?: Readonly<Record<string, string>> | undefined;
  readonly StopSignal?: string | undefined;
  /** Docker's extension, read by Docker and Podman. Durations in nanoseconds. */
  readonly Healthcheck?: HealthcheckConfig | undefined;
}

export interface HealthcheckConfig {
  readonly Test?: readonly string[] | undefined;
  readonly Interval?: number | undefined;
  readonly Timeout?: number | undefined;
  readonly StartPeriod?: number | undefined;
  readonly Retries?: number | undefined;
}

export interface HistoryEntry {
  readonly created?: string | undefined;
  readonly author?: string | undefined;
  readonly created_by?: string | undefined;
  readonly comment?: string | undefined;
  readonly empty_layer?: boolean | undefined;
}
