/**
 * What goes with an image: its papers. Media types are those of the formats' own registrations; the artifact types of referrers are
 * the same, as other tools write them (ORAS, BuildKit, Trivy, cosign).
 */
export const paperTypes = {
  /** SPDX 2.3 as JSON. */
  spdx: { mediaType: 'application/spdx+json', suffix: 'spdx.json' },
  /** SPDX 3.0.1 as JSON-LD. Its registered type is SPDX 2's with a parameter, and descriptors take none (OCI image-spec, descriptor.md). */
  'spdx-3': { mediaType: 'application/spdx3+json', suffix: 'spdx3.json' },
  /** CycloneDX 1.6 as JSON. */
  cyclonedx: { mediaType: 'application/vnd.cyclonedx+json', suffix: 'cdx.json' },
  /** An in-toto statement with an SLSA provenance predicate, version 1. */
  provenance: { mediaType: 'application/vnd.in-toto+json', suffix: 'provenance.json' },
} as const;

export type PaperKind = keyof typeof paperTypes;

export type SbomFormat = Exclude<PaperKind, 'provenance'>;

/** Annotation of what a build attached by itself: its value is the kind of paper. */
export const paperMark = 'io.slimimage.paper';

/** Annotation of a provenance beside the mark: the date of the newest Release that it was made from, ISO 8601 UTC. */
export const paperDate = 'io.slimimage.paper.date';

/** A sigstore bundle: a DSSE envelope with what verifies it. */
export const sigstoreBundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
