/** A .deb of the user's, on the host's disk: its sha256 and its control stanza, found out once for each state of the file. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { decompress } from '../codecs/decompress.ts';
import { SlimimageError } from '../errors.ts';
import { type DebPart, locateDebParts } from '../formats/deb/locate.ts';
import { TarReader } from '../formats/tar/reader.ts';
import { limits } from '../limits.ts';
import type { Memo } from '../store/memo.ts';
import { concatBytes } from '../util/bytes.ts';
import { Sha256 } from '../util/digest.ts';
import { decodeUtf8 } from '../util/text.ts';
import { readRange } from './file-source.ts';

export interface FileFacts {
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

const factsNamespace = 'deb-file';
const controlNamespace = 'deb-control';

/**
 * Size and sha256, remembered by path, size, modification time and inode.
 *
 * @throws SlimimageError SOURCE_INVALID where the file cannot be read.
 */
export async function fileFacts(path: string, memo: Memo): Promise<FileFacts> {
  const info = await stat(path, { bigint: true }).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!info.isFile()) throw unreadable(path, undefined);
  const key = [path, info.size, info.mtimeNs, info.ctimeNs, info.ino, info.dev].join('\n');
  const known = await memo.get(factsNamespace, key);
  if (typeof known === 'string' && /^[0-9a-f]{64}$/.test(known)) return { size: Number(info.size), sha256: known };
  const hash = new Sha256();
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) hash.update(chunk as Uint8Array);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const facts = { size: hash.size, sha256: hash.digest().slice('sha256:'.length) };
  await memo.set(factsNamespace, key, facts.sha256);
  return facts;
}

/**
 * The text of a .deb's control file, remembered by the .deb's sha256.
 *
 * @throws SlimimageError AR_INVALID, DEB_INVALID, TAR_INVALID, COMPRESSION_INVALID, LIMIT_EXCEEDED
 */
export async function readControl(path: string, facts: FileFacts, memo: Memo): Promise<string> {
  const known = await memo.get(controlNamespace, facts.sha256);
  if (typeof known === 'string') return known;
  const source = {
    what: path,
    size: facts.size,
    read: (offset: number, length: number) => readRange(path, offset, length),
  };
  const text = await extractControl(path, locateDebParts(source).control);
  await memo.set(controlNamespace, facts.sha256, text);
  return text;
}

async function extractControl(path: string, part: DebPart): Promise<string> {
  if (part.size > limits.controlTarBytes) {
    throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message: `${path}: its control tar has ${part.size} bytes` });
  }
  let text: string | undefined;
  let chunks: Uint8Array[] | undefined;
  const reader = new TarReader(
    {
      entry: (header) => {
        chunks = header.type === 'file' && /^(?:\.\/)?control$/.test(header.path) ? [] : undefined;
      },
      data: (bytes) => {
        chunks?.push(bytes.slice());
      },
      entryEnd: () => {
        if (chunks !== undefined) text = decodeUtf8(concatBytes(chunks));
        chunks = undefined;
      },
    },
    { what: `${path}: control tar` },
  );
  const packed = [readRange(path, part.offset, part.size)];
  const options = { format: part.compression, maxOutput: limits.controlTarBytes, what: `${path}: control tar` };
  for await (const chunk of decompress(packed, options)) reader.push(chunk);
  reader.end();
  if (text !== undefined) return text;
  throw new SlimimageError({ code: 'DEB_INVALID', message: `${path} has no control file` });
}

function unreadable(path: string, cause: unknown): SlimimageError {
  return new SlimimageError({ code: 'SOURCE_INVALID', message: `${path} cannot be read as a .deb file`, cause });
}
