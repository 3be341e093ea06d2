import { type Digest, hexOf } from '../util/digest.ts';
import { imageName } from './identity.ts';
import { LicenceTexts } from './licence-texts.ts';
import { parseMaintainer } from './maintainer.ts';
import { imagePurl, packagePurl } from './purls.ts';
import { cutRemarks, imageRemarks, originSentence } from './remarks.ts';
import { repositoryUrl, webAddress } from './repository.ts';
import { documentComment, filesByOwner, packageKeys, sourcePackages } from './sources.ts';
import { Spdx3Graph } from './spdx3-graph.ts';
import type { BillOfMaterials, SbomFile, SbomPackage, SbomSource } from './types.ts';

/** SPDX 3.0.1 as JSON-LD: a list of elements, each known by an IRI, and relationships between them that are elements too. */
export function spdx3Document(bom: BillOfMaterials): object {
  const graph = new Spdx3Graph(bom);
  const image = addImage(graph, bom);
  addPackages(graph, { bom, image });
  addSources(graph, { bom, image });
  addFiles(graph, { bom, image });
  return graph.document({ comment: documentComment(bom), root: image, name: imageName(bom) });
}

interface Scene {
  readonly bom: BillOfMaterials;
  /** Identifier of the image. */
  readonly image: string;
}

function addImage(graph: Spdx3Graph, bom: BillOfMaterials): string {
  const image = graph.add('software_Package', 'Image', {
    name: imageName(bom),
    software_packageVersion: bom.digest,
    software_primaryPurpose: 'container',
    software_packageUrl: imagePurl(bom),
    verifiedUsing: [sha256(hexOf(bom.digest))],
  });
  for (const { name, value } of cutRemarks(bom.cuts)) graph.annotate(image, `${name} ${value}`);
  if (bom.on === undefined) return image;
  const base = graph.add('software_Package', 'BaseImage', {
    name: 'base image',
    software_packageVersion: bom.on,
    software_primaryPurpose: 'container',
    verifiedUsing: [sha256(hexOf(bom.on))],
    comment: 'The image below, described by its packages only.',
  });
  graph.relate('descendantOf', image, [base]);
  return image;
}

function addPackages(graph: Spdx3Graph, { bom, image }: Scene): void {
  const licences = new LicenceTexts();
  const suppliers = addSuppliers(graph, bom);
  const keyOf = packageKeys(bom);
  const identify = (one: SbomPackage) => graph.idOf(packageId(keyOf(one)));
  for (const one of bom.packages) {
    const id = graph.add('software_Package', packageId(keyOf(one)), {
      name: one.name,
      summary: one.summary || undefined,
      comment: originSentence(one),
      software_packageVersion: one.version,
      software_packageUrl: packagePurl(one),
      software_homePage: webAddress(one.homepage),
      software_sourceInfo: `built package from: ${one.source.name} ${one.source.version}`,
      software_copyrightText: one.licence.copyrights.join('\n') || undefined,
      suppliedBy: one.maintainer === undefined ? undefined : suppliers.get(one.maintainer),
      // Hash of the .deb, by which it is found on any mirror.
      verifiedUsing: one.deb && [sha256(one.deb.sha256)],
      externalRef: one.deb && [{ type: 'ExternalRef', externalRefType: 'binaryArtifact', locator: [one.deb.path] }],
    });
    graph.relate('hasDeclaredLicense', id, [addLicence(graph, licences, one)], { comment: one.licence.problem });
    for (const { name, value } of imageRemarks(one)) graph.annotate(id, `${name} ${value}`);
  }
  graph.relate('contains', image, bom.packages.map(identify), { completeness: 'complete' });
  graph.relate('dependsOn', image, bom.packages.filter(({ requested }) => requested).map(identify));
  for (const one of bom.packages) addDependencies(graph, identify(one), one);
  for (const source of sourcePackages(bom)) {
    const id = graph.add('software_Package', source.id, {
      name: source.name,
      software_packageVersion: source.version,
      software_packageUrl: source.purl,
      software_primaryPurpose: 'source',
    });
    graph.relate('generates', id, source.builds.map(identify));
  }
}

