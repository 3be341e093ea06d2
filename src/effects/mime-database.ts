import type { MimePackage } from '../formats/mime/read-packages.ts';
import { type WrittenDatabase, writeMimeDatabase } from '../formats/mime/write-database.ts';
import { generatedFile } from './entries.ts';
import { filesIn } from './folder-files.ts';
import type { EffectAddition, EffectInput } from './types.ts';

const folder = 'usr/share/mime';

export type MediaTypes = WrittenDatabase;

export interface MediaTypeSources {
  readonly files: readonly MimePackage[];
  /** Of shared-mime-info. */
  readonly version: string;
}

/**
 * The database of media types, as the postinst and the trigger of shared-mime-info have update-mime-database(1) write
 * it. Where shared-mime-info is: packages of types alone are read by nobody.
 */
export function mimeDatabase(input: EffectInput): EffectAddition {
  const { tree, settings } = input;
  const sources = mediaTypeSources(input);
  if (sources === undefined) return { entries: [], warnings: [] };
  const { files, problems } = input.mediaTypes ?? writeMediaTypes(sources);
  const because = `the media types of /${folder}/packages, as update-mime-database writes them`;
  const entries = [...files].flatMap(([name, bytes]) => {
    const path = `${folder}/${name}`;
    if (tree.get(path) !== undefined) return [];
    return [generatedFile(path, bytes, { rule: 'media types', because, created: settings.created })];
  });
  return { entries, warnings: problems.map((problem) => `/${folder}/packages: ${problem}`) };
}

/** What the database is made of; undefined where the image has none, or brings its own. */
export function mediaTypeSources({ tree, packages }: EffectInput): MediaTypeSources | undefined {
  const owner = packages.find(({ name }) => name === 'shared-mime-info');
  if (owner === undefined || tree.get(`${folder}/mime.cache`) !== undefined) return undefined;
  const files = filesIn(tree, `${folder}/packages`, /\.xml$/);
  return files.length === 0 ? undefined : { files, version: upstreamVersion(owner.version) };
}

/** Takes 0.2 s and more: a caller may remember it (`EffectInput.mediaTypes`). */
export function writeMediaTypes({ files, version }: MediaTypeSources): MediaTypes {
  return writeMimeDatabase(files, version);
}

/** `2.4-5+b2` -> `2.4` */
function upstreamVersion(version: string): string {
  return version.replace(/^[0-9]+:/, '').replace(/-[^-]*$/, '');
}
