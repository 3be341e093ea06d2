import { compareStrings, decodeUtf8 } from '../util/text.ts';
import { childrenOf } from './children.ts';
import { generatedFile } from './entries.ts';
import { entryAt } from './tree-paths.ts';
import type { EffectInput, EffectTree, GeneratedEntry } from './types.ts';

const folder = 'etc/sgml';
const superCatalogue = 'var/lib/sgml-base/supercatalog';

const head = `--
## This file is created by update-catalog with update-super.
## Please see update-catalog(8) for how to modify this file.
--
`;

/**
 * The catalogue of all catalogues in /etc/sgml, as the trigger of sgml-base has update-catalog(8) write it: without one
 * that names a catalogue which is not in the image.
 */
export function sgmlCatalogue({ tree, packages, settings }: EffectInput): readonly GeneratedEntry[] {
  if (!packages.some(({ name }) => name === 'sgml-base') || tree.get(superCatalogue) !== undefined) return [];
  const names = childrenOf(tree, folder).filter((path) => /^etc\/sgml\/[^./][^/]*\.cat$/.test(path));
  const lines = names
    .filter((path) => isWhole(path, tree))
    .map((path) => `CATALOG /${path}\n`)
    .sort(compareStrings);
  const because = `the catalogues of /${folder}, as the trigger of sgml-base lists them`;
  const { created } = settings;
  return [generatedFile(superCatalogue, head + lines.join(''), { rule: 'xml catalogues', because, created })];
}

/** White space and comments, literals, other words (SGML Open TR9401). */
const token = /(?:\s+|--[\s\S]*?--)+|'[^']*'|"[^"]*"|\S+/g;

function isWhole(path: string, tree: EffectTree): boolean {
  const content = tree.read(path);
  if (content === undefined) return false;
  let base = `/${folder}`;
  let keyword = '';
  for (const [word] of decodeUtf8(content).matchAll(token)) {
    if (/^\s|^--/.test(word)) continue;
    const value = word.replace(/^(['"])(.*)\1$/s, '$2');
    if (keyword === 'base') base = value;
    const named = value.startsWith('/') ? value : `${base}/${value}`;
    if (keyword === 'catalog' && entryAt(tree, named)?.type !== 'file') return false;
    keyword = keyword === '' && /^(?:catalog|base)$/i.test(word) ? word.toLowerCase() : '';
  }
  return true;
}
