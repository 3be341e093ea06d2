import { createHash } from 'node:crypto';
import { SlimimageError } from '../errors.ts';
import type { ElfSource } from '../formats/elf/bytes.ts';
import { readElf } from '../formats/elf/read-elf.ts';
import { readShebang, shebangBytes } from '../formats/shebang/read-shebang.ts';
import { encodeTarEntry, tarPadding } from '../formats/tar/writer.ts';
import { hexOf, Sha256 } from '../util/digest.ts';
import { compareStrings } from '../util/text.ts';
import type { ControlFacts } from './control-tar.ts';
import type { DataMember, MemberContent } from './data-tar.ts';
import { readBlockSize } from './file-source.ts';
import { blocksUnderWay, type FragmentPart, type FragmentWriter } from './fragment-writer.ts';
import { readReach } from './read-reach.ts';
import type { SpooledFile } from './spool.ts';
import type { ContentEntry, OmittedPath } from './types.ts';

export interface WrittenContent {
  readonly entries: readonly ContentEntry[];
  readonly omitted: readonly OmittedPath[];
  readonly md5sums: Readonly<Record<string, string>>;
  /** The fragment's parts, in its order. */
  readonly parts: readonly FragmentPart[];
}

export interface WriteContentInput {
  readonly members: ReadonlyMap<string, DataMember>;
  readonly control: ControlFacts;
  readonly keeps: (path: string) => boolean;
  readonly label: string;
}

/**
 * Writes what stays of a package to the fragment, sorted by path, and describes it. Of files that share an inode the
 * first path that stays carries the bytes. Set-user-id and set-group-id bits and file capabilities do not enter the
 * fragment; the index remembers them.
 */
export async function writeContent(input: WriteContentInput, writer: FragmentWriter): Promise<WrittenContent> {
  const all = [...input.members.values()].sort((a, b) => compareStrings(a.path, b.path));
  refusePathsBelowFiles(all, input);
  const kept: DataMember[] = [];
  const omitted: OmittedPath[] = [];
  for (const member of all) {
    if (input.keeps(member.path)) kept.push(member);
    else if (member.header.type !== 'directory')
      omitted.push({ path: member.path, size: member.header.size, type: member.header.type });
  }
  const output = new ContentOutput(writer);
  const carriers = new Map<string, string>();
  const entries: ContentEntry[] = [];
  for (const member of kept) {
    const inode = member.hardlinkTo ?? member.path;
    const carrier = carriers.get(inode);
    if (carrier === undefined) carriers.set(inode, member.path);
    const content = input.members.get(inode)?.content;
    entries.push(carrier === undefined ? output.member(member, content) : output.link(member, carrier));
    if (writer.backlog > blocksUnderWay) await writer.settle(blocksUnderWay);
  }
  const parts = output.finish();
  await writer.settle();
  const md5sums = md5sumsOf(entries, { ...input, writer });
  return { entries: entries.map((entry) => output.withFacts(entry)), omitted, md5sums, parts };
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

/** Puts entries behind each other: small files are written now, large ones are there already. */
class ContentOutput {
  readonly #writer: FragmentWriter;
  readonly #parts: FragmentPart[] = [];

  constructor(writer: FragmentWriter) {
    this.#writer = writer;
  }

  member(member: DataMember, content: MemberContent | undefined): ContentEntry {
    const { header } = member;
    const type = header.type === 'hardlink' ? 'file' : header.type;
    const size = type === 'file' ? (content?.size ?? 0) : 0;
    const link = type === 'symlink' ? { linkTarget: header.linkTarget ?? '' } : {};
    const entry = { ...metadataOf(member), type, size, ...link };
    if (type === 'directory') return { ...entry, offset: -1 };
    this.#writer.write(encodeTarEntry(entry));
    if (type !== 'file' || content === undefined) return { ...entry, offset: -1 };
    if (content.type === 'spooled') return { ...entry, ...this.#spooled(content) };
    this.#endPart();
    this.#parts.push(content.part);
    return { ...entry, sha256: content.sha256, offset: content.part.range[0] };
  }

  link(member: DataMember, carrier: string): ContentEntry {
    const entry = { ...metadataOf(member), type: 'hardlink' as const, size: 0, linkTarget: carrier };
    this.#writer.write(encodeTarEntry(entry));
    return { ...entry, offset: -1 };
  }

  finish(): readonly FragmentPart[] {
    this.#endPart();
    this.#writer.flush();
    return this.#parts;
  }

  /** Adds what a file's bytes tell, once they can be read back. */
  withFacts(entry: ContentEntry): ContentEntry {
    if (entry.type !== 'file' || entry.size < 2) return entry;
    const read = (offset: number, length: number) =>
      this.#writer.read(entry.offset + offset, Math.min(length, entry.size - offset));
    const head = read(0, 2);
    const { elf, damaged } = head[0] === 0x7f && head[1] === 0x45 ? elfFacts({ size: entry.size, read }) : noFacts;
    const shebang = head[0] === 0x23 && head[1] === 0x21 ? readShebang(read(0, shebangBytes)) : undefined;
    const reach = readReach({ path: entry.path, elf, shebang, size: entry.size, read });
    return withoutUndefined({ ...entry, elf, damaged, shebang, reach });
  }

  #spooled(file: SpooledFile): { readonly sha256: string; readonly offset: number } {
    const offset = this.#writer.position;
    const hash = new Sha256();
    file.read(0, file.size, (slice) => {
      hash.update(slice);
      this.#writer.write(slice);
    });
    this.#writer.write(tarPadding(file.size));
    return { sha256: hexOf(hash.digest()), offset };
  }

  #endPart(): void {
    const part = this.#writer.endPart();
    if (part !== undefined) this.#parts.push(part);
  }
}

const noFacts: Pick<ContentEntry, 'elf' | 'damaged'> = {};

/** A file that has ELF's magic but is damaged is content like any other: no loader will load it. */
function elfFacts(source: ElfSource): Pick<ContentEntry, 'elf' | 'damaged'> {
  try {
    return { elf: readElf(source) };
  } catch (error) {
    if (error instanceof SlimimageError && error.code === 'ELF_INVALID') return { damaged: true };
    throw error;
  }
}

function withoutUndefined(entry: ContentEntry): ContentEntry {
  return Object.fromEntries(
    Object.entries(entry).filter(([, value]) => value !== undefined),
  ) as unknown as ContentEntry;
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

/** The package's own sums for what stays, computed where it has none: for configuration files, as a rule. */
function md5sumsOf(
  entries: readonly ContentEntry[],
  { control, writer }: WriteContentInput & { readonly writer: FragmentWriter },
): Record<string, string> {
  const carriers = new Map(entries.map((entry) => [entry.path, entry]));
  const sums: [path: string, md5: string][] = [];
  for (const entry of entries) {
    if (entry.type !== 'file' && entry.type !== 'hardlink') continue;
    const carrier = entry.type === 'hardlink' ? carriers.get(entry.linkTarget ?? '') : entry;
    const given = control.md5sums.get(entry.path);
    if (given !== undefined) sums.push([entry.path, given]);
    else if (carrier !== undefined) sums.push([entry.path, md5Of(carrier, writer)]);
  }
  // Not by assignment: a hostile package may well have a file called __proto__.
  return Object.fromEntries(sums);
}

function md5Of({ offset, size }: ContentEntry, writer: FragmentWriter): string {
  const hash = createHash('md5');
  for (let at = 0; at < size; at += readBlockSize)
    hash.update(writer.read(offset + at, Math.min(readBlockSize, size - at)));
  return hash.digest('hex');
}
