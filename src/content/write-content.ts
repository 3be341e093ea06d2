import { createHash } from 'node:crypto';
import { SlimimageError } from '../errors.ts';
import type { ElfFacts } from '../formats/elf/facts.ts';
import { readElf } from '../formats/elf/read-elf.ts';
import { readShebang } from '../formats/shebang/read-shebang.ts';
import { encodeTarEntry, tarPadding } from '../formats/tar/writer.ts';
import { Sha256 } from '../util/digest.ts';
import { compareStrings } from '../util/text.ts';
import type { ControlFacts } from './control-tar.ts';
import type { DataMember } from './data-tar.ts';
import { compileFilters } from './filters.ts';
import type { FragmentWriter } from './fragment-writer.ts';
import type { SpooledFile } from './spool.ts';
import type { ContentEntry, FilterSet, OmittedPath } from './types.ts';

export interface ContentParts {
  readonly entries: readonly ContentEntry[];
  readonly omitted: readonly OmittedPath[];
  readonly md5sums: Readonly<Record<string, string>>;
}

export interface WriteContentInput {
  readonly members: ReadonlyMap<string, DataMember>;
  readonly control: ControlFacts;
  readonly filters: FilterSet;
  readonly label: string;
}

/**
 * Writes what stays of a package to the fragment, sorted by path, and describes it. Of files that share an inode the
 * first path that stays carries the bytes. Set-user-id and set-group-id bits and file capabilities do not enter the
 * fragment; the index remembers them.
 */
export function writeContent(input: WriteContentInput, writer: FragmentWriter): ContentParts {
  const all = [...input.members.values()].sort((a, b) => compareStrings(a.path, b.path));
  refusePathsBelowFiles(all, input);
  const keeps = compileFilters(input.filters);
  const kept: DataMember[] = [];
  const omitted: OmittedPath[] = [];
  for (const member of all) {
    if (keeps(member.path)) kept.push(member);
    else if (member.header.type !== 'directory')
      omitted.push({ path: member.path, size: member.header.size, type: member.header.type });
  }
  const carriers = new Map<string, string>();
  const entries = kept.map((member) => {
    const inode = member.hardlinkTo ?? member.path;
    const carrier = carriers.get(inode);
    if (carrier === undefined) carriers.set(inode, member.path);
    const file = input.members.get(inode)?.content;
    return carrier === undefined ? writeMember(member, file, writer) : writeLink(member, carrier, writer);
  });
  return { entries, omitted, md5sums: md5sumsOf(entries, input) };
}

/** A file below a link or a file would be written through it: dpkg refuses such a package too. */
function refusePathsBelowFiles(sorted: readonly DataMember[], input: WriteContentInput): void {
  for (const { path } of sorted) {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const parent = input.members.get(path.slice(0, slash));
      if (parent === undefined) continue;
      if (parent.header.type === 'directory') break;
      throw new SlimimageError({
        code: 'PATH_UNSAFE',
        message: `${input.label}: /${path} lies below /${parent.path}, which is a ${parent.header.type}`,
        hint: 'The package is damaged or hostile: nothing of it is used.',
      });
    }
  }
}

function writeMember(member: DataMember, file: SpooledFile | undefined, writer: FragmentWriter): ContentEntry {
  const { header } = member;
  const type = header.type === 'hardlink' ? 'file' : header.type;
  const size = type === 'file' ? (file?.size ?? 0) : 0;
  const entry = {
    ...metadataOf(member),
    type,
    size,
    ...(type === 'symlink' ? { linkTarget: header.linkTarget ?? '' } : {}),
  };
  if (type === 'directory') return { ...entry, offset: -1, length: 0 };
  const offset = writer.size;
  writer.write(encodeTarEntry(entry));
  const facts = file === undefined || type !== 'file' ? {} : writeBytes(file, writer);
  writer.write(tarPadding(size));
  return { ...entry, ...facts, offset, length: writer.size - offset };
}

