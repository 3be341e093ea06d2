import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { hostPlatform } from '../image/host-platform.ts';
import { limits } from '../limits.ts';
import type { PaperKind } from '../oci/papers.ts';
import { formatPlatform } from '../oci/platform.ts';
import { diskError, isMissing } from '../store/disk-error.ts';
import { type Digest, hexOf } from '../util/digest.ts';
import { besideFile } from './beside-file.ts';

export interface BesideOptions {
  readonly kind: PaperKind;
  /** Of the image: files of several are named by it. Default the machine's. */
  readonly platform: string | undefined;
  /** Manifests by which a paper may name the image; [] where its form keeps no digests, and any will do. */
  readonly subjects: readonly Digest[];
  readonly cwd: string;
}

/**
 * The paper beside an image that is a file; undefined where there is none. A file that speaks of another image is passed over for the next.
 * @throws SlimimageError DIGEST_MISMATCH where all that is there speaks of other images, LIMIT_EXCEEDED beyond `limits.paperBytes`, IO
 */
export async function readBeside(image: string, options: BesideOptions): Promise<Uint8Array | undefined> {
  const { kind, subjects, cwd } = options;
  const platform = options.platform ?? formatPlatform(hostPlatform());
  let other: string | undefined;
  for (const file of [besideFile(image, { kind, platform }), besideFile(image, { kind })]) {
    const bytes = file === undefined ? undefined : await readPaperFile(resolve(cwd, file));
    if (bytes === undefined) continue;
    if (subjects.length === 0 || subjects.some((digest) => Buffer.from(bytes).includes(hexOf(digest)))) return bytes;
    other ??= file;
  }
  if (other !== undefined) throw ofAnother(other, { image, subjects });
  return undefined;
}

/** Undefined where there is no such file. @throws SlimimageError LIMIT_EXCEEDED beyond `limits.paperBytes`, IO */
export async function readPaperFile(file: string): Promise<Uint8Array | undefined> {
  try {
    const handle = await open(file, 'r');
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) return undefined;
      if (stats.size > limits.paperBytes) {
        const message = `${file} is larger than ${limits.paperBytes} bytes`;
        throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message });
      }
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw diskError(cause, `cannot read ${file}`, 'IO');
  }
}

function ofAnother(
  file: string,
  { image, subjects }: { readonly image: string; readonly subjects: readonly Digest[] },
): SlimimageError {
  return new SlimimageError({
    code: 'DIGEST_MISMATCH',
    message: `${file} speaks of another image than ${image}, which is ${subjects.join(' or ')}`,
    hint: 'Build the image again: its papers are written beside it.',
  });
}
