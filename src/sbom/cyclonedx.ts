import { hexOf } from '../util/digest.ts';
import { documentUuid, imageName, timestamp } from './identity.ts';
import { ownLicenceTexts } from './licence-texts.ts';
import { parseMaintainer } from './maintainer.ts';
import { imagePurl, packagePurl, sourcePurl } from './purls.ts';
import { cutRemarks, debRemarks, imageRemarks, type Remark } from './remarks.ts';
import { repositoryUrl, webAddress } from './repository.ts';
import { documentComment, filesByOwner, packageKeys } from './sources.ts';
import type { BillOfMaterials, SbomFile, SbomPackage, SbomSource } from './types.ts';

/** CycloneDX 1.6 (ECMA-424), by its JSON schema. */
export function cycloneDxDocument(bom: BillOfMaterials): object {
  const files = filesByOwner(bom);
  const keyOf = packageKeys(bom);
  const refOf = (one: SbomPackage) => packageRef(keyOf(one));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${documentUuid(bom, 'cyclonedx-1.6')}`,
    version: 1,
    metadata: {
      timestamp: timestamp(bom),
      lifecycles: [{ phase: 'build' }],
      tools: { components: [{ type: 'application', name: 'slimimage', version: bom.toolVersion }] },
      component: imageComponent(bom),
      properties: [{ name: 'slimimage:comment', value: documentComment(bom) }],
    },
    components: [
      ...bom.packages.map((one) => ({
        'bom-ref': refOf(one),
        ...packageComponent(one, files.ofPackages.get(keyOf(one)) ?? []),
      })),
      ...bom.sources.map((source, index) => copiedIn(source, { index, files: files.ofSources.get(index) ?? [] })),
      ...files.others.map(fileComponent),
    ],
    dependencies: [
      {
        ref: imageRef,
        dependsOn: bom.packages.filter(({ requested }) => requested).map(refOf),
      },
      ...bom.packages.map((one) => ({
        ref: refOf(one),
        dependsOn: [...new Set(one.dependencies.map(({ name }) => packageRef(name)))],
      })),
    ],
    compositions: compositions(bom, refOf),
  };
}

/** Of the image below only the packages are known; of packages whose dependencies were left out, not all that they need. */
function compositions(bom: BillOfMaterials, refOf: (one: SbomPackage) => string): readonly object[] {
  const isWhole = (one: SbomPackage) => one.omittedDependencies.length === 0;
  const partial = bom.packages.filter((one) => !isWhole(one));
  const aggregate = bom.on === undefined ? 'complete' : 'incomplete';
  return [
    { aggregate, assemblies: [imageRef], dependencies: bom.packages.filter(isWhole).map(refOf) },
    ...(partial.length === 0 ? [] : [{ aggregate: 'incomplete', dependencies: partial.map(refOf) }]),
  ];
}

const imageRef = 'image';

function packageRef(name: string): string {
  return `package:${name}`;
}

function imageComponent(bom: BillOfMaterials): object {
  return {
    'bom-ref': imageRef,
    type: 'container',
    name: imageName(bom),
    version: bom.digest,
    hashes: [sha256(hexOf(bom.digest))],
    purl: imagePurl(bom),
    properties: properties(cutRemarks(bom.cuts)),
    pedigree: bom.on && {
      ancestors: [{ type: 'container', name: 'base image', version: bom.on, hashes: [sha256(hexOf(bom.on))] }],
    },
  };
}

function packageComponent(one: SbomPackage, files: readonly SbomFile[]): object {
  const { expression } = one.licence;
  const homepage = webAddress(one.homepage);
  return {
    type: 'library',
    supplier: supplier(one.maintainer),
    name: one.name,
    version: one.version,
    description: one.summary || undefined,
    hashes: one.deb && [sha256(one.deb.sha256)],
    licenses: expression === undefined ? undefined : [{ expression, acknowledgement: 'declared' }],
    copyright: one.licence.copyrights.join('\n') || undefined,
    purl: packagePurl(one),
    // Advisories speak of the source package.
    pedigree: {
      ancestors: [{ type: 'library', name: one.source.name, version: one.source.version, purl: sourcePurl(one) }],
    },
    externalReferences: homepage && [{ type: 'website', url: homepage }],
    properties: properties([...debRemarks(one), ...recommendations(one), ...licenceProblem(one), ...imageRemarks(one)]),
    evidence: licenceTexts(one),
    components: files.length === 0 ? undefined : files.map(fileComponent),
  };
}

function supplier(maintainer: string | undefined): object | undefined {
  if (maintainer === undefined) return undefined;
  const { name, address } = parseMaintainer(maintainer);
  return { name, contact: address && [{ email: address }] };
}

/** `dependsOn` does not tell them from dependencies. */
function recommendations({ dependencies }: SbomPackage): readonly Remark[] {
  return dependencies
    .filter(({ type }) => type === 'recommends')
    .map(({ name }) => ({ name: 'slimimage:recommends', value: name }));
}

function licenceProblem({ licence: { problem } }: SbomPackage): readonly Remark[] {
  return problem === undefined ? [] : [{ name: 'slimimage:licence-problem', value: problem }];
}

/** Beside an expression there is no place for the texts that it names: they are evidence. */
function licenceTexts(one: SbomPackage): object | undefined {
  const texts = ownLicenceTexts(one);
  if (texts.length === 0) return undefined;
  return { licenses: texts.map(({ id, text }) => ({ license: { name: id, text: { content: text } } })) };
}

function copiedIn(source: SbomSource, { index, files }: { index: number; files: readonly SbomFile[] }): object {
  const { name, path, git, image } = source;
  const url = repositoryUrl(git?.remote);
  return {
    'bom-ref': `files:${index + 1}`,
    type: 'application',
    name,
    version: git?.commit ?? image,
    hashes: image && [sha256(hexOf(image))],
    pedigree: git && { commits: [{ uid: git.commit, url }] },
    externalReferences: git && url && [{ type: 'vcs', url, comment: `commit ${git.commit}` }],
    properties: [{ name: 'slimimage:path', value: path }],
    components: files.length === 0 ? undefined : files.map(fileComponent),
  };
}

function fileComponent(file: SbomFile): object {
  const origin = file.package === undefined ? file.origin : undefined;
  return {
    type: 'file',
    name: `/${file.path}`,
    hashes: [sha256(file.sha256)],
    properties: origin === undefined ? undefined : [{ name: 'slimimage:origin', value: origin }],
  };
}

function properties(list: readonly Remark[]): readonly Remark[] | undefined {
  return list.length === 0 ? undefined : list;
}

function sha256(content: string): object {
  return { alg: 'SHA-256', content };
}
