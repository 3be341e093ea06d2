import { SlimimageError } from '../errors.ts';
import { encodeTarEntry, tarPadding } from '../formats/tar/writer.ts';
import { type Digest, Sha256 } from '../util/digest.ts';
import { readRange } from './file-source.ts';
import { FragmentWriter, type WrittenFragment, writeCompressed } from './fragment-writer.ts';
import type { CompressJob, PackEntry, PackJob } from './jobs.ts';

/**
 * Writes a fragment from files of the host.
 * @throws SlimimageError SOURCE_INVALID where a file is no longer the one that was listed.
 */
export function packFiles(job: PackJob, progress: (done: number) => void): WrittenFragment {
  const writer = new FragmentWriter(job.target, job.compression);
  try {
    for (const entry of job.entries) {
      writer.write(encodeTarEntry(entry.header));
      if (entry.header.type === 'file') writeContent(entry, writer);
      writer.write(tarPadding(entry.header.size));
      progress(writer.size);
    }
    return writer.finish();
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

export function compressFragment(job: CompressJob): { compressedSize: number } {
  return { compressedSize: writeCompressed(job.fragment, job.compressed, job.compression) };
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
