import assert from 'node:assert/strict';
import type { TarMember } from './packaged-tree.ts';

/** A package's members as dpkg-deb gives them. */
export interface UnpackedPackage {
  readonly name: string;
  readonly members: readonly TarMember[];
}

export interface ExpectedRules {
  /** `usr/share/doc/NAME/` folders that the configuration keeps whole. */
  readonly keptDocumentation: readonly string[];
  readonly diversions: readonly { readonly by: string; readonly from: string; readonly to: string }[];
  readonly replacements: readonly { readonly path: string; readonly winner: string; readonly loser: string }[];
  /** Ids by name: base-passwd's master files. */
  readonly users: ReadonlyMap<string, number>;
  readonly groups: ReadonlyMap<string, number>;
  /** Seconds since the epoch; undefined: the newest file's time. */
  readonly created: number | undefined;
}

/** What a path of an image has to be. */
export interface ExpectedPath {
  readonly package: string;
  readonly picture: string;
}

export interface ExpectedTree {
  readonly paths: ReadonlyMap<string, ExpectedPath>;
  readonly created: number;
  /** Members that a rule leaves out. */
  readonly leftOut: number;
  /** The rules that had something to decide, as written in `diversions` and `replacements`. */
  readonly used: ReadonlySet<object>;
}

interface Claim {
  readonly package: string;
  /** Where its inode's bytes and metadata are. */
  readonly inode: TarMember;
}

/**
 * Works out from the packages' own tars what an image of them holds: a second account of the rules (contract.md,
 * dpkg(1), dpkg-divert(1), Policy 7.6), which shares no line with the product's.
 */
export function expectedTree(packages: readonly UnpackedPackage[], rules: ExpectedRules): ExpectedTree {
  const claims = new Map<string, Claim>();
  const used = new Set<object>();
  let leftOut = 0;
  for (const { name, members } of packages.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const inodes = new Map<string, TarMember>();
    for (const member of members) {
      const inode = member.type === 'link' ? inodes.get(member.linkTarget) : member;
      assert.ok(inode !== undefined, `${name}: ${member.path} is a hard link to nothing`);
      inodes.set(member.path, inode);
      if (member.path === '') continue;
      const path = mergedPath(member);
      if (isLeftOut(path, rules)) {
        leftOut += 1;
        continue;
      }
      const diversion = rules.diversions.find((one) => one.from === path && one.by !== name);
      if (diversion !== undefined) used.add(diversion);
      claim(claims, { path: diversion?.to ?? path, claim: { package: name, inode }, rules, used });
    }
  }
  const created = rules.created ?? newestFile(claims);
  return { paths: pictures(claims, { ...rules, created }), created, leftOut, used };
}

/** /bin, /sbin and /lib* are links to folders of the same name below /usr; a folder of that name is that folder. */
function mergedPath({ path, type }: TarMember): string {
  const [top = '', ...rest] = path.split('/');
  const moves = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libo32', 'libx32'].includes(top);
  return moves && (rest.length > 0 || type === 'directory') ? `usr/${path}` : path;
}

/** docs/images.md, "Left out by default" (copyright files stay). */
function isLeftOut(path: string, { keptDocumentation }: ExpectedRules): boolean {
  const [usr, share, room, folder, file, ...deeper] = path.split('/');
  if (servesInstallations.some((pattern) => pattern.test(path))) return true;
  if (usr !== 'usr' || share !== 'share' || room === undefined) return false;
  if (['doc-base', 'gtk-doc', 'help', 'info', 'lintian', 'locale', 'man'].includes(room)) return true;
  if (room !== 'doc' || folder === undefined || file === undefined) return false;
  if (keptDocumentation.includes(folder)) return false;
  return file !== 'copyright' || deeper.length > 0;
}

