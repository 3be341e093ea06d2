import { parseStanzas } from '../../formats/deb822/stanza.ts';

/**
 * Names of the packages that apt installed for others, of its `extended_states`: a stanza for each package whose state it
 * knows. Undefined for an empty file.
 * @throws SlimimageError DEB822_INVALID, LIMIT_EXCEEDED
 */
export function readAutomatic(bytes: Uint8Array): ReadonlySet<string> | undefined {
  if (bytes.length === 0) return undefined;
  const stanzas = parseStanzas(bytes, { what: '/var/lib/apt/extended_states' });
  const automatic = stanzas.filter((stanza) => stanza.get('Auto-Installed')?.trim() === '1');
  return new Set(automatic.flatMap((stanza) => stanza.get('Package') ?? []));
}