function writeLink(member: DataMember, carrier: string, writer: FragmentWriter): ContentEntry {
  const entry = { ...metadataOf(member), type: 'hardlink' as const, size: 0, linkTarget: carrier };
  const offset = writer.size;
  writer.write(encodeTarEntry(entry));
  return { ...entry, offset, length: writer.size - offset };
}

interface FileFacts {
  readonly sha256: string;
  readonly elf?: ElfFacts;
  readonly shebang?: string;
}

function writeBytes(file: SpooledFile, writer: FragmentWriter): FileFacts {
  const hash = new Sha256();
  file.read(0, file.size, (slice) => {
    hash.update(slice);
    writer.write(slice);
  });
  const sha256 = hash.digest().slice('sha256:'.length);
  const head = bytesOf(file, 0, 2);
  if (head[0] === 0x7f && head[1] === 0x45) {
    const elf = elfFacts(file);
    return elf === undefined ? { sha256 } : { sha256, elf };
  }
  if (head[0] === 0x23 && head[1] === 0x21) {
    const shebang = readShebang(bytesOf(file, 0, 256));
    return shebang === undefined ? { sha256 } : { sha256, shebang };
  }
  return { sha256 };
}

/** A file that has ELF's magic but is damaged is content like any other: no loader will load it. */
function elfFacts(file: SpooledFile): ElfFacts | undefined {
  try {
    return readElf({ size: file.size, read: (offset, length) => bytesOf(file, offset, length) });
  } catch (error) {
    if (error instanceof SlimimageError && error.code === 'ELF_INVALID') return undefined;
    throw error;
  }
}

function bytesOf(file: SpooledFile, offset: number, length: number): Uint8Array {
  const parts: Uint8Array[] = [];
  file.read(offset, length, (slice) => parts.push(slice.slice()));
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const specialBits = 0o6000;
const capabilityName = 'security.capability';

function metadataOf(member: DataMember) {
  const { header } = member;
  const special = header.type === 'symlink' ? 0 : header.mode & specialBits;
  const capability = header.xattrs?.get(capabilityName);
  const xattrs =
    header.xattrs === undefined ? undefined : new Map([...header.xattrs].filter(([name]) => name !== capabilityName));
  return {
    path: member.path,
    mode: header.mode & ~special,
    uid: header.uid,
    gid: header.gid,
    mtime: header.mtime,
    ...(xattrs === undefined || xattrs.size === 0 ? {} : { xattrs }),
    ...(header.userName === '' || header.userName === 'root' ? {} : { userName: header.userName }),
    ...(header.groupName === '' || header.groupName === 'root' ? {} : { groupName: header.groupName }),
    ...(special === 0 && capability === undefined
      ? {}
      : {
          stripped: {
            ...(special === 0 ? {} : { mode: header.mode }),
            ...(capability === undefined ? {} : { capability: Buffer.from(capability).toString('hex') }),
          },
        }),
  };
}

/** The package's own sums for what stays, computed where it has none; conffiles have none in dpkg's list either. */
function md5sumsOf(entries: readonly ContentEntry[], input: WriteContentInput): Record<string, string> {
  const conffiles = new Set(input.control.conffiles);
  const sums: [path: string, md5: string][] = [];
  for (const entry of entries) {
    if ((entry.type !== 'file' && entry.type !== 'hardlink') || conffiles.has(entry.path)) continue;
    const given = input.control.md5sums.get(entry.path);
    const member = input.members.get(entry.path);
    const file = member === undefined ? undefined : input.members.get(member.hardlinkTo ?? member.path)?.content;
    if (given !== undefined) sums.push([entry.path, given]);
    else if (file !== undefined) sums.push([entry.path, md5Of(file)]);
  }
  // Not by assignment: a hostile package may well have a file called __proto__.
  return Object.fromEntries(sums);
}

function md5Of(file: SpooledFile): string {
  const hash = createHash('md5');
  file.read(0, file.size, (slice) => hash.update(slice));
  return hash.digest('hex');
}
