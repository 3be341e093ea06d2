import { SlimimageError } from '../errors.ts';
import { baseName } from '../rootfs/path.ts';
import { compareStrings, decodeUtf8, encodeUtf8 } from '../util/text.ts';
import { checkCertificates } from './pem.ts';
import { entryAt } from './tree-paths.ts';
import type { CertificateFile, EffectTree } from './types.ts';

/** A file that update-ca-certificates(8) trusts. */
export interface TrustedFile {
  readonly path: string;
  /** PEM. */
  readonly content: Uint8Array;
}

const packaged = 'usr/share/ca-certificates';
const local = 'usr/local/share/ca-certificates';

export const configurationPath = 'etc/ca-certificates.conf';

/** Those in the tree, in the order of the bundle: packaged ones that nothing deselects, then local ones, in byte order each. */
export function trustedFiles(tree: EffectTree): readonly TrustedFile[] {
  const out = deselected(tree);
  const chosen = certificateFiles(tree, packaged).filter(({ path }) => !out.has(path.slice(packaged.length + 1)));
  return [...chosen, ...certificateFiles(tree, local)];
}

/** Paths of packaged certificates below their folder, sorted: what /etc/ca-certificates.conf lists. */
export function packagedNames(tree: EffectTree): readonly string[] {
  return certificateFiles(tree, packaged).map(({ path }) => path.slice(packaged.length + 1));
}

/**
 * `certificates:` of the configuration, as copies in the folder for local ones.
 * @throws SlimimageError SOURCE_INVALID for a file that is no PEM certificate, or two that would have one name.
 */
export function extraFiles(files: readonly CertificateFile[], tree: EffectTree): readonly TrustedFile[] {
  const seen = new Set<string>();
  return files.map(({ name, text }) => {
    checkCertificates(text, name);
    const path = `${local}/${copyName(name)}`;
    if (seen.has(path) || tree.get(path) !== undefined) {
      throw new SlimimageError({
        code: 'SOURCE_INVALID',
        message: `Two certificate files would be /${path}`,
        hint: 'Give one of them another name',
      });
    }
    seen.add(path);
    return { path, content: encodeUtf8(text.replace(/\r\n/g, '\n').replace(/\n*$/, '\n')) };
  });
}

/** Lines `!NAME` of a configuration that is there. */
function deselected(tree: EffectTree): ReadonlySet<string> {
  const text = decodeUtf8(tree.read(configurationPath) ?? new Uint8Array());
  return new Set(text.split('\n').flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : [])));
}

/** Regular files and links to them (`find -L -type f -name '*.crt' | sort`). */
function certificateFiles(tree: EffectTree, folder: string): readonly TrustedFile[] {
  return [...tree.below(folder)]
    .filter((path) => baseName(path).endsWith('.crt'))
    .sort(compareStrings)
    .flatMap((path) => {
      const file = entryAt(tree, `/${path}`)?.path;
      const content = file === undefined ? undefined : tree.read(file);
      return content === undefined ? [] : [{ path, content }];
    });
}

/** `Corporate Root.pem` -> `Corporate_Root.crt`: update-ca-certificates looks at *.crt only. */
function copyName(name: string): string {
  const base = baseName(name).replace(/\.(pem|crt|cer|cert)$/i, '');
  return `${base.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_') || 'certificate'}.crt`;
}
