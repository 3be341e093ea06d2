import type { CheckImageOptions, ImageCheck } from '../build/check/check-image.ts';
import type { BuildOptions } from '../build/types.ts';
import type { formatDifference as format } from '../compare/format-difference.ts';
import type { FileDifference, ImageDifference } from '../compare/types.ts';
import type { Inspection } from '../inspect/types.ts';
import type { DiffFileOptions, DiffImagesOptions } from '../look/diff-images.ts';
import type { ExtractOptions, ExtractReport } from '../look/extract-image.ts';
import type { InspectImageOptions } from '../look/inspect-image.ts';
import type { ListedEntry, ListImageOptions } from '../look/list-image.ts';
import type { ReadImageFileOptions } from '../look/read-image-file.ts';
import type { ImageVerification } from '../look/verify/types.ts';
import type { VerifyImageOptions } from '../look/verify/verify-image.ts';
import { type Anywhere, surroundings } from './surroundings.ts';

/** The file tree of an image (`store:NAME`, `oci:DIR`, `docker-archive:FILE`, ...), or what one of its layers has, sorted by path. */
export async function listImage(
  image: string,
  options: Anywhere<ListImageOptions> = {},
): Promise<readonly ListedEntry[]> {
  const { listImageTree } = await import('../look/list-image.ts');
  return listImageTree(image, { ...options, ...surroundings(options) });
}

/** Gives the content of one file of an image to `options.write`, symlinks followed inside the image; resolves to its bytes. */
export async function readImageFile(
  image: string,
  path: string,
  options: Anywhere<ReadImageFileOptions>,
): Promise<number> {
  const { readImageFile: read } = await import('../look/read-image-file.ts');
  return read(image, path, { ...options, ...surroundings(options) });
}

/** Takes files and folders out of an image into a new folder, or as a tar. */
export async function extractImage(image: string, options: Anywhere<ExtractOptions>): Promise<ExtractReport> {
  const { extractImage: extract } = await import('../look/extract-image.ts');
  return extract(image, { ...options, ...surroundings(options) });
}

/** What one image has otherwise than another, wherever they are: packages, files, config, history, size, layers, findings. */
export async function diffImages(
  from: string,
  to: string,
  options: Anywhere<DiffImagesOptions> = {},
): Promise<ImageDifference> {
  return (await import('../look/diff-images.ts')).diffImages(from, to, { ...options, ...surroundings(options) });
}

/** What became of one file from one image to another; of text, as a unified difference. */
export async function diffFile(from: string, to: string, options: Anywhere<DiffFileOptions>): Promise<FileDifference> {
  return (await import('../look/diff-file.ts')).diffFile(from, to, { ...options, ...surroundings(options) });
}

/** A difference as a document: Markdown for a pull request, or a page of HTML that stands alone (of images). */
export async function formatDifference(...given: Parameters<typeof format>): Promise<string> {
  return (await import('../compare/format-difference.ts')).formatDifference(...given);
}

/** Writes an answer, given in pieces, to a file, whole or not at all. */
export async function writeAnswer(
  pieces: Iterable<string>,
  file: string,
  options: Pick<BuildOptions, 'cwd'> = {},
): Promise<void> {
  return (await import('../look/write-answer.ts')).writeAnswer(pieces, file, surroundings(options));
}

/**
 * What is in an image, wherever it is: config, layers, packages, users, what it starts, what is big, double or wasted, and the Dockerfile that
 * may have made it. `failOn` are limits such as `waste>10MB`, judged in the answer.
 */
export async function inspectImage(image: string, options: Anywhere<InspectImageOptions> = {}): Promise<Inspection> {
  const { inspectImage: inspect } = await import('../look/inspect-image.ts');
  return inspect(image, { ...options, ...surroundings(options) });
}

/**
 * Whether an image would run, wherever it is: what it lacks of libraries, symbol versions, interpreters, and whether its user can
 * start its entrypoint. Nothing of it is run.
 */
export async function checkImage(image: string, options: Anywhere<CheckImageOptions> = {}): Promise<ImageCheck> {
  const { checkImage: check } = await import('../build/check/check-image.ts');
  return check(image, { ...options, ...surroundings(options) });
}

/** What of an image is proven, by what, and what is not: its blobs, files, packages, provenance, signatures. */
export async function verifyImage(
  image: string,
  options: Anywhere<VerifyImageOptions> = {},
): Promise<ImageVerification> {
  const { verifyImage: verify } = await import('../look/verify/verify-image.ts');
  return verify(image, { ...options, ...surroundings(options) });
}
