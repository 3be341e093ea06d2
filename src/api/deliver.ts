import type { CopyOptions, ReadPaperOptions, SignOptions } from '../build/deliver-operations.ts';
import type { CopyResult } from '../deliver/copy.ts';
import type { ReadPaper } from '../deliver/read-paper.ts';
import type { SignReport } from '../deliver/sign.ts';
import type { DeletedReference, RepositoryTags } from '../deliver/tags.ts';
import type { RegistriesOptions } from '../registry/open.ts';
import { type Anywhere, surroundings } from './surroundings.ts';

/**
 * An SBOM or the provenance of an image: what is attached to it or lies beside it, held against the image's digest.
 * @throws SlimimageError PAPER_NOT_FOUND with what there is
 */
export async function readPaper(image: string, options: Anywhere<ReadPaperOptions> = {}): Promise<ReadPaper> {
  const { readPaperOf } = await import('../build/deliver-operations.ts');
  return readPaperOf(image, { ...options, ...surroundings(options) });
}

/**
 * Copies an image between any two places (`store:`, `oci:`, `oci-archive:`, `docker-archive:`, `docker-daemon:`, `docker://`, `tar:`, `dir:`), with
 * what refers to it. Between those that keep digests the digest stays the same.
 */
export async function copyImage(
  source: string,
  destination: string,
  options: Anywhere<CopyOptions> = {},
): Promise<CopyResult> {
  const { copyBetween } = await import('../build/deliver-operations.ts');
  return copyBetween(source, destination, { ...options, ...surroundings(options) });
}

/** The tags of a repository of a registry: `docker://HOST/REPO`. */
export async function listTags(repository: string, options: Anywhere<RegistriesOptions> = {}): Promise<RepositoryTags> {
  const { listRepositoryTags } = await import('../build/deliver-operations.ts');
  return listRepositoryTags(repository, { ...options, ...surroundings(options) });
}

/** Removes a tag from a repository, or a manifest by its digest with every tag of it. */
export async function deleteTag(
  repository: string,
  reference: string,
  options: Anywhere<RegistriesOptions> = {},
): Promise<DeletedReference> {
  const { deleteFromRepository } = await import('../build/deliver-operations.ts');
  return deleteFromRepository(repository, reference, { ...options, ...surroundings(options) });
}

/**
 * Signs an image with a local key where it is (`store:`, `oci:`, `docker://`): the image, each of its platforms, and the papers
 * that slimimage attached to them. `cosign verify` and `cosign verify-attestation` read it.
 */
export async function signImage(image: string, options: Anywhere<SignOptions>): Promise<SignReport> {
  const { signWhereItIs } = await import('../build/deliver-operations.ts');
  return signWhereItIs(image, { ...options, ...surroundings(options) });
}
