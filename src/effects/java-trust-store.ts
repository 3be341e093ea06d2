import { encodeKeyStore } from '../formats/jks/encode.ts';
import { parseKeyStore } from '../formats/jks/parse.ts';
import type { TrustedCertificate } from '../formats/jks/types.ts';
import { baseName } from '../rootfs/path.ts';
import { compareStrings } from '../util/text.ts';
import { extraFiles, trustedFiles } from './certificate-files.ts';
import { pemName } from './certificate-links.ts';
import { generatedFile } from './entries.ts';
import { pemCertificates } from './pem.ts';
import type { EffectInput, EffectTree, GeneratedEntry } from './types.ts';

const storePath = 'etc/ssl/certs/java/cacerts';

/** Java's own word for a store that holds no secret; programs expect it. */
const password = 'changeit';

/**
 * /etc/ssl/certs/java/cacerts as ca-certificates-java leaves it (its postinst would run Java): all trusted
 * certificates, those of `certificates:` among them, as `debian:NAME.pem`. Made where that package or a Java runtime is.
 * Of a file with several, each is in it; Debian's own program takes the first.
 * @throws SlimimageError SOURCE_INVALID as `certificates`; KEYSTORE_INVALID where the store of the image below (`on:`) can't
 * be read.
 */
export function javaTrustStore({ tree, packages, settings }: EffectInput): readonly GeneratedEntry[] {
  const extras = extraFiles(settings.certificates, tree);
  const below = storeBelow({ tree, settings });
  if (below === undefined) {
    if (tree.get(storePath) !== undefined) return [];
    if (!packages.some(({ name }) => name === 'ca-certificates-java') && !hasRuntime(tree)) return [];
  } else if (extras.length === 0) {
    return [];
  }
  const files = below === undefined ? [...trustedFiles(tree), ...extras] : extras;
  const { created } = settings;
  const byAlias = new Map<string, TrustedCertificate>(below?.map((entry) => [entry.alias, entry]));
  for (const { path, content } of files) {
    pemCertificates(content).forEach(({ der }, index) => {
      const alias = `debian:${pemName(path)}${index === 0 ? '' : `-${index + 1}`}`.toLowerCase();
      byAlias.set(alias, { alias, created, certificate: der });
    });
  }
  const certificates = [...byAlias.values()].sort((a, b) => compareStrings(a.alias, b.alias));
  const because = "Java's trusted certificates, as ca-certificates-java makes them";
  return [
    generatedFile(storePath, encodeKeyStore(certificates, password), { rule: 'java trust store', because, created }),
  ];
}

/** That of the image that this one is built on: `certificates:` are added to it. One of the configuration stays as it is. */
function storeBelow({ tree, settings }: Pick<EffectInput, 'tree' | 'settings'>) {
  const bytes = settings.existing === undefined ? undefined : tree.read(storePath);
  return bytes === undefined ? undefined : parseKeyStore(bytes, password);
}

/** A runtime of Debian links its own store to this one. */
function hasRuntime(tree: EffectTree): boolean {
  for (const path of tree.below('usr/lib/jvm')) {
    if (baseName(path) === 'cacerts' && tree.get(path)?.linkTarget === `/${storePath}`) return true;
  }
  return false;
}
