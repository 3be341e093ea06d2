/**
 * The control parts of the corpus (effects-corpus.ts), fetched once and kept in an ignored folder. Only the beginning of
 * each .deb is asked for, which usually has the whole control.tar in it: a piece of a file can't be checked by the sha256
 * of the whole. Nothing but the measurement of this repository reads these bytes; a build never does so.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decompressAll } from '../src/codecs/decompress.ts';
import type { PackageRecord } from '../src/distro/types.ts';
import { arHeaderSize, arMagic, nextArHeader, parseArHeader } from '../src/formats/ar/header.ts';
import { detectCompression } from '../src/formats/compression/detect.ts';
import { TarReader } from '../src/formats/tar/reader.ts';
import { limits } from '../src/limits.ts';
import { createHttpClient } from '../src/net/client.ts';
import type { HttpRequester } from '../src/net/types.ts';
import { concatBytes } from '../src/util/bytes.ts';
import { mapLimit } from '../src/util/concurrency.ts';
import { decodeUtf8 } from '../src/util/text.ts';
import { type Corpus, corpusFolder } from './effects-corpus.ts';

/** Control members that say what an installation does, by name; '' where there is none. */
export interface PackageScripts {
  readonly record: PackageRecord;
  /** `preinst`, `postinst`, `config`, `triggers`, `templates`, `conffiles`, ... -> text. */
  readonly members: Readonly<Record<string, string>>;
}

/** Nothing larger than this is read to find a control.tar. */
const heads = [32 * 1024, 256 * 1024, 4 * 1024 * 1024] as const;

/** Of all packages, six at a time; what is there already is not asked for again. */
export async function fetchScripts(
  corpus: Corpus,
  { onProgress = () => {} }: { readonly onProgress?: (done: number) => void } = {},
): Promise<readonly PackageScripts[]> {
  const folder = join(corpusFolder, 'scripts');
  await mkdir(folder, { recursive: true });
  const http = createHttpClient({ env: process.env });
  let done = 0;
  try {
    return await mapLimit(
      corpus.packages,
      async ({ record }) => {
        const file = join(folder, `${record.sha256}.json`);
        if (!existsSync(file)) {
          const url = `${corpus.urls[0]}/${record.origin.path}`;
          const members = await fetchControl(url, record, http);
          await writeFile(`${file}.new`, JSON.stringify(members));
          await rename(`${file}.new`, file);
        }
        onProgress(++done);
        return { record, members: JSON.parse(await readFile(file, 'utf8')) as Record<string, string> };
      },
      { limit: 6 },
    );
  } finally {
    await http.close();
  }
}

async function fetchControl(
  url: string,
  record: PackageRecord,
  http: HttpRequester,
): Promise<Readonly<Record<string, string>>> {
  for (const size of heads) {
    const whole = record.size <= size;
    const answer = await http.request(url, {
      method: 'GET',
      accept: [200, 206],
      headers: whole ? {} : { range: `bytes=0-${size - 1}` },
      maxSize: whole ? size : Math.max(size, record.size),
    });
    const packed = controlPart(answer.bytes, record.name);
    if (packed === undefined) continue;
    return readMembers(packed, record.name);
  }
  throw new Error(`${record.name}: no control.tar within ${heads.at(-1)} bytes`);
}

/** The packed control.tar, where all of it is in the first bytes of a .deb. */
function controlPart(bytes: Uint8Array, what: string): Uint8Array | undefined {
  for (let at = arMagic.length; at + arHeaderSize <= bytes.length; ) {
    const member = parseArHeader(bytes.subarray(at, at + arHeaderSize), { offset: at, what });
    if (member.name.startsWith('control.tar')) {
      const end = member.offset + member.size;
      return end <= bytes.length ? bytes.subarray(member.offset, end) : undefined;
    }
    at = nextArHeader(member);
  }
  return undefined;
}

async function readMembers(packed: Uint8Array, what: string): Promise<Readonly<Record<string, string>>> {
  const members: Record<string, string> = {};
  let name = '';
  let chunks: Uint8Array[] = [];
  const reader = new TarReader(
    {
      entry: (header) => {
        name = header.type === 'file' ? header.path.replace(/^\.\//, '') : '';
        chunks = [];
      },
      data: (bytes) => {
        chunks.push(bytes.slice());
      },
      entryEnd: () => {
        if (name !== '') members[name] = decodeUtf8(concatBytes(chunks));
      },
    },
    { what },
  );
  const options = { format: detectCompression(packed), maxOutput: limits.controlTarBytes, what };
  reader.push(await decompressAll(packed, options));
  reader.end();
  return members;
}
