import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createTarDecoder } from 'modern-tar';

/** A member of a tar, read by a library that the product has nothing to do with. */
export interface TarMember {
  /** Without leading `./` and trailing slash; '' is the root. */
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly userName: string;
  readonly groupName: string;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly size: number;
  /** As written; of a hard link without leading `./`. */
  readonly linkTarget: string;
  /** Hexadecimal, of a regular file's content. */
  readonly sha256: string;
}

/** The members of a .deb's data.tar in their order, as the real dpkg-deb unpacks them. */
export async function packagedMembers(deb: string): Promise<readonly TarMember[]> {
  const child = spawn('dpkg-deb', ['--fsys-tarfile', deb], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const members = await readMembers(child.stdout);
  const status = await ended;
  if (status !== 0) throw new Error(`dpkg-deb --fsys-tarfile ${deb} ended with ${status}`);
  return members;
}

/** The members of a tar file in their order. */
export function fileMembers(file: string): Promise<readonly TarMember[]> {
  return readMembers(createReadStream(file, { highWaterMark: 1024 * 1024 }));
}

async function readMembers(tar: Readable): Promise<readonly TarMember[]> {
  const members: TarMember[] = [];
  const source = ReadableStream.from(tar as AsyncIterable<Uint8Array>);
  for await (const { header, body } of source.pipeThrough(createTarDecoder({ strict: true }))) {
    const { name, type = 'file', mode = 0, uid = 0, gid = 0, uname = '', gname = '', linkname = '' } = header;
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of body) {
      hash.update(chunk);
      size += chunk.length;
    }
    members.push({
      path: plainPath(name),
      type,
      mode,
      uid,
      gid,
      userName: uname,
      groupName: gname,
      mtime: (header.mtime?.getTime() ?? Number.NaN) / 1000,
      size,
      linkTarget: type === 'link' ? plainPath(linkname) : linkname,
      sha256: type === 'file' ? hash.digest('hex') : '',
    });
  }
  return members;
}

function plainPath(name: string): string {
  return name.replace(/^\.\//, '').replace(/\/$/, '').replace(/^\.$/, '');
}
