const names: Readonly<Record<string, string>> = {
  'https://sigstore.dev/cosign/sign/v1': 'image',
  'https://slsa.dev/provenance/v1': 'provenance',
  'https://spdx.dev/Document': 'SBOM (SPDX 2.3)',
  'https://spdx.dev/Document/v3': 'SBOM (SPDX 3.0)',
  'https://cyclonedx.org/bom': 'SBOM (CycloneDX)',
};

/** What a signature speaks of, for people. */
export function signedName(predicateType: string): string {
  return names[predicateType] ?? predicateType;
}
