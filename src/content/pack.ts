import { join } from 'node:path';
import { SlimimageError } from '../errors.ts';
import { encodeTarEntry, tarPadding } from '../formats/tar/writer.ts';
import { type Digest, Sha256 } from '../util/digest.ts';
import { plainWriter, wholeFacts } from './cut.ts';
import { readRange } from './file-source.ts';
import { contentFiles } from './folders.ts';
import { compressRanges, type FragmentWriter } from './fragment-writer.ts';
import { writeCompressedIndex } from './index-file.ts';
import type { CompressJob, PackEntry, PackJob } from './jobs.ts';
import type { FragmentFacts } from './types.ts';

/**
 * Writes a fragment from files of the host.
 * @throws SlimimageError SOURCE_INVALID where a file is no longer the one that was listed.
 */
export function packFiles(job: PackJob, progress: (done: number) => void): FragmentFacts {
  const writer = plainWriter(job.target);
  try {
    for (const entry of job.entries) {
      writer.write(encodeTarEntry(entry.header));
      if (entry.header.type === 'file') writeContent(entry, writer);
      writer.write(tarPadding(entry.header.size));
      progress(writer.position);
    }
    return wholeFacts(writer);
  } finally {
    writer.close();
  }
}

export function hashFiles(
  job: { readonly files: readonly string[] },
  progress: (done: number) => void,
): readonly Digest[] {
  let done = 0;
  return job.files.map((file) => {
    const hash = new Sha256();
    readRange(file, { offset: 0 }, (slice) => hash.update(slice));
    done += hash.size;
    progress(done);
    return hash.digest();
  });
}

export async function compressFragment(job: CompressJob): Promise<undefined> {
  const { fragment: file, ranges, folder, compression } = job;
  const target = join(folder, contentFiles.compressed);
  writeCompressedIndex(folder, await compressRanges({ file, ranges }, target, compression));
  return undefined;
}

function writeContent(entry: PackEntry, writer: FragmentWriter): void {
  const hash = new Sha256();
  const file = entry.file ?? '';
  readRange(file, { offset: 0 }, (slice) => {
    hash.update(slice);
    if (hash.size <= entry.header.size) writer.write(slice);
  });
  if (hash.size !== entry.header.size || hash.digest() !== `sha256:${entry.sha256}`) {
    throw new SlimimageError({
      code: 'SOURCE_INVALID',
      message: `${file} changed while it was being read`,
      hint: 'Run the build again when nothing writes to it.',
    });
  }
}
