import { type FileHandle, open } from 'node:fs/promises';
import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { confinePath, parentPath } from '../rootfs/path.ts';
import { diskError } from '../store/disk-error.ts';
import { listMembers, type TarMember } from './tar-members.ts';

/**
 * An uncompressed tar file as a folder of members that are read where they lie: how an archive of an image is read without unpacking
 * it. Of members with the same name the last one counts.
 */
export class FileTar {
  readonly #handle: FileHandle;
  readonly #file: string;
  readonly #members: ReadonlyMap<string, TarMember>;

  private constructor(handle: FileHandle, file: string, members: ReadonlyMap<string, TarMember>) {
    this.#handle = handle;
    this.#file = file;
    this.#members = members;
  }

  /** @throws SlimimageError IMAGE_NOT_FOUND, TAR_INVALID, PATH_UNSAFE, IO */
  static async open(file: string): Promise<FileTar> {
    const handle = await open(file, 'r').catch((cause: unknown) => {
      throw diskError(cause, `cannot read ${file}`, 'IMAGE_NOT_FOUND');
    });
    try {
      return new FileTar(handle, file, await listMembers(await readable(handle), file));
    } catch (error) {
      await handle.close();
      throw diskError(error, `cannot read ${file}`, 'IO');
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** The member of that name, links followed (old `docker save` writes a layer twice as a link); undefined if missing. */
  member(name: string): TarMember | undefined {
    let path = confinePath(name, { absolute: 'strip' });
    for (let hops = 0; hops <= limits.symlinkHops; hops++) {
      const member = this.#members.get(path);
      if (member?.linkTarget === undefined) return member?.type === 'file' ? member : undefined;
      path =
        member.type === 'hardlink' ? confinePath(member.linkTarget) : relativeTo(parentPath(path), member.linkTarget);
    }
    return undefined;
  }

  names(): Iterable<string> {
    return this.#members.keys();
  }

  /** @throws SlimimageError OCI_INVALID where the member is missing, LIMIT_EXCEEDED, IO */
  async read(name: string, maxBytes: number): Promise<Uint8Array> {
    const member = this.#need(name);
    if (member.size > maxBytes) {
      const message = `${name} in ${this.#file} is larger than ${maxBytes} bytes`;
      throw new SlimimageError({ code: 'LIMIT_EXCEEDED', message });
    }
    const bytes = new Uint8Array(member.size);
    let used = 0;
    for await (const chunk of this.stream(name)) {
      bytes.set(chunk, used);
      used += chunk.length;
    }
    return bytes;
  }

  /** @throws SlimimageError OCI_INVALID where the member is missing or cut off, IO */
  async *stream(name: string): AsyncGenerator<Uint8Array, void, undefined> {
    const { offset, size } = this.#need(name);
    for (let done = 0; done < size; ) {
      const buffer = new Uint8Array(Math.min(256 * 1024, size - done));
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, offset + done).catch((cause: unknown) => {
        throw diskError(cause, `cannot read ${this.#file}`, 'IO');
      });
      if (bytesRead === 0) throw invalid(this.#file, `${JSON.stringify(name)} is cut off`);
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  #need(name: string): TarMember {
    const member = this.member(name);
    if (member === undefined) throw invalid(this.#file, `it has no file ${JSON.stringify(name.slice(0, 200))}`);
    return member;
  }
}

async function readable(handle: FileHandle) {
  const { size } = await handle.stat();
  const read = async (buffer: Uint8Array, position: number) => {
    return (await handle.read(buffer, 0, buffer.length, position)).bytesRead;
  };
  return { size, read };
}

/** A link of the tar's own, by its text alone; `..` beyond the top stays there. */
function relativeTo(folder: string, target: string): string {
  const parts = target.startsWith('/') || folder === '' ? [] : folder.split('/');
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function invalid(file: string, reason: string): SlimimageError {
  return new SlimimageError({
    code: 'OCI_INVALID',
    message: `${file} is not an image: ${reason}`,
    hint: 'The file is damaged, or is not what its prefix (docker-archive:, oci-archive:) says.',
  });
}
