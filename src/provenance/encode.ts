import { packagePurl } from '../sbom/purls.ts';
import { type Digest, hexOf } from '../util/digest.ts';
import { canonicalJson } from '../util/json.ts';
import { compareStrings, encodeUtf8 } from '../util/text.ts';
import { encodeStatement, type ResourceDescriptor } from './statement.ts';
import type { ProvenanceFacts, ProvenancePackage, ProvenanceRelease } from './types.ts';

/** SLSA, provenance v1. */
export const provenanceType = 'https://slsa.dev/provenance/v1';

/** What `buildType` and `builder.id` mean is written in docs/papers.md; another meaning of the parameters raises the number. */
export const buildType = 'urn:slimimage:build:1';
export const builderId = 'urn:slimimage:builder';

/**
 * What an image was made of, as an in-toto statement with an SLSA predicate. No clock and no number of the run: the same build has the same
 * provenance on every machine.
 */
export function encodeProvenance(facts: ProvenanceFacts): Uint8Array {
  const { name, toolVersion, configuration, lock, platforms, compressor, bytecode, created } = facts;
  const predicate = {
    buildDefinition: {
      buildType,
      externalParameters: {
        name,
        configuration: digestSet(configuration),
        ...(lock === undefined ? {} : { lock: digestSet(lock) }),
        platforms,
        ...(created === undefined ? {} : { created: new Date(created * 1000).toISOString().replace('.000Z', 'Z') }),
      },
      internalParameters: { compressor, ...(bytecode === undefined ? {} : { bytecode }) },
      resolvedDependencies: [
        ...sorted(facts.releases.flatMap(releaseMaterials)),
        ...sorted(facts.packages.map(packageMaterial)),
        ...sorted(facts.images.map(imageMaterial)),
        ...sorted(facts.sources.map(sourceMaterial)),
      ],
    },
    runDetails: { builder: { id: builderId, version: { slimimage: toolVersion } } },
  };
  const subjects = facts.subjects.map(({ digest, platform }) => ({
    name,
    digest: digestSet(digest),
    ...(platform === undefined ? {} : { annotations: { platform } }),
  }));
  return encodeStatement({ subjects, predicateType: provenanceType, predicate: encodeUtf8(canonicalJson(predicate)) });
}

/** The Release that was signed, and the indexes for which it vouches. */
function releaseMaterials(release: ProvenanceRelease): readonly ResourceDescriptor[] {
  const { archive, suite, digest, date, fingerprints, indexes } = release;
  const folder = suite.endsWith('/') ? suite.replace(/^(?:\.\/)+|\/+$/g, '') : `dists/${suite}`;
  const place = (path: string) => [folder, path].filter((part) => part !== '').join('/');
  const annotations = { suite, date, fingerprints: fingerprints.toSorted(compareStrings) };
  return [
    {
      name: 'InRelease',
      uri: archiveUri(archive, place('InRelease')),
      digest: digestSet(digest),
      annotations,
    },
    ...indexes.map((index) => ({
      name: index.path,
      uri: archiveUri(archive, place(index.path)),
      digest: digestSet(index.digest),
      annotations: { suite, release: hexOf(digest) },
    })),
  ];
}

function packageMaterial(one: ProvenancePackage): ResourceDescriptor {
  const { name, archive, suite, path, sha256, donor } = one;
  return {
    name,
    uri: packagePurl({ ...one, deb: { sha256 } }),
    digest: { sha256 },
    annotations: { archive, suite, path, role: donor ? 'read' : 'installed' },
  };
}

function imageMaterial({ role, name, digest }: ProvenanceFacts['images'][number]): ResourceDescriptor {
  return { name, digest: digestSet(digest), annotations: { role } };
}

/** A commit of git, as SPDX's download locations write it: `git+https://host.example/app@COMMIT`. Other files by what they hold. */
function sourceMaterial(source: ProvenanceFacts['sources'][number]): ResourceDescriptor {
  if (source.type !== 'git') {
    const { type, name, digest, links } = source;
    return { name, digest, annotations: { role: type, ...(links === undefined ? {} : { links }) } };
  }
  const { name, commit, remote } = source;
  const uri = remote === undefined ? {} : { uri: `git+${remote}@${commit}` };
  return { name, ...uri, digest: { gitCommit: commit }, annotations: { role: 'files' } };
}

/** An archive by its name and no mirror: `urn:slimimage:archive:debian/dists/trixie/InRelease`. */
function archiveUri(archive: string, path: string): string {
  const parts = [archive, ...path.split('/')].map((part) => encodeURIComponent(part).replaceAll('%3A', ':'));
  return `urn:slimimage:archive:${parts.join('/')}`;
}

function digestSet(digest: Digest): { readonly sha256: string } {
  return { sha256: hexOf(digest) };
}

function sorted(materials: readonly ResourceDescriptor[]): readonly ResourceDescriptor[] {
  const keyed = materials.map(
    (material) => [canonicalJson([material.uri ?? '', material.name, material]), material] as const,
  );
  return keyed.sort(([a], [b]) => compareStrings(a, b)).map(([, material]) => material);
}