function addSuppliers(graph: Spdx3Graph, { packages }: BillOfMaterials): ReadonlyMap<string, string> {
  const maintainers = new Set(packages.flatMap(({ maintainer }) => maintainer ?? []));
  return new Map(
    [...maintainers].map((text, index) => {
      const { name, address, group } = parseMaintainer(text);
      const externalIdentifier = address && [
        { type: 'ExternalIdentifier', externalIdentifierType: 'email', identifier: address },
      ];
      // An agent is a person, an organisation or, as here, not said.
      return [text, graph.add(group ? 'Organization' : 'Agent', `Supplier-${index + 1}`, { name, externalIdentifier })];
    }),
  );
}

/** The same expression of two packages is one element. */
function addLicence(graph: Spdx3Graph, licences: LicenceTexts, one: SbomPackage): string {
  const known = licences.all.length;
  const licence = licences.expressionOf(one);
  if (licence === undefined) return 'https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense';
  for (const { id, name, text } of licences.all.slice(known)) {
    graph.add('simplelicensing_SimpleLicensingText', id, { name, simplelicensing_licenseText: text });
  }
  return graph.licence(
    licence.expression,
    licence.texts.map(({ id }) => id),
  );
}

function addDependencies(
  graph: Spdx3Graph,
  from: string,
  { dependencies, omittedDependencies }: Pick<SbomPackage, 'dependencies' | 'omittedDependencies'>,
): void {
  const completeness = omittedDependencies.length === 0 ? 'complete' : 'incomplete';
  const named = (wanted: readonly string[]) =>
    dependencies.filter(({ type }) => wanted.includes(type)).map((one) => graph.idOf(packageId(one.name)));
  graph.relate('dependsOn', from, named(['depends', 'pre-depends']), { scope: 'runtime', completeness });
  graph.relate('hasOptionalDependency', from, named(['recommends']), { scope: 'runtime' });
}

function addSources(graph: Spdx3Graph, { bom, image }: Scene): void {
  const ids = bom.sources.map((source, index) =>
    graph.add('software_Package', copiedInId(index), {
      name: source.name,
      comment: `Copied in to ${source.path}${source.image === undefined ? '' : ` from the image ${source.image}`}.`,
      software_primaryPurpose: 'application',
      software_packageVersion: source.git?.commit ?? source.image,
      ...gitFacts(source),
    }),
  );
  graph.relate('contains', image, ids);
}

function gitFacts({ git }: SbomSource): object {
  if (git === undefined) return {};
  const url = repositoryUrl(git.remote);
  const identifier = `gitoid:commit:${git.commit.length === 64 ? 'sha256' : 'sha1'}:${git.commit}`;
  return {
    software_downloadLocation: url && `git+${url}@${git.commit}`,
    externalIdentifier: [{ type: 'ExternalIdentifier', externalIdentifierType: 'gitoid', identifier }],
    externalRef: url && [{ type: 'ExternalRef', externalRefType: 'vcs', locator: [url] }],
  };
}

function addFiles(graph: Spdx3Graph, { bom, image }: Scene): void {
  const { ofPackages, ofSources, others } = filesByOwner(bom);
  const ids = new Map(
    bom.files.map((file, index) => [
      file,
      graph.add('software_File', `File-${index + 1}`, {
        name: `/${file.path}`,
        comment: file.package === undefined ? file.origin : undefined,
        verifiedUsing: [sha256(file.sha256)],
      }),
    ]),
  );
  const contain = (owner: string, files: readonly SbomFile[]) =>
    graph.relate(
      'contains',
      owner,
      files.flatMap((file) => ids.get(file) ?? []),
    );
  for (const [name, files] of ofPackages) contain(graph.idOf(packageId(name)), files);
  for (const [index, files] of ofSources) contain(graph.idOf(copiedInId(index)), files);
  contain(image, others);
}

function packageId(name: string): string {
  return `Package-${name}`;
}

function copiedInId(index: number): string {
  return `Files-${index + 1}`;
}

function sha256(hex: Digest | string): object {
  return { type: 'Hash', algorithm: 'sha256', hashValue: hex };
}
