import { closeSync, openSync } from 'node:fs';
import { encodeTarEntry, tarPadding } from '../formats/tar/writer.ts';
import { readRange } from './file-source.ts';
import { FragmentWriter, factsOf } from './fragment-writer.ts';
import type { CutJob } from './jobs.ts';
import type { FragmentFacts } from './types.ts';

/**
 * Writes a fragment from entries of an existing one: for a package of which the merge dropped, moved or changed a
 * path. Contents are copied byte for byte, headers are made anew.
 */
export function cutFragment(job: CutJob): FragmentFacts {
  const writer = plainWriter(job.target);
  const source = openSync(job.fragment, 'r');
  try {
    for (const { header, contentOffset } of job.entries) {
      writer.write(encodeTarEntry(header));
      readRange(source, { offset: contentOffset, length: header.size }, (slice) => writer.write(slice));
      writer.write(tarPadding(header.size));
    }
    return wholeFacts(writer);
  } finally {
    closeSync(source);
    writer.close();
  }
}

/** A writer of a fragment that is compressed later, where it is wanted compressed at all. */
export function plainWriter(file: string): FragmentWriter {
  return new FragmentWriter({ fragment: file, compressed: undefined }, { algorithm: 'none', level: 0 });
}

/** The facts of a fragment written in one part. */
export function wholeFacts(writer: FragmentWriter): FragmentFacts {
  const part = writer.endPart();
  return factsOf(part === undefined ? [] : [part]);
}
