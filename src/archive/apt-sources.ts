/**
 * The host's own apt sources, read to learn of mirrors: sources.list(5) in both its formats. They are the host's
 * business: what cannot be understood is passed over, never an error.
 */
import { isSlimimageError } from '../errors.ts';
import { parseStanzas, type Stanza } from '../formats/deb822/stanza.ts';

export interface AptSource {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Paths or fingerprints as written; an inline key block as one entry. Empty: apt's trusted.gpg.d. */
  readonly signedBy: readonly string[];
}

/** More text than any host's sources; the rest of it is passed over. */
const maxCharacters = 1024 * 1024;

/** sources.list and *.list: `deb [signed-by=/a.gpg arch=amd64] http://host/debian trixie main`. */
export function parseListSources(text: string): readonly AptSource[] {
  const sources: AptSource[] = [];
  for (const line of text.slice(0, maxCharacters).split('\n')) {
    const source = parseLine(line);
    if (source !== undefined) sources.push(source);
  }
  return sources;
}

/** *.sources: deb822 stanzas with Types, URIs, Suites, Components, Signed-By, Enabled. */
export function parseStanzaSources(text: string): readonly AptSource[] {
  try {
    const stanzas = parseStanzas(text.slice(0, maxCharacters), { comments: true, what: 'apt sources' });
    return stanzas.flatMap((stanza) => fromStanza(stanza) ?? []);
  } catch (error) {
    if (isSlimimageError(error)) return [];
    throw error;
  }
}

function parseLine(line: string): AptSource | undefined {
  const [entry = ''] = line.split('#', 1);
  const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S.*)$/.exec(entry);
  if (match === null) return undefined;
  const [uri = '', suite, ...components] = words(match[2] ?? '');
  if (suite === undefined) return undefined;
  const signedBy = words(match[1] ?? '')
    .filter((option) => option.toLowerCase().startsWith('signed-by='))
    .flatMap((option) => option.slice('signed-by='.length).split(','));
  return { uris: [uri], suites: [suite], components, signedBy };
}

function fromStanza(stanza: Stanza): AptSource | undefined {
  const list = (field: string) => words(stanza.get(field) ?? '');
  if (/^(?:no|false|0|off|without|disable)$/i.test(stanza.get('Enabled') ?? 'yes')) return undefined;
  if (!list('Types').includes('deb') || list('URIs').length === 0 || list('Suites').length === 0) return undefined;
  const signedBy = stanza.get('Signed-By') ?? '';
  return {
    uris: list('URIs'),
    suites: list('Suites'),
    components: list('Components'),
    signedBy: signedBy.includes('-----BEGIN') ? [signedBy] : words(signedBy).flatMap((word) => word.split(',')),
  };
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
