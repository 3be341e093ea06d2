import { hexOf, sha1Hex } from '../util/digest.ts';
import { compareStrings } from '../util/text.ts';
import { documentNamespace, idPart, imageName, timestamp } from './identity.ts';
import { LicenceTexts } from './licence-texts.ts';
import { parseMaintainer } from './maintainer.ts';
import { imagePurl, packagePurl } from './purls.ts';
import { cutRemarks, imageRemarks, originSentence, type Remark } from './remarks.ts';
import { repositoryUrl, webAddress } from './repository.ts';
import {
  documentComment,
  type FilesByOwner,
  filesByOwner,
  packageKeys,
  type SourcePackage,
  sourcePackages,
} from './sources.ts';
import type { BillOfMaterials, SbomFile, SbomPackage, SbomSource } from './types.ts';

/**
 * SPDX 2.3 (the successor of ISO/IEC 5962). A file needs its SHA-1 (8.4), and the packages that hold files a code made from those (7.9):
 * validators refuse a document without. Where a file has none no file is listed, because an invented one would be a lie.
 */
export function spdx2Document(bom: BillOfMaterials): object {
  const licences = new LicenceTexts();
  const keyOf = packageKeys(bom);
  const listed = bom.files.filter(hasSha1);
  const whole = listed.length === bom.files.length;
  const files = filesByOwner({ ...bom, files: whole ? listed : [] });
  const builtFrom = sourcePackages(bom);
  const ids = new Map(whole ? listed.map((file, index) => [file, `SPDXRef-File-${index + 1}`]) : []);
  const tool = `Tool: slimimage-${bom.toolVersion}`;
  const annotation = ({ name, value }: Remark) => ({
    annotationDate: timestamp(bom),
    annotationType: 'OTHER',
    annotator: tool,
    comment: `${name} ${value}`,
  });
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: imageName(bom),
    documentNamespace: documentNamespace(bom, 'spdx-2.3'),
    comment: documentComment(bom),
    creationInfo: { created: timestamp(bom), creators: [tool] },
    packages: [
      {
        ...imagePackage(bom),
        ...holding(files.others),
        annotations: bom.cuts.length === 0 ? undefined : cutRemarks(bom.cuts).map(annotation),
      },
      ...(bom.on === undefined ? [] : [basePackage(bom.on)]),
      ...bom.packages.map((one) => ({
        SPDXID: packageId(keyOf(one)),
        ...binaryPackage(one, licences),
        ...holding(files.ofPackages.get(keyOf(one))),
        annotations: imageRemarks(one).map(annotation),
      })),
      ...builtFrom.map(sourcePackage),
      ...bom.sources.map((source, index) => ({ ...copiedIn(source, index), ...holding(files.ofSources.get(index)) })),
    ],
    files: [...ids].map(([file, id]) => ({
      SPDXID: id,
      // 8.1: relative to the root of what is described.
      fileName: `./${file.path}`,
      checksums: [
        { algorithm: 'SHA1', checksumValue: file.sha1 },
        { algorithm: 'SHA256', checksumValue: file.sha256 },
      ],
      comment: file.package === undefined ? file.origin : undefined,
    })),
    relationships: relationships(bom, { files, builtFrom, ids }),
    hasExtractedLicensingInfos: licences.all.map(({ id, name, text }) => ({
      licenseId: id,
      name,
      extractedText: text,
    })),
  };
}

type ListedFile = SbomFile & { readonly sha1: string };

function hasSha1(file: SbomFile): file is ListedFile {
  return file.sha1 !== undefined;
}

/** 7.8 and 7.9: SHA-1 over the SHA-1s of a package's files, in their order. */
function holding(files: readonly ListedFile[] = []): object {
  if (files.length === 0) return { filesAnalyzed: false };
  const sums = files.map(({ sha1 }) => sha1).sort(compareStrings);
  return {
    filesAnalyzed: true,
    packageVerificationCode: { packageVerificationCodeValue: sha1Hex(sums.join('')) },
  };
}

const imageId = 'SPDXRef-Image';
const baseId = 'SPDXRef-BaseImage';
const none = 'NOASSERTION';

function imagePackage(bom: BillOfMaterials): object {
  return {
    SPDXID: imageId,
    name: imageName(bom),
    versionInfo: bom.digest,
    primaryPackagePurpose: 'CONTAINER',
    downloadLocation: none,
    checksums: [{ algorithm: 'SHA256', checksumValue: hexOf(bom.digest) }],
    externalRefs: [purlReference(imagePurl(bom))],
  };
}

function basePackage(digest: NonNullable<BillOfMaterials['on']>): object {
  return {
    SPDXID: baseId,
    name: 'base image',
    versionInfo: digest,
    primaryPackagePurpose: 'CONTAINER',
    downloadLocation: none,
    filesAnalyzed: false,
    checksums: [{ algorithm: 'SHA256', checksumValue: hexOf(digest) }],
    comment: 'The image below, described by its packages only.',
  };
}

