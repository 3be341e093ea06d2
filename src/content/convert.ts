import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decompress } from '../codecs/decompress.ts';
import { type DebPart, locateDebParts } from '../formats/deb/locate.ts';
import { type TarHandler, TarReader } from '../formats/tar/reader.ts';
import { limits } from '../limits.ts';
import { type ControlFacts, ControlTar } from './control-tar.ts';
import { DataTar } from './data-tar.ts';
import { compileFilters } from './filters.ts';
import { contentFiles } from './folders.ts';
import { blocksUnderWay, type FragmentPart, FragmentWriter, factsOf } from './fragment-writer.ts';
import { encodeIndex, writeCompressedIndex } from './index-file.ts';
import type { ConvertJob } from './jobs.ts';
import { Spool } from './spool.ts';
import { type WrittenContent, writeContent } from './write-content.ts';

/** Bytes of file contents that a conversion keeps in memory before it spools to disk. */
const spoolMemory = 32 * 1024 * 1024;

/** Bytes of the .deb that are read at a time. */
const readSize = 256 * 1024;

/**
 * Converts a .deb into a content: its tar fragment, plain and compressed, and its index. Memory is bounded by the
 * spool, whatever the package's size. Runs in a worker thread.
 * @throws SlimimageError DEB_INVALID, AR_INVALID, TAR_INVALID, COMPRESSION_INVALID, LIMIT_EXCEEDED, PATH_UNSAFE.
 */
export async function convertDeb(job: ConvertJob, progress: (done: number) => void): Promise<undefined> {
  const deb = openSync(job.deb, 'r');
  const spool = new Spool(join(job.folder, contentFiles.spool), spoolMemory);
  const compressed =
    job.compressedFolder === undefined ? undefined : join(job.compressedFolder, contentFiles.compressed);
  const writer = new FragmentWriter({ fragment: join(job.folder, contentFiles.fragment), compressed }, job.compression);
  try {
    const { control, data } = locateDebParts({
      what: job.label,
      size: fstatSync(deb).size,
      read: (offset, length) => readExactly(deb, offset, length),
    });
    const what = (member: string) => `${job.label}: ${member}`;
    const controlTar = new ControlTar(job.label);
    const maxOutput = { control: limits.controlTarBytes, data: limits.dataTarBytes };
    await readTar(partChunks(deb, control), controlTar, {
      part: control,
      maxOutput: maxOutput.control,
      what: what('control.tar'),
    });
    const facts = controlTar.facts(job.layout);
    const keeps = compileFilters(job.filters);
    const dataTar = new DataTar({ layout: job.layout, spool, writer, keeps, label: job.label });
    await readTar(partChunks(deb, data, progress), dataTar, {
      part: data,
      maxOutput: maxOutput.data,
      what: what('data.tar'),
      settle: () => writer.settle(blocksUnderWay),
    });
    const { parts, ...content } = await writeContent(
      { members: dataTar.members, control: facts, keeps, label: job.label },
      writer,
    );
    writer.close();
    writeIndex(job, { facts, content, parts });
    return undefined;
  } finally {
    spool.close();
    writer.close();
    closeSync(deb);
  }
}

interface ConvertedParts {
  readonly facts: ControlFacts;
  readonly content: Omit<WrittenContent, 'parts'>;
  readonly parts: readonly FragmentPart[];
}

function writeIndex(job: ConvertJob, { facts, content, parts }: ConvertedParts): void {
  const { control, name, version, architecture, conffiles, scripts } = facts;
  const fragment = factsOf(parts);
  const index = { format: 1 as const, control, name, version, architecture, conffiles, scripts, fragment, ...content };
  writeFileSync(join(job.folder, contentFiles.index), encodeIndex(index));
  if (job.compressedFolder !== undefined)
    writeCompressedIndex(
      job.compressedFolder,
      parts.map(({ compressed }) => compressed),
    );
}

interface ReadTarOptions {
  /** Awaited after each piece. */
  readonly settle?: (() => Promise<void>) | undefined;
  readonly part: DebPart;
  readonly maxOutput: number;
  readonly what: string;
}

async function readTar(chunks: Iterable<Uint8Array>, handler: TarHandler, options: ReadTarOptions): Promise<void> {
  const { part, maxOutput, what, settle } = options;
  const reader = new TarReader(handler, { what });
  for await (const chunk of decompress(chunks, { format: part.compression, maxOutput, what })) {
    reader.push(chunk);
    await settle?.();
  }
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
