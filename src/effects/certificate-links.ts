import { nameHash } from '../formats/x509/name-hash.ts';
import { certificateSubject } from '../formats/x509/subject.ts';
import { baseName } from '../rootfs/path.ts';
import { compareStrings } from '../util/text.ts';
import type { TrustedFile } from './certificate-files.ts';
import { generatedLink } from './entries.ts';
import { pemCertificates } from './pem.ts';
import type { EffectTree, GeneratedEntry } from './types.ts';

const folder = 'etc/ssl/certs';

/** Name of the link that update-ca-certificates makes: `mozilla/A (B).crt` -> `A_=B=.pem`. */
export function pemName(path: string): string {
  return `${baseName(path)
    .replace(/\.crt$/, '')
    .replace(/[ ,]/g, '_')
    .replace(/[()]/g, '=')}.pem`;
}

/**
 * The links of /etc/ssl/certs: NAME.pem to each file (of two with one name, to the later), and HASH.N to those, which
 * is how OpenSSL finds an issuer in a folder (openssl-rehash(1): N counts certificates of one subject, in the order of
 * their file names; a file of several certificates has none, nor has a second one with the same certificate).
 */
export function certificateLinks(
  files: readonly TrustedFile[],
  { tree, created }: { readonly tree: EffectTree; readonly created: number },
): readonly GeneratedEntry[] {
  const byName = new Map(files.map((file) => [pemName(file.path), file]));
  const names = [...byName.keys()].sort(compareStrings);
  const common = { rule: 'certificates', created } as const;
  const links = names.map((name) => {
    const because = 'a trusted certificate, linked as update-ca-certificates does';
    return generatedLink(`${folder}/${name}`, `/${byName.get(name)?.path}`, { ...common, because });
  });
  const taken = new Set<string>();
  const seen = new Set<string>();
  const hashes = names.flatMap((name) => {
    const hash = hashOf(byName.get(name)?.content, seen);
    if (hash === undefined) return [];
    let number = 0;
    while (taken.has(`${hash}.${number}`) || tree.get(`${folder}/${hash}.${number}`) !== undefined) number++;
    taken.add(`${hash}.${number}`);
    const because = `the name by which OpenSSL finds ${name}, as openssl rehash links it`;
    return [generatedLink(`${folder}/${hash}.${number}`, name, { ...common, because })];
  });
  return [...links, ...hashes].filter(({ path }) => tree.get(path) === undefined);
}

/** `seen` gets every certificate. */
function hashOf(content: Uint8Array | undefined, seen: Set<string>): string | undefined {
  const [certificate, ...others] = content === undefined ? [] : pemCertificates(content);
  if (certificate === undefined || others.length > 0) return undefined;
  const subject = certificateSubject(certificate.der);
  const hash = subject === undefined ? undefined : nameHash(subject);
  if (hash === undefined || seen.has(certificate.base64)) return undefined;
  seen.add(certificate.base64);
  return hash;
}
