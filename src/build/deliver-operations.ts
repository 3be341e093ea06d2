import type { CopyImageOptions, CopyResult } from '../deliver/copy.ts';
import type { PaperOptions, ReadPaper } from '../deliver/read-paper.ts';
import type { SignReport } from '../deliver/sign.ts';
import type { SignNamedOptions } from '../deliver/sign-named.ts';
import type { DeletedReference, RepositoryTags } from '../deliver/tags.ts';
import type { RegistriesOptions } from '../registry/open.ts';
import { type PlacesOptions, withPlaces, withRegistries } from './with-places.ts';

export interface CopyOptions extends CopyImageOptions, PlacesOptions {}
export interface ReadPaperOptions extends PaperOptions, PlacesOptions {}
export interface SignOptions extends SignNamedOptions, PlacesOptions {}

/** @throws SlimimageError as copyImage */
export async function copyBetween(source: string, destination: string, options: CopyOptions): Promise<CopyResult> {
  const { copyImage } = await import('../deliver/copy.ts');
  return withPlaces(options, (places) => copyImage(source, destination, { ...options, ...places }));
}

/** @throws SlimimageError as readPaper */
export async function readPaperOf(image: string, options: ReadPaperOptions): Promise<ReadPaper> {
  const { readPaper } = await import('../deliver/read-paper.ts');
  return withPlaces(options, (places) => readPaper(image, { ...options, ...places }));
}

/** @throws SlimimageError as signNamed */
export async function signWhereItIs(image: string, options: SignOptions): Promise<SignReport> {
  const { signNamed } = await import('../deliver/sign-named.ts');
  return withPlaces(options, (places) => signNamed(image, { ...options, ...places }));
}

/** @throws SlimimageError as listTags */
export async function listRepositoryTags(repository: string, options: RegistriesOptions): Promise<RepositoryTags> {
  const { listTags } = await import('../deliver/tags.ts');
  return withRegistries(options, (registries) => listTags(repository, registries));
}

/** @throws SlimimageError as deleteReference */
export async function deleteFromRepository(
  repository: string,
  reference: string,
  options: RegistriesOptions,
): Promise<DeletedReference> {
  const { deleteReference } = await import('../deliver/tags.ts');
  return withRegistries(options, (registries) => deleteReference(repository, reference, registries));
}
