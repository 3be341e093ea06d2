import { unknown } from '../scripts/read-script.ts';
import { compareStrings, decodeUtf8 } from '../util/text.ts';
import { readOptions } from './command-words.ts';
import { generatedFile } from './entries.ts';
import { type ScriptCall, sourceOf } from './script-calls.ts';
import { entryAt } from './tree-paths.ts';
import type { EffectInput, GeneratedEntry } from './types.ts';

const valued = new Set(['file', 'id', 'local', 'package', 'type']);

/** Of xml-core: what stands before and after the entries of every catalogue. */
const frame = ['usr/share/xml-core/catalog.header', 'usr/share/xml-core/catalog.footer'] as const;

interface Catalogue {
  /** The file of xml-core that update-xmlcatalog remembers it in. */
  readonly data: string;
  readonly source: string;
  /** `delegatePublic publicIdStartString="..."` -> `catalog="file:///..."`. */
  readonly entries: Map<string, string>;
}

/**
 * /etc/xml/catalog and /etc/xml/PACKAGE.xml, by which libxml2 finds DTDs and style sheets without a network, as calls of
 * update-xmlcatalog(8) in maintainer scripts write them. Entries are sorted, which all of debhelper's calls ask for. A
 * catalogue that delegates to a file that is not in the image gets no entry, as update-xmlcatalog refuses it.
 */
export function xmlCatalogues(
  { tree, settings }: EffectInput,
  calls: readonly ScriptCall[],
): readonly GeneratedEntry[] {
  const [header, footer] = frame.map((path) => tree.read(path));
  if (header === undefined || footer === undefined) return [];
  const catalogues = new Map<string, Catalogue>();
  for (const call of calls) {
    const added = readCall(call.words);
    if (added === undefined) continue;
    const isThere = entryAt(tree, added.needs) !== undefined || catalogues.has(added.needs.slice(1));
    if (!isThere) continue;
    const known = catalogues.get(added.path) ?? { data: added.data, source: sourceOf(call), entries: new Map() };
    catalogues.set(added.path, known);
    if (!known.entries.has(added.key)) known.entries.set(added.key, added.value);
  }
  return [...catalogues]
    .flatMap(([path, { data, source, entries }]) => {
      const because = `where libxml2 finds document types and style sheets: ${source} calls update-xmlcatalog`;
      const common = { rule: 'xml catalogues', because, created: settings.created } as const;
      const sorted = [...entries].sort(([a], [b]) => compareStrings(a, b));
      const lines = sorted.map(([key, value]) => `<${key} ${value}/>\n`).join('');
      const text = `${decodeUtf8(header)}${lines}${decodeUtf8(footer)}`;
      const memory = sorted.map(([key, value]) => `<${key}><${value}>\n`).join('');
      return [generatedFile(path, text, common), generatedFile(data, memory, common)];
    })
    .filter(({ path }) => tree.get(path) === undefined);
}

interface AddedEntry {
  readonly path: string;
  readonly data: string;
  readonly key: string;
  readonly value: string;
  /** The absolute path of the file that has to be there. */
  readonly needs: string;
}

/** Undefined for what is not known, for what takes an entry away, and for catalogues that packages keep below /usr. */
function readCall([command, ...words]: readonly string[]): AddedEntry | undefined {
  if (command !== 'update-xmlcatalog' || words.some((word) => word.includes(unknown) || /[\n<>"]/.test(word)))
    return undefined;
  const { options } = readOptions(words, valued);
  const [type = '', id, name = '', local] = ['type', 'id', 'package', 'local'].map((key) => options.get(key));
  if (!options.has('add') || id === undefined || !/^(?:public|system|uri)$/.test(type)) return undefined;
  if (!/^[A-Za-z0-9][\w.+-]{0,199}$/.test(name)) return undefined;
  const isUri = type === 'uri';
  const element = `delegate${isUri ? 'URI' : type.replace(/^./, (letter) => letter.toUpperCase())}`;
  const key = `${element} ${type}${isUri ? '' : 'Id'}StartString="${id}"`;
  const own = `etc/xml/${name}.xml`;
  if (options.has('root')) {
    const value = `catalog="file:///${own}"`;
    return { path: 'etc/xml/catalog', data: 'var/lib/xml-core/catalog', key, value, needs: `/${own}` };
  }
  if (local === undefined || !local.startsWith('/')) return undefined;
  return { path: own, data: `var/lib/xml-core/${name}`, key, value: `catalog="file://${local}"`, needs: local };
}
