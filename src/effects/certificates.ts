import { SlimimageError } from '../errors.ts';
import { compareStrings, encodeUtf8 } from '../util/text.ts';
import { generatedFile } from './entries.ts';
import { checkCertificates } from './pem.ts';
import type { CertificateFile, EffectInput, EffectTree, GeneratedEntry } from './types.ts';

const bundlePath = 'etc/ssl/certs/ca-certificates.crt';
const packaged = 'usr/share/ca-certificates';
const local = 'usr/local/share/ca-certificates';

/**
 * The CA bundle as update-ca-certificates(8) writes it: every *.crt of ca-certificates in byte order of their paths,
 * then those of /usr/local/share/ca-certificates, each with a line break at its end; then `certificates:` in the
 * configuration's order, which are put there too. Works without ca-certificates: a bundle of the extra ones alone.
 * (Hash links and Java's key stores are other effects.)
 * @throws SlimimageError SOURCE_INVALID for an extra file that is no PEM certificate or holds a private key.
 */
export function certificates({ tree, settings }: EffectInput): readonly GeneratedEntry[] {
  const own = [...certificateFiles(tree, packaged), ...certificateFiles(tree, local)];
  const extras = extraFiles(settings.certificates, tree);
  // A bundle that is there is the configuration's, or that of the image below: nothing but extra ones are added to it.
  const existing = tree.read(bundlePath);
  if (extras.length === 0 && (own.length === 0 || existing !== undefined)) return [];
  const common = { rule: 'certificates', created: settings.created } as const;
  const copies = extras.map(({ path, content }) => {
    return generatedFile(path, content, { ...common, because: 'named in `certificates:`' });
  });
  const bundle = joinLines([...(existing === undefined ? own : [existing]), ...extras.map(({ content }) => content)]);
  const because = 'the bundle of all CA certificates, as update-ca-certificates makes it';
  return [...copies, generatedFile(bundlePath, bundle, { ...common, because })];
}

/** Regular files and links to them (`find -L -type f -name '*.crt' | sort`). */
function certificateFiles(tree: EffectTree, folder: string): readonly Uint8Array[] {
  return [...tree.below(folder)]
    .filter((path) => path.endsWith('.crt'))
    .sort(compareStrings)
    .flatMap((path) => {
      const bytes = tree.read(linked(tree, path));
      return bytes === undefined ? [] : [bytes];
    });
}

/** One symbolic link followed, absolute or beside the file: certificates are not linked in chains. */
function linked(tree: EffectTree, path: string): string {
  const entry = tree.get(path);
  if (entry?.type !== 'symlink' || entry.linkTarget === undefined) return path;
  if (entry.linkTarget.startsWith('/')) return entry.linkTarget.slice(1);
  return `${path.slice(0, path.lastIndexOf('/') + 1)}${entry.linkTarget}`;
}

function extraFiles(files: readonly CertificateFile[], tree: EffectTree) {
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

/** `Corporate Root.pem` -> `Corporate_Root.crt`: update-ca-certificates looks at *.crt only. */
function copyName(name: string): string {
  const base = name.slice(name.lastIndexOf('/') + 1).replace(/\.(pem|crt|cer|cert)$/i, '');
  return `${base.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_') || 'certificate'}.crt`;
}

function joinLines(files: readonly Uint8Array[]): Uint8Array {
  const ends = (bytes: Uint8Array) => bytes.length === 0 || bytes[bytes.length - 1] === 0x0a;
  const size = files.reduce((sum, bytes) => sum + bytes.length + (ends(bytes) ? 0 : 1), 0);
  const bundle = new Uint8Array(size);
  let at = 0;
  for (const bytes of files) {
    bundle.set(bytes, at);
    at += bytes.length;
    if (!ends(bytes)) bundle[at++] = 0x0a;
  }
  return bundle;
}
