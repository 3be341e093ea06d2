import type { RootfsNode } from '../../rootfs/rootfs.ts';
import type { ImagePackage, ImagePackages } from '../../view/packages.ts';
import { isProgram } from './is-program.ts';
import type { ReadContents } from './read-contents.ts';
import { Tally } from './tally.ts';
import type { Claim } from './types.ts';

export interface CheckFilesInput {
  readonly packages: ImagePackages;
  readonly contents: ReadContents;
  readonly platform: string | undefined;
}

/** Files of packages held against the sums of the image's own package database, and programs that no package has. */
export function checkFiles(input: CheckFilesInput): readonly Claim[] {
  const { packages, platform } = input;
  if (packages.packages.length === 0)
    return [
      new Tally().claim({
        id: 'packaged-files',
        claim: packagedClaim,
        by: packagedEvidence,
        empty: 'the image has no package database',
        platform,
      }),
    ];
  const files = new Tally();
  const configuration = new Tally();
  for (const { about, message } of packages.problems.map((problem) => ({
    about: 'package database',
    message: problem,
  })))
    files.failed(about, message);
  for (const one of packages.packages) {
    const conffiles = new Set(one.conffiles.map(relative));
    for (const [path, md5] of one.md5sums) {
      const isConfiguration = conffiles.has(relative(path));
      hold(
        isConfiguration ? configuration : files,
        { path: relative(path), md5, owner: one.name, isConfiguration },
        input,
      );
    }
    for (const path of one.files) if (!conffiles.has(path)) holdUnsummed(files, { path, one }, input);
  }
  const claims = [
    files.claim({ id: 'packaged-files', claim: packagedClaim, by: packagedEvidence, empty: noSums, platform }),
  ];
  if (packages.packages.some(({ conffiles }) => conffiles.length > 0))
    claims.push(
      configuration.claim({
        id: 'configuration-files',
        claim: 'configuration files are as their packages brought them',
        by: "the MD5 sums of conffiles in the image's package database",
        empty: 'none of them has a sum',
        platform,
      }),
    );
  return [...claims, unowned(input)];
}

export const packagedClaim =
  'files of packages have the content that their packages brought, and none but documentation is missing';
export const packagedEvidence =
  "the MD5 sums of the image's own package database: no evidence against somebody who changes both, and none of modes and owners";
const noSums = 'the package database has no sums';
const apkSums = "apk's own sums (SHA-1) are not read";

interface HeldFile {
  readonly path: string;
  readonly md5: string;
  readonly owner: string;
  readonly isConfiguration: boolean;
}

function hold(tally: Tally, { path, md5, owner, isConfiguration }: HeldFile, input: CheckFilesInput): void {
  const { packages, contents } = input;
  const node = contents.rootfs.get(packages.placeOf({ name: owner }, path));
  const about = `/${path}`;
  if (node === undefined) {
    if (isConfiguration) tally.unproven(about, `it is not there; ${owner} brought it`);
    else missing(tally, path, owner);
    return;
  }
  if (node.entry.type !== 'file') {
    tally.failed(about, `it is a ${node.entry.type}; ${owner} brought a file`);
    return;
  }
  const found = contents.md5Of(node);
  if (found === md5) tally.proven();
  else if (isConfiguration) tally.unproven(about, `it was changed since ${owner} brought it`);
  else tally.failed(about, `it is not what ${owner} brought: MD5 ${found}, not ${md5}`);
}

/** Base images leave documentation out, by dpkg's path-exclude; what people remove by themselves is configuration. */
function missing(tally: Tally, path: string, owner: string): void {
  const message = `it is not there; ${owner} brought it`;
  if (isDocumentation(path)) tally.note(`/${path}`, message);
  else tally.failed(`/${path}`, message);
}

/** What a package has without a sum: folders, links, and files of which nothing says what they should hold. */
function holdUnsummed(
  tally: Tally,
  { path, one }: { readonly path: string; readonly one: ImagePackage },
  { packages, contents: { rootfs } }: CheckFilesInput,
): void {
  if (one.md5sums.has(path) || path === '' || path === '.') return;
  const node = rootfs.get(packages.placeOf(one, path));
  if (node === undefined) missing(tally, path, one.name);
  else if (node.entry.type === 'file')
    tally.unproven(
      `/${path}`,
      `${one.name} has it, and ${one.ecosystem === 'apk' ? apkSums : 'no sum of it is there'}`,
    );
}

function unowned({ contents: { rootfs }, packages, platform }: CheckFilesInput): Claim {
  const tally = new Tally();
  for (const node of rootfs.walk()) {
    if (!isProgram(node)) continue;
    if (packages.ownersOf(node.entry.path).length > 0 || isMaintainerScript(node, packages)) tally.proven();
    else tally.unproven(`/${node.entry.path}`, 'no package has it');
  }
  return tally.claim({
    id: 'unowned-programs',
    claim: "every executable file and shared library is listed as a package's",
    by: "the paths that the image's package database lists; files with an execute bit, and names as libfoo.so.1",
    empty: 'it has none',
    reason: 'no package has them: nothing here vouches for them',
    platform,
  });
}

/** dpkg keeps the scripts of its packages executable. */
function isMaintainerScript({ entry }: RootfsNode, { packages }: ImagePackages): boolean {
  const [, name] =
    /^var\/lib\/dpkg\/info\/([^/:]+)(?::[^/.]+)?\.(?:preinst|postinst|prerm|postrm|config)$/.exec(entry.path) ?? [];
  return name !== undefined && packages.some((one) => one.name === name);
}

const documentation = /^usr\/share\/(?:doc|man|info|locale|lintian|groff|help|linda|gnome\/help|omf|doc-base)(?:\/|$)/;

function isDocumentation(path: string): boolean {
  return documentation.test(path);
}

function relative(path: string): string {
  return path.replace(/^\/+/, '');
}