/** Trivy reads the source package out of `sourceInfo`, in this wording. */
function binaryPackage(one: SbomPackage, licences: LicenceTexts): object {
  const { deb, licence, source } = one;
  return {
    name: one.name,
    versionInfo: one.version,
    packageFileName: deb?.path,
    supplier: one.maintainer === undefined ? undefined : supplier(one.maintainer),
    // A mirror is not where it comes from, and an archive's name is no URL: file name and comment say both.
    downloadLocation: none,
    checksums: deb && [{ algorithm: 'SHA256', checksumValue: deb.sha256 }],
    homepage: webAddress(one.homepage),
    sourceInfo: `built package from: ${source.name} ${source.version}`,
    licenseConcluded: none,
    licenseDeclared: licences.expressionOf(one)?.expression ?? none,
    licenseComments: licence.problem,
    copyrightText: licence.copyrights.length === 0 ? none : licence.copyrights.join('\n'),
    summary: one.summary || undefined,
    comment: originSentence(one),
    externalRefs: [purlReference(packagePurl(one))],
  };
}

function supplier(maintainer: string): string {
  const { name, address, group } = parseMaintainer(maintainer);
  return `${group ? 'Organization' : 'Person'}: ${name}${address === undefined ? '' : ` (${address})`}`;
}

function sourcePackage(one: SourcePackage): object {
  return {
    SPDXID: `SPDXRef-${one.id}`,
    name: one.name,
    versionInfo: one.version,
    primaryPackagePurpose: 'SOURCE',
    downloadLocation: none,
    filesAnalyzed: false,
    externalRefs: [purlReference(one.purl)],
  };
}

function copiedIn({ name, path, git, image }: SbomSource, index: number): object {
  const url = repositoryUrl(git?.remote);
  const gitoid = git && `gitoid:commit:${git.commit.length === 64 ? 'sha256' : 'sha1'}:${git.commit}`;
  return {
    SPDXID: copiedInId(index),
    name,
    versionInfo: git?.commit ?? image,
    primaryPackagePurpose: 'APPLICATION',
    downloadLocation: git && url !== undefined && spdxHost.test(url) ? `git+${url}@${git.commit}` : none,
    comment: `Copied in to ${path}${image === undefined ? '' : ` from the image ${image}`}.`,
    externalRefs: gitoid && [{ referenceCategory: 'PERSISTENT-ID', referenceType: 'gitoid', referenceLocator: gitoid }],
  };
}

/** What validators take for a host in a location: lower case, a top-level domain of two to five letters. */
const spdxHost = /^[a-z]+:\/\/[a-z0-9]+(?:[-.][a-z0-9]+)*\.[a-z]{2,5}(?::\d{1,5})?(?:\/|$)/;

function purlReference(purl: string): object {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl };
}

function relationships(
  bom: BillOfMaterials,
  {
    files,
    builtFrom,
    ids,
  }: { files: FilesByOwner<ListedFile>; builtFrom: readonly SourcePackage[]; ids: ReadonlyMap<ListedFile, string> },
): readonly object[] {
  const contents = (owner: string, list: readonly ListedFile[] = []) =>
    list.map((file) => related(owner, 'CONTAINS', ids.get(file)));
  const keyOf = packageKeys(bom);
  return [
    related('SPDXRef-DOCUMENT', 'DESCRIBES', imageId),
    ...(bom.on === undefined ? [] : [related(imageId, 'DESCENDANT_OF', baseId)]),
    ...bom.packages.flatMap((one) => [
      related(imageId, 'CONTAINS', packageId(keyOf(one))),
      ...(one.requested ? [related(imageId, 'DEPENDS_ON', packageId(keyOf(one)))] : []),
      ...one.dependencies.map(({ name, type }) =>
        type === 'recommends'
          ? related(packageId(name), 'OPTIONAL_DEPENDENCY_OF', packageId(keyOf(one)))
          : related(packageId(keyOf(one)), 'DEPENDS_ON', packageId(name)),
      ),
      ...contents(packageId(keyOf(one)), files.ofPackages.get(keyOf(one))),
    ]),
    ...builtFrom.flatMap((source) =>
      source.builds.map((one) => related(packageId(keyOf(one)), 'GENERATED_FROM', `SPDXRef-${source.id}`)),
    ),
    ...bom.sources.flatMap((_, index) => [
      related(imageId, 'CONTAINS', copiedInId(index)),
      ...contents(copiedInId(index), files.ofSources.get(index)),
    ]),
    ...contents(imageId, files.others),
  ];
}

function related(from: string, type: string, to: string | undefined): object {
  return { spdxElementId: from, relationshipType: type, relatedSpdxElement: to };
}

function packageId(name: string): string {
  return `SPDXRef-Package-${idPart(name)}`;
}

function copiedInId(index: number): string {
  return `SPDXRef-Files-${index + 1}`;
}
