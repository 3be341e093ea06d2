import { SlimimageError } from '../errors.ts';
import { repositoryOf } from '../image/registry-image.ts';
import { parseLocation } from '../oci/location.ts';
import { formatReference } from '../oci/reference.ts';
import type { Registries, RegistryTarget } from '../registry/types.ts';
import { isReferrersTag } from '../store/referrers.ts';

export interface RepositoryTags {
  /** `registry.example/team/app` */
  readonly repository: string;
  /** In code-unit order. */
  readonly tags: readonly string[];
  /** `sha256-HEX`, `sha256-HEX.sig`: names of no image, but of what is attached to one, where the registry keeps no lists of that. */
  readonly referrerTags: readonly string[];
}

export interface DeletedReference {
  readonly repository: string;
  /** The tag, or the digest of the manifest that went with all of its tags. */
  readonly deleted: string;
}

/**
 * The tags of a repository (`docker://HOST/REPO`, `HOST/REPO`).
 * @throws SlimimageError REFERENCE_INVALID, OFFLINE, and what asking the registry brings about
 */
export async function listTags(repository: string, registries: Registries): Promise<RepositoryTags> {
  const { target, name } = await openNamed(repository, registries);
  const all = await target.listTags();
  return {
    repository: name,
    tags: all.filter((tag) => !isOfReferrers(tag)),
    referrerTags: all.filter(isOfReferrers),
  };
}

/**
 * Removes a tag, or a manifest by its digest with every tag of it.
 * @throws SlimimageError REFERENCE_INVALID, IMAGE_NOT_FOUND where there is none, HTTP_STATUS where the registry does not allow it
 */
export async function deleteReference(
  repository: string,
  reference: string,
  registries: Registries,
): Promise<DeletedReference> {
  const { target, name } = await openNamed(repository, registries);
  if (await target.delete(reference)) return { repository: name, deleted: reference };
  throw new SlimimageError({
    code: 'IMAGE_NOT_FOUND',
    message: `${name} has no ${reference}`,
    hint: `"slimimage tags docker://${name}" lists what is there.`,
  });
}

/** Of papers by the specification, and of signatures, attestations and SBOMs as older cosigns keep them. */
function isOfReferrers(tag: string): boolean {
  return isReferrersTag(tag.replace(/\.(?:sig|att|sbom)$/, ''));
}

async function openNamed(
  text: string,
  registries: Registries,
): Promise<{ readonly target: RegistryTarget; readonly name: string }> {
  const location = parseLocation(text);
  if (location.type !== 'registry' || location.reference.tag !== undefined || location.reference.digest !== undefined) {
    throw new SlimimageError({
      code: 'REFERENCE_INVALID',
      message: `"${text.slice(0, 200)}" is not a repository of a registry`,
      hint: 'Write docker://HOST/REPOSITORY, without a tag.',
    });
  }
  const target = await repositoryOf(location.reference, { registries });
  return { target, name: formatReference(location.reference) };
}
