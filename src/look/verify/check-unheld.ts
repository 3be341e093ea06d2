/** What no evidence in an image speaks of: said by name, so that nobody takes silence for proof. */
import type { Rootfs, RootfsNode } from '../../rootfs/rootfs.ts';
import type { ImagePackages } from '../../view/packages.ts';
import { isProgram } from './is-program.ts';
import { Tally } from './tally.ts';
import type { Claim } from './types.ts';

export interface CheckUnheldInput {
  readonly packages: ImagePackages;
  readonly rootfs: Rootfs;
  readonly platform: string | undefined;
}

/** Of an image without a lock: with one, every path is held. */
export function checkUnheld(input: CheckUnheldInput): readonly Claim[] {
  const { packages, rootfs, platform } = input;
  const metadata = new Tally();
  const unowned = new Tally();
  const counts = { files: 0, folders: 0, links: 0 };
  const strangers: Stranger[] = [];
  for (const node of rootfs.walk()) {
    const { path, type } = node.entry;
    if (path === '' || node.implicit || isDatabase(path)) continue;
    if (type === 'symlink') counts.links++;
    else if (type === 'directory') counts.folders++;
    else counts.files++;
    if (type === 'directory' || isProgram(node)) continue;
    if (packages.ownersOf(path).length > 0) unowned.proven();
    else strangers.push(strangerOf(node));
  }
  const { files, folders, links } = counts;
  const all = files + folders + links;
  if (all > 0) metadata.unproven(`${files} files, ${folders} folders, ${links} links`, unheldMetadata, all);
  // A stable sort: within a rank they stay in the order of paths.
  for (const { path, reason } of strangers.sort((a, b) => a.rank - b.rank)) unowned.unproven(`/${path}`, reason);
  return [
    metadata.claim({
      id: 'metadata',
      claim: 'modes and owners of files and folders, and where links lead, are as packages brought them',
      by: "nothing: the image's package database does not have them",
      empty: 'the image has no files',
      platform,
    }),
    unowned.claim({
      id: 'unowned-files',
      claim: "every other file, link and device is listed as a package's",
      by: "the paths that the image's package database lists; but for the database itself",
      reason: 'no package has them: nothing here vouches for them',
      empty: 'there are none',
      platform,
    }),
  ];
}

const unheldMetadata = 'the sums of package databases do not hold them; --lock does';

function isDatabase(path: string): boolean {
  return /^(?:var\/lib\/dpkg|(?:usr\/)?lib\/apk\/db)\//.test(path);
}

interface Stranger {
  readonly path: string;
  /** The lower, the more it may do. */
  readonly rank: number;
  readonly reason: string;
}

/** What changes what other files do, or who may do what: first, for an image has hundreds of harmless ones. */
const sensitive: readonly (readonly [RegExp, string])[] = [
  [/^etc\/ld\.so\.preload$/, 'every program loads what it names'],
  [/(?:^|\/)\.ssh\/|^etc\/sudoers\.d\//, 'who may do what follows from it'],
  [/(?:^|\/)(?:sitecustomize|usercustomize)\.py$|\.pth$/, 'Python runs it at each start'],
  [/^etc\/ld\.so\.(?:conf$|cache$|conf\.d\/)/, 'which libraries programs load follows from it'],
  [/^etc\/(?:(?:passwd|shadow|group|gshadow|sudoers|nsswitch\.conf)$|pam\.d\/)/, 'who may do what follows from it'],
  [/^etc\/(?:crontab$|cron\.|profile$|profile\.d\/|environment$|bash\.bashrc$)/, 'shells or cron run what it says'],
];

const ordinaryDevice = /^dev\/(?:null|zero|full|u?random|tty|console|ptmx)$/;

function strangerOf({ entry: { path, type, linkTarget } }: RootfsNode): Stranger {
  const stranger = (rank: number, more?: string): Stranger => ({
    path,
    rank,
    reason: more === undefined ? 'no package has it' : `no package has it: ${more}`,
  });
  const at = sensitive.findIndex(([pattern]) => pattern.test(path));
  if (at >= 0) return stranger(at, sensitive[at]?.[1]);
  if ((type === 'character' || type === 'block') && !ordinaryDevice.test(path))
    return stranger(-1, `it is a ${type} device`);
  if (type === 'symlink') return stranger(sensitive.length, `it leads to ${JSON.stringify(linkTarget ?? '')}`);
  return stranger(sensitive.length + 1);
}
