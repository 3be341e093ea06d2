import { writeMimeDatabase } from '../formats/mime/write-database.ts';
import { generatedFile } from './entries.ts';
import { filesIn } from './folder-files.ts';
import type { EffectAddition, EffectInput } from './types.ts';

const folder = 'usr/share/mime';

/**
 * The database of media types, as the postinst and the trigger of shared-mime-info have update-mime-database(1) write
 * it. Where shared-mime-info is: packages of types alone are read by nobody.
 */
export function mimeDatabase({ tree, settings, packages }: EffectInput): EffectAddition {
  const owner = packages.find(({ name }) => name === 'shared-mime-info');
  if (owner === undefined || tree.get(`${folder}/mime.cache`) !== undefined) return { entries: [], warnings: [] };
  const sources = filesIn(tree, `${folder}/packages`, /\.xml$/);
  if (sources.length === 0) return { entries: [], warnings: [] };
  const { files, problems } = writeMimeDatabase(sources, upstreamVersion(owner.version));
  const because = `the media types of /${folder}/packages, as update-mime-database writes them`;
  const entries = [...files].flatMap(([name, bytes]) => {
    const path = `${folder}/${name}`;
    if (tree.get(path) !== undefined) return [];
    return [generatedFile(path, bytes, { rule: 'media types', because, created: settings.created })];
  });
  return { entries, warnings: problems.map((problem) => `/${folder}/packages: ${problem}`) };
}

/** `2.4-5+b2` -> `2.4` */
function upstreamVersion(version: string): string {
  return version.replace(/^[0-9]+:/, '').replace(/-[^-]*$/, '');
}
