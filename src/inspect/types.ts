import type { Digest } from '../util/digest.ts';
import type { UserReport } from './accounts.ts';
import type { ContentReport } from './contents.ts';
import type { Distribution } from './distribution.ts';
import type { DiveFigures } from './dive.ts';
import type { Dockerfile } from './dockerfile.ts';
import type { EntrypointReport } from './entrypoint.ts';
import type { LayerReport } from './layers.ts';
import type { LimitResult } from './limit-result.ts';
import type { PackageReport } from './owned-files.ts';
import type { SettingsReport } from './settings.ts';
import type { WasteReport } from './waste.ts';

/** What is in an image. Sizes are bytes, layers are numbered from 1, paths begin with a slash. */
export interface Inspection {
  /** The name under which it was opened. */
  readonly image: string;
  /** Of the manifest; undefined where the form keeps none (docker-archive, engines, file trees). */
  readonly digest: Digest | undefined;
  /** Of the index that the manifest was chosen from; undefined where the name means a manifest. */
  readonly indexDigest: Digest | undefined;
  /** Of an image for several platforms, those that were not looked at. */
  readonly otherPlatforms: readonly string[];
  /** Of the config: what Docker calls the image's ID. */
  readonly configDigest: Digest | undefined;
  /** `linux/amd64` */
  readonly platform: string | undefined;
  /** RFC 3339, as the config has it. */
  readonly created: string | undefined;
  readonly author: string | undefined;
  /** Of all blobs of layers; undefined where the form keeps none. */
  readonly compressedSize: number | undefined;
  /** Of all layers' tars. */
  readonly size: number;
  readonly distribution: Distribution | undefined;
  /** Undefined for a bare file tree. */
  readonly settings: SettingsReport | undefined;
  readonly entrypoint: EntrypointReport | undefined;
  readonly layers: readonly LayerReport[];
  readonly packages: PackageReport;
  readonly users: UserReport;
  readonly contents: ContentReport;
  readonly waste: WasteReport;
  /** Where it was asked for, or a limit is about it. */
  readonly dive: DiveFigures | undefined;
  /** Undefined for a bare file tree. */
  readonly dockerfile: Dockerfile | undefined;
  readonly limits: readonly LimitResult[];
}
