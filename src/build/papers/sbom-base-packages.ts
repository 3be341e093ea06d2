import type { PackageRecord } from '../../distro/types.ts';
import { parseStanzas, type Stanza } from '../../formats/deb822/stanza.ts';
import type { SbomPackage } from '../../sbom/types.ts';
import type { BaseImage } from '../base-image.ts';
import type { PackageNeeds } from './sbom-dependencies.ts';

/** What a control stanza says of a package: of a .deb, or in dpkg's status. */
export function controlFacts(
  stanza: Stanza | undefined,
): Pick<SbomPackage, 'summary' | 'homepage' | 'maintainer' | 'section'> {
  const [summary = ''] = (stanza?.get('Description') ?? '').split('\n');
  // An archive's index may override the section, and a locked build reads none.
  const section = stanza?.get('Section') ?? '';
  return { summary, homepage: stanza?.get('Homepage'), maintainer: stanza?.get('Maintainer'), section };
}

/**
 * The packages of the image below, by its own dpkg metadata and os-release: nothing is asked of what this machine may remember of that
 * image, because another one would write other papers.
 */
export function basePackages(
  { installed, files, release }: Pick<BaseImage, 'installed' | 'files' | 'release'>,
  needsOf: (name: string) => PackageNeeds,
): readonly SbomPackage[] {
  const stanzas = stanzasOf(files);
  const { id: vendor, codename } = release;
  return installed.map((record) => {
    const { name, version, architecture, source } = record;
    return {
      name,
      version,
      architecture,
      source,
      vendor,
      codename: vendor === undefined ? undefined : codename,
      ...controlFacts(stanzas.get(keyOf(record))),
      deb: undefined,
      licence: {
        expression: undefined,
        references: {},
        problem: 'The package is in the image below, whose files are not read.',
        copyrights: [],
      },
      requested: false,
      ...needsOf(name),
      cutDependencies: [],
      omitted: [],
      scripts: [],
      stripped: [],
    };
  });
}

function stanzasOf(files: BaseImage['files']): ReadonlyMap<string, Stanza> {
  const stanzas = [...files].flatMap(([path, bytes]) =>
    /^var\/lib\/dpkg\/status(?:$|\.d\/)/.test(path) && !path.endsWith('.md5sums')
      ? [...parseStanzas(bytes, { what: path })]
      : [],
  );
  return new Map(
    stanzas.map((stanza) => [
      keyOf({
        name: stanza.get('Package') ?? '',
        version: stanza.get('Version') ?? '',
        architecture: stanza.get('Architecture') ?? '',
      }),
      stanza,
    ]),
  );
}

function keyOf({ name, version, architecture }: Pick<PackageRecord, 'name' | 'version' | 'architecture'>): string {
  return `${name} ${version} ${architecture}`;
}