const servesInstallations: readonly RegExp[] = [
  /^etc\/(init|init\.d|rc[0-6S]\.d|insserv\.conf\.d|logrotate\.d|bash_completion\.d|apport|apparmor\.d)(\/|$)/,
  /^etc\/cron\.(d|hourly|daily|weekly|monthly|yearly)(\/|$)/,
  /^(usr\/lib|etc)\/systemd\/(system|user)(\/|$)/,
  /^usr\/lib\/systemd\/(system|user)-(preset|generators)(\/|$)/,
  /^usr\/lib\/systemd\/system-(shutdown|sleep)(\/|$)/,
  /^(usr\/lib|etc)\/(modprobe|modules-load|sysctl)\.d(\/|$)/,
  /^usr\/lib\/udev\/(rules|hwdb)\.d(\/|$)/,
  /^usr\/share\/(bash-completion\/completions|zsh\/vendor-completions|fish\/vendor_completions\.d)(\/|$)/,
  /^usr\/share\/(bug|apport|debhelper|menu|metainfo|appdata|initramfs-tools)(\/|$)/,
  /^usr\/share\/(python3\/debpython|python3\/runtime\.d|gdb\/auto-load|gcc\/python)(\/|$)/,
  /^usr\/bin\/py3(clean|compile)$/,
  /^etc\/(ufw\/applications\.d|NetworkManager\/dispatcher\.d|network\/if-(up|down|pre-up|post-down)\.d)(\/|$)/,
  /^etc\/(ppp\/ip(v6)?-(up|down)\.d|dhcp\/dhclient-(enter|exit)-hooks\.d)(\/|$)/,
];

interface ClaimOptions {
  readonly path: string;
  readonly claim: Claim;
  readonly rules: ExpectedRules;
  readonly used: Set<object>;
}

/** Folders are shared and the first package's counts; of a file that two packages have, Replaces decides. */
function claim(claims: Map<string, Claim>, { path, claim: own, rules, used }: ClaimOptions): void {
  const other = claims.get(path);
  if (other === undefined) {
    claims.set(path, own);
    return;
  }
  if (other.inode.type === 'directory' && own.inode.type === 'directory') return;
  const replacement = rules.replacements.find(
    (one) => one.path === path && [one.winner, one.loser].sort().join() === [own.package, other.package].sort().join(),
  );
  assert.ok(replacement !== undefined, `/${path} is in ${other.package} and in ${own.package}`);
  used.add(replacement);
  if (replacement.winner === own.package) claims.set(path, own);
}

function newestFile(claims: ReadonlyMap<string, Claim>): number {
  return Math.max(...[...claims.values()].filter(({ inode }) => inode.type === 'file').map(({ inode }) => inode.mtime));
}

function pictures(
  claims: ReadonlyMap<string, Claim>,
  rules: ExpectedRules & { readonly created: number },
): ReadonlyMap<string, ExpectedPath> {
  const names = new Map<TarMember, string[]>();
  for (const [path, { inode }] of claims) names.set(inode, [...(names.get(inode) ?? []), path]);
  return new Map(
    [...claims].map(([path, { package: owner, inode }]) => {
      const uid = rules.users.get(inode.userName) ?? inode.uid;
      const gid = rules.groups.get(inode.groupName) ?? inode.gid;
      // Links have no permissions of their own; special ones are not handed on.
      const mode = inode.type === 'symlink' ? 0o777 : inode.mode & ~0o6000;
      const mtime = Math.min(inode.mtime, rules.created);
      const shared = names.get(inode) ?? [];
      return [path, { package: owner, picture: pictureOf({ ...inode, uid, gid, mode, mtime }, shared) }];
    }),
  );
}

/** Everything that counts about a path, as text. @param names all paths of its inode */
export function pictureOf(member: TarMember, names: readonly string[]): string {
  const { type, mode, uid, gid, mtime, size, sha256, linkTarget } = member;
  const common = `${type} ${mode.toString(8).padStart(4, '0')} ${uid}:${gid} ${new Date(mtime * 1000).toISOString()}`;
  if (type === 'symlink') return `${common} -> ${linkTarget}`;
  if (type !== 'file') return common;
  const others = names.length > 1 ? ` one file: ${[...names].sort().join(', ')}` : '';
  return `${common} ${size} bytes ${sha256}${others}`;
}

/** path -> picture of a tar that was written; hard links are shown as the file that they are. */
export function writtenPictures(members: readonly TarMember[]): ReadonlyMap<string, string> {
  const inodes = new Map<string, TarMember>();
  const names = new Map<TarMember, string[]>();
  for (const member of members) {
    const inode = member.type === 'link' ? inodes.get(member.linkTarget) : member;
    assert.ok(inode !== undefined, `${member.path} is a hard link to ${member.linkTarget}, which is not there yet`);
    assert.ok(!inodes.has(member.path), `${member.path} is there twice`);
    for (const fact of ['mode', 'uid', 'gid', 'mtime'] as const) {
      assert.equal(member[fact], inode[fact], `${fact} of ${member.path}, which is one file with ${inode.path}`);
    }
    inodes.set(member.path, inode);
    names.set(inode, [...(names.get(inode) ?? []), member.path]);
  }
  return new Map([...inodes].map(([path, inode]) => [path, pictureOf(inode, names.get(inode) ?? [])]));
}
