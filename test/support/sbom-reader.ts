import type { SbomFormat } from '../../src/oci/papers.ts';

/** `NAME VERSION` of each binary package that a document lists, sorted: as a reader that knows the format finds them, by purl. */
export function packagesOf(format: SbomFormat, bytes: Uint8Array): readonly string[] {
  return listed(format, bytes)
    .filter(({ purl }) => /^pkg:(?:deb|generic)\//.test(purl) && !/[?&]arch=source(?:&|$)/.test(purl))
    .map(({ name, version }) => `${name} ${version}`)
    .sort();
}

/** Path and sha256 of each file that a document lists, without leading slash, sorted. */
export function filesOf(format: SbomFormat, bytes: Uint8Array): readonly string[] {
  const document = JSON.parse(new TextDecoder().decode(bytes));
  return filesIn(format, document).sort();
}

interface Listed {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
}

/** Only what the reader looks at. */
interface Document {
  readonly packages: readonly {
    readonly name: string;
    readonly versionInfo: string;
    readonly externalRefs?: readonly { readonly referenceType: string; readonly referenceLocator: string }[];
  }[];
  readonly files: readonly {
    readonly fileName: string;
    readonly checksums: readonly { readonly algorithm: string; readonly checksumValue: string }[];
  }[];
  readonly '@graph': readonly {
    readonly type: string;
    readonly name: string;
    readonly software_packageVersion: string;
    readonly software_packageUrl?: string;
    readonly verifiedUsing: readonly { readonly hashValue: string }[];
  }[];
  readonly components: readonly Component[];
}

interface Component {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly hashes: readonly { readonly content: string }[];
  readonly components?: readonly Component[];
}

function listed(format: SbomFormat, bytes: Uint8Array): readonly Listed[] {
  const document = JSON.parse(new TextDecoder().decode(bytes)) as Document;
  switch (format) {
    case 'spdx':
      return document.packages.map(({ name, versionInfo, externalRefs = [] }) => {
        const purl = externalRefs.find(({ referenceType }) => referenceType === 'purl')?.referenceLocator ?? '';
        return { name, version: versionInfo, purl };
      });
    case 'spdx-3':
      return document['@graph']
        .filter(({ type }) => type === 'software_Package')
        .map((one) => ({
          name: one.name,
          version: one.software_packageVersion,
          purl: one.software_packageUrl ?? '',
        }));
    case 'cyclonedx':
      return document.components.map(({ name, version, purl = '' }) => ({ name, version, purl }));
  }
}

function filesIn(format: SbomFormat, document: Document): string[] {
  switch (format) {
    case 'spdx':
      return document.files.map(
        ({ fileName, checksums }) =>
          `${fileName.slice(2)} ${checksums.find(({ algorithm }) => algorithm === 'SHA256')?.checksumValue}`,
      );
    case 'spdx-3':
      return document['@graph']
        .filter(({ type }) => type === 'software_File')
        .map(({ name, verifiedUsing }) => `${name.slice(1)} ${verifiedUsing[0]?.hashValue}`);
    case 'cyclonedx':
      return document.components
        .flatMap((one) => [one, ...(one.components ?? [])])
        .filter(({ type }) => type === 'file')
        .map(({ name, hashes }) => `${name.slice(1)} ${hashes[0]?.content}`);
  }
}
