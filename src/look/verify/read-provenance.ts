/** What a provenance that slimimage made says. It is foreign input: what is not as slimimage writes it is left out. */
import { limits } from '../../limits.ts';
import { parseJson } from '../../oci/parse.ts';
import { buildType, provenanceType } from '../../provenance/encode.ts';
import { member } from '../../signing/members.ts';

/** Digests hexadecimal sha256. */
export interface ReadProvenance {
  /** Of what it speaks. */
  readonly subjects: readonly string[];
  /** False: another builder's, whose materials mean something else. */
  readonly isOurs: boolean;
  /** Of the lock that the build took. */
  readonly lock: string | undefined;
  readonly releases: readonly NamedRelease[];
  readonly packages: readonly NamedPackage[];
  /** Images below or copied from. */
  readonly images: readonly { readonly role: string; readonly sha256: string }[];
}

export interface NamedRelease {
  readonly archive: string;
  readonly suite: string;
  readonly sha256: string;
  readonly date: string;
  readonly fingerprints: readonly string[];
  /** Path below the suite's folder -> sha256. */
  readonly indexes: ReadonlyMap<string, string>;
}

export interface NamedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly archive: string;
  readonly suite: string;
  readonly sha256: string;
  /** False: read for accounts and the like. */
  readonly isInstalled: boolean;
}

/**
 * Undefined for a document that is no provenance.
 * @throws SlimimageError OCI_INVALID where it is no JSON, LIMIT_EXCEEDED
 */
export function readProvenance(bytes: Uint8Array): ReadProvenance | undefined {
  const statement = parseJson(bytes, 'provenance', { maxBytes: limits.paperBytes });
  if (member(statement, 'predicateType') !== provenanceType) return undefined;
  const definition = member(member(statement, 'predicate'), 'buildDefinition');
  const isOurs = member(definition, 'buildType') === buildType;
  const materials = isOurs ? list(member(definition, 'resolvedDependencies')) : [];
  return {
    subjects: list(member(statement, 'subject')).flatMap((one) => sha256Of(one) ?? []),
    isOurs,
    lock: sha256Of({ digest: member(member(definition, 'externalParameters'), 'lock') }),
    releases: releasesIn(materials),
    packages: materials.flatMap((one) => packageOf(one) ?? []),
    images: materials.flatMap((one) => {
      const role = text(member(member(one, 'annotations'), 'role'));
      const sha256 = sha256Of(one);
      return sha256 !== undefined && (role === 'on' || role === 'files') && member(one, 'uri') === undefined
        ? [{ role, sha256 }]
        : [];
    }),
  };
}

const archiveUri = /^urn:slimimage:archive:([^/]+)\/(.+)$/;

function releasesIn(materials: readonly unknown[]): readonly NamedRelease[] {
  const indexes = new Map<string, Map<string, string>>();
  for (const one of materials) {
    const release = text(member(member(one, 'annotations'), 'release'));
    const sha256 = sha256Of(one);
    if (release === '' || sha256 === undefined) continue;
    const known = indexes.get(release) ?? new Map<string, string>();
    indexes.set(release, known.set(text(member(one, 'name')), sha256));
  }
  return materials.flatMap((one): readonly NamedRelease[] => {
    const [, archive] = archiveUri.exec(text(member(one, 'uri'))) ?? [];
    const sha256 = sha256Of(one);
    if (member(one, 'name') !== 'InRelease' || archive === undefined || sha256 === undefined) return [];
    const annotations = member(one, 'annotations');
    return [
      {
        archive: decoded(archive),
        suite: text(member(annotations, 'suite')),
        sha256,
        date: text(member(annotations, 'date')),
        fingerprints: list(member(annotations, 'fingerprints')).map(text),
        indexes: indexes.get(sha256) ?? new Map(),
      },
    ];
  });
}

/** `pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=...` (package-url specification). */
const packageUri = /^pkg:(?:deb\/[^/@?#]+|generic)\/([^/@?#]+)@([^?#]+)(?:\?([^#]*))?/;

function packageOf(material: unknown): NamedPackage | undefined {
  const [, name, version, query = ''] = packageUri.exec(text(member(material, 'uri'))) ?? [];
  const sha256 = sha256Of(material);
  if (name === undefined || version === undefined || sha256 === undefined) return undefined;
  const annotations = member(material, 'annotations');
  return {
    name: decoded(name),
    version: decoded(version),
    architecture: new URLSearchParams(query).get('arch') ?? '',
    archive: text(member(annotations, 'archive')),
    suite: text(member(annotations, 'suite')),
    sha256,
    isInstalled: member(annotations, 'role') === 'installed',
  };
}

function sha256Of(value: unknown): string | undefined {
  const found = member(member(value, 'digest'), 'sha256');
  return typeof found === 'string' && /^[0-9a-f]{64}$/.test(found) ? found : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
