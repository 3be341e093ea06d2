import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import type { HashedRun, Sha1Job } from './jobs.ts';

/** Memory per worker; every file is read through it. */
const blockSize = 1024 * 1024;

/**
 * SHA-1 of runs of bytes, for documents that demand it. Null for a run that no longer has the sha256 that it had: what is not the image's
 * file gets no hash.
 */
export function sha1Runs({ runs }: Sha1Job, progress: (done: number) => void): readonly (string | null)[] {
  const block = new Uint8Array(blockSize);
  const open: { file: string; descriptor: number }[] = [];
  let done = 0;
  try {
    return runs.map((run) => {
      if (open[0]?.file !== run.file) {
        for (const { descriptor } of open.splice(0)) closeSync(descriptor);
        open.push({ file: run.file, descriptor: openSync(run.file, 'r') });
      }
      const sha1 = sha1Of(run, { descriptor: open[0]?.descriptor ?? 0, block });
      done += run.length;
      progress(done);
      return sha1;
    });
  } finally {
    for (const { descriptor } of open) closeSync(descriptor);
  }
}

function sha1Of(run: HashedRun, { descriptor, block }: { descriptor: number; block: Uint8Array }): string | null {
  const sha1 = createHash('sha1');
  const sha256 = createHash('sha256');
  for (let at = 0; at < run.length; ) {
    const count = readSync(descriptor, block, 0, Math.min(block.length, run.length - at), run.offset + at);
    if (count === 0) return null;
    const slice = block.subarray(0, count);
    sha1.update(slice);
    sha256.update(slice);
    at += count;
  }
  return sha256.digest('hex') === run.sha256 ? sha1.digest('hex') : null;
}
