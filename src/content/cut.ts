import { closeSync, openSync } from 'node:fs';
import { encodeTarEntry, tarPadding } from '../formats/tar/writer.ts';
import { readRange } from './file-source.ts';
import { FragmentWriter, type WrittenFragment } from './fragment-writer.ts';
import type { CutJob } from './jobs.ts';

/**
 * Writes a fragment from entries of an existing one: for a package of which the merge dropped, moved or changed a
 * path. Contents are copied byte for byte, headers are made anew.
 */
export function cutFragment(job: CutJob): WrittenFragment {
  const writer = new FragmentWriter(job.target, job.compression);
  const source = openSync(job.fragment, 'r');
  try {
    for (const { header, contentOffset } of job.entries) {
      writer.write(encodeTarEntry(header));
      readRange(source, { offset: contentOffset, length: header.size }, (slice) => writer.write(slice));
      writer.write(tarPadding(header.size));
    }
    return writer.finish();
  } finally {
    closeSync(source);
    writer.close();
  }
}
