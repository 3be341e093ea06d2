import type { Compression } from '../oci/compression.ts';
import type { Pin } from '../solver/types.ts';
import type {
  AcceptSetting,
  AllowSetting,
  ArchiveSetting,
  FileSetting,
  GroupSetting,
  Healthcheck,
  ImageSpec,
  LayersSetting,
  PathRule,
  PathSetting,
  UserSetting,
} from './spec.ts';

/**
 * What one file, or the flags, say: meanings given, paths absolute, nothing filled in.
 * Several of them, merged, make an ImageSpec.
 */
export interface SpecLayer {
  readonly from?: string | undefined;
  readonly components?: readonly string[] | undefined;
  readonly suites?: readonly string[] | undefined;
  readonly name?: string | undefined;
  readonly archives?: readonly ArchiveSetting[] | undefined;
  readonly mirrors?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly snapshot?: string | undefined;
  readonly packages?: readonly string[] | undefined;
  readonly omit?: readonly string[] | undefined;
  readonly dependencies?: ImageSpec['dependencies'] | undefined;
  readonly keep?: readonly string[] | undefined;
  readonly recommends?: boolean | undefined;
  readonly essential?: boolean | undefined;
  readonly pins?: readonly Pin[] | undefined;
  readonly base?: ImageSpec['base'] | undefined;
  readonly on?: string | undefined;
  readonly platforms?: readonly string[] | undefined;
  readonly include?: readonly PathRule[] | undefined;
  readonly exclude?: readonly PathRule[] | undefined;
  readonly specialPermissions?: readonly string[] | undefined;
  readonly files?: readonly FileSetting[] | undefined;
  readonly paths?: readonly PathSetting[] | undefined;
  readonly users?: readonly UserSetting[] | undefined;
  readonly groups?: readonly GroupSetting[] | undefined;
  readonly certificates?: readonly string[] | undefined;
  readonly locales?: readonly string[] | undefined;
  readonly bytecode?: boolean | undefined;
  readonly accept?: readonly AcceptSetting[] | undefined;
  readonly allow?: readonly AllowSetting[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly entrypoint?: readonly string[] | undefined;
  readonly cmd?: readonly string[] | undefined;
  readonly workdir?: string | undefined;
  readonly user?: string | undefined;
  readonly ports?: readonly string[] | undefined;
  readonly volumes?: readonly string[] | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly stopSignal?: string | undefined;
  readonly healthcheck?: Healthcheck | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly compression?: Compression | undefined;
  readonly layers?: LayersSetting | undefined;
  readonly created?: number | undefined;
}
