import type { ImageSpec } from '../../config/spec.ts';
import type { BillOfMaterials } from '../../sbom/types.ts';
import type { Digest } from '../../util/digest.ts';
import { compareStrings } from '../../util/text.ts';
import type { AssembledPlatform } from '../assemble-platform.ts';
import type { Session } from '../session.ts';
import { fileSha1s } from './file-sha1.ts';
import { sbomFiles } from './sbom-files.ts';
import { sbomCut, sbomPackages } from './sbom-packages.ts';
import type { FileSources } from './sbom-sources.ts';

export interface BillOfMaterialsOptions {
  readonly spec: ImageSpec;
  /** What papers call the image. */
  readonly name: string;
  readonly platform: AssembledPlatform;
  /** Of the platform's manifest. */
  readonly digest: Digest;
  /** Version of slimimage. */
  readonly toolVersion: string;
  readonly session: Pick<Session, 'store' | 'pool' | 'env' | 'signal'>;
  readonly sources: FileSources;
}

/**
 * What one platform's image holds, from what was resolved, assembled and converted: no .deb is opened again.
 * @throws SlimimageError STORE where the store lost a content
 */
export async function billOfMaterials(options: BillOfMaterialsOptions): Promise<BillOfMaterials> {
  const { spec, name, platform, digest, toolVersion, session, sources } = options;
  const [packages, sha1s] = await Promise.all([sbomPackages(spec, platform, session), fileSha1s(platform, session)]);
  return {
    name,
    digest,
    platform: platform.platform,
    created: platform.assembled.created,
    toolVersion,
    packages,
    files: sbomFiles(platform.assembled.tree, { sources, sha1s }),
    sources: sources.list,
    cuts: platform.pruning.cuts.map(sbomCut).sort((a, b) => compareStrings(a.name, b.name)),
    on: platform.base?.digest,
  };
}
