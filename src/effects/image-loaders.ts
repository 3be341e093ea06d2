import { multiarchTriplet } from '../oci/debian-architecture.ts';
import { compareStrings } from '../util/text.ts';
import { childrenOf } from './children.ts';
import { generatedFile } from './entries.ts';
import { knownLoaders } from './image-loader-table.ts';
import type { EffectAddition, EffectInput } from './types.ts';

/**
 * The list of loaders of gdk-pixbuf, as the postinst and the trigger of libgdk-pixbuf-2.0-0 have
 * gdk-pixbuf-query-loaders(1) print it: a loader that it does not have is never used. The program asks the loaders; here a table has what they
 * said.
 */
export function imageLoaders({ tree, settings, packages }: EffectInput): EffectAddition {
  const owner = packages.find(({ name }) => name === 'libgdk-pixbuf-2.0-0');
  const triplet = multiarchTriplet(settings.architecture);
  const folder = `usr/lib/${triplet}/gdk-pixbuf-2.0/2.10.0`;
  const path = `${folder}/loaders.cache`;
  if (owner === undefined || triplet === undefined || tree.get(path) !== undefined)
    return { entries: [], warnings: [] };
  const warnings: string[] = [];
  const blocks = [`${folder}/loaders`, 'usr/lib/gdk-pixbuf-2.0/2.10.0/loaders']
    .flatMap((place) => childrenOf(tree, place))
    .filter((file) => file.endsWith('.so') && tree.get(file)?.type !== 'directory')
    .sort(compareStrings)
    .flatMap((file) => {
      const lines = knownLoaders.get(file.slice(file.lastIndexOf('/') + 1));
      if (lines !== undefined) return [[`"/${file}"`, ...lines, '', ''].join('\n')];
      warnings.push(
        `/${file} is an image loader that is not known: gdk-pixbuf won't use it. Give the whole /${path} in paths:`,
      );
      return [];
    });
  if (blocks.length === 0) return { entries: [], warnings };
  const because = 'the loaders of gdk-pixbuf, as gdk-pixbuf-query-loaders lists them';
  const content = `${head(owner.version)}${blocks.join('')}\n`;
  const entry = generatedFile(path, content, { rule: 'image loaders', because, created: settings.created });
  return { entries: [entry], warnings };
}

/** @param version of the package: `2.42.12+dfsg-4` */
function head(version: string): string {
  const upstream = version.replace(/^[0-9]+:/, '').replace(/[+-].*$/, '');
  return [
    '# GdkPixbuf Image Loader Modules file',
    '# Automatically generated file, do not edit',
    `# Created by gdk-pixbuf-query-loaders from gdk-pixbuf-${upstream}`,
    '#',
    '',
  ].join('\n');
}
