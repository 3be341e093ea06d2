import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decompress } from '../codecs/decompress.ts';
import { type DebPart, locateDebParts } from '../formats/deb/locate.ts';
import { type TarHandler, TarReader } from '../formats/tar/reader.ts';
import { limits } from '../limits.ts';
import { ControlTar } from './control-tar.ts';
import { DataTar } from './data-tar.ts';
import { FragmentWriter, type WrittenFragment } from './fragment-writer.ts';
import { encodeIndex } from './index-file.ts';
import type { ConvertJob } from './jobs.ts';
import { Spool } from './spool.ts';
import { writeContent } from './write-content.ts';

/** File names inside a content's folders. */
export const contentFiles = {
  fragment: 'fragment',
  compressed: 'compressed',
  index: 'index.json',
  spool: 'spool',
} as const;

/** Bytes of file contents that a conversion keeps in memory before it spools to disk. */
const spoolMemory = 32 * 1024 * 1024;

/** Bytes of the .deb that are read at a time. */
const readSize = 256 * 1024;

/**
 * Converts a .deb into a content: its tar fragment, plain and compressed, and its index. Memory is bounded by the
 * spool, whatever the package's size. Runs in a worker thread.
 * @throws SlimimageError DEB_INVALID, AR_INVALID, TAR_INVALID, COMPRESSION_INVALID, LIMIT_EXCEEDED, PATH_UNSAFE.
 */
export async function convertDeb(job: ConvertJob, progress: (done: number) => void): Promise<WrittenFragment> {
  const deb = openSync(job.deb, 'r');
  const spool = new Spool(join(job.folder, contentFiles.spool), spoolMemory);
  try {
    const parts = locateDebParts({
      what: job.label,
      size: fstatSync(deb).size,
      read: (offset, length) => readExactly(deb, offset, length),
    });
    const control = new ControlTar(job.label);
    await readTar(partChunks(deb, parts.control), control, {
      part: parts.control,
      maxOutput: limits.controlTarBytes,
      what: `${job.label}: control.tar`,
    });
    const facts = control.facts(job.layout);
    const data = new DataTar({ layout: job.layout, spool, label: job.label });
    await readTar(partChunks(deb, parts.data, progress), data, {
      part: parts.data,
      maxOutput: limits.dataTarBytes,
      what: `${job.label}: data.tar`,
    });
    return writeFiles({ job, facts, data });
  } finally {
    spool.close();
    closeSync(deb);
  }
}

interface ConvertedParts {
  readonly job: ConvertJob;
  readonly facts: ReturnType<ControlTar['facts']>;
  readonly data: DataTar;
}

function writeFiles({ job, facts, data }: ConvertedParts): WrittenFragment {
  const compressed =
    job.compressedFolder === undefined ? undefined : join(job.compressedFolder, contentFiles.compressed);
  const writer = new FragmentWriter({ fragment: join(job.folder, contentFiles.fragment), compressed }, job.compression);
  try {
    const content = writeContent(
      { members: data.members, control: facts, filters: job.filters, label: job.label },
      writer,
    );
    const written = writer.finish();
    const { control, name, version, architecture, conffiles, scripts } = facts;
    const fragment = { size: written.size, crc32: written.crc32 };
    const index = encodeIndex({
      format: 1,
      control,
      name,
      version,
      architecture,
      conffiles,
      scripts,
      fragment,
      ...content,
    });
    writeFileSync(join(job.folder, contentFiles.index), index);
    return written;
  } finally {
    writer.close();
  }
}

interface ReadTarOptions {
  readonly part: DebPart;
  readonly maxOutput: number;
  readonly what: string;
}

async function readTar(chunks: Iterable<Uint8Array>, handler: TarHandler, options: ReadTarOptions): Promise<void> {
  const { part, maxOutput, what } = options;
  const reader = new TarReader(handler, { what });
  for await (const chunk of decompress(chunks, { format: part.compression, maxOutput, what })) reader.push(chunk);
  reader.end();
}

/** The bytes of a part, a fresh buffer each: what a handler keeps must not change under it. */
function* partChunks(
  descriptor: number,
  part: DebPart,
  progress?: (done: number) => void,
): Generator<Uint8Array, void, undefined> {
  const end = part.offset + part.size;
  for (let at = part.offset; at < end; ) {
    const chunk = readExactly(descriptor, at, Math.min(readSize, end - at));
    yield chunk;
    at += chunk.length;
    progress?.(at);
  }
}

/** `length` bytes at `offset`; fewer only at the end of a file that shrank meanwhile, which the parsers then refuse. */
function readExactly(descriptor: number, offset: number, length: number): Uint8Array {
  const buffer = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(descriptor, buffer, done, length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return done === length ? buffer : buffer.subarray(0, done);
}
