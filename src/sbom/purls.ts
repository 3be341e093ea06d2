import { PackageURL } from 'packageurl-js';
import { imageName } from './identity.ts';
import type { BillOfMaterials, SbomPackage } from './types.ts';

/**
 * Package URLs (ECMA-427, and purl-spec's types `deb`, `oci`, `generic`). The version of a `deb` is Debian's, epoch included, as
 * scanners compare it.
 */
export function packagePurl({ name, version, architecture, vendor, codename, deb }: NamedPackage): string {
  // `deb` wants a vendor: whose package of that name it is. Without one no advisory speaks of it, and the type may not be claimed.
  if (vendor === undefined) {
    return purl('generic', name, version, { arch: architecture, checksum: deb && `sha256:${deb.sha256}` });
  }
  return purl('deb', name, version, { arch: architecture, distro: codename }, vendor);
}

/** What names a package: papers other than a bill of materials know no more of it. */
export interface NamedPackage extends Pick<SbomPackage, 'name' | 'version' | 'architecture' | 'vendor' | 'codename'> {
  readonly deb: { readonly sha256: string } | undefined;
}

/** Of the source package that it was built from: vulnerability data speaks of sources. */
export function sourcePurl({ source: { name, version }, vendor, codename }: SbomPackage): string {
  if (vendor === undefined) return purl('generic', name, version, { arch: 'source' });
  return purl('deb', name, version, { arch: 'source', distro: codename }, vendor);
}

/** Names the manifest. No `repository_url`: where the image will lie is not known when its papers are written. */
export function imagePurl(bom: BillOfMaterials): string {
  const lastPart =
    imageName(bom)
      .split('/')
      .findLast((part) => part.trim() !== '') ?? 'image';
  return purl('oci', lastPart, bom.digest, { arch: bom.platform.architecture });
}

function purl(
  type: string,
  name: string,
  version: string,
  qualifiers: Readonly<Record<string, string | undefined>>,
  namespace?: string,
): string {
  const given = Object.entries(qualifiers).filter((entry): entry is [string, string] => !!entry[1]);
  const text = new PackageURL(type, namespace, name, version, Object.fromEntries(given), undefined).toString();
  // packageurl-js leaves what encodeURIComponent leaves and writes `+` in a version plainly. The standard wants everything but
  // letters, digits, `.-_~` and the colon encoded; a plain `+` is a space to some readers.
  return text.replace(/[+!'()*]/g, percentEncoded).replaceAll('%3A', ':');
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
