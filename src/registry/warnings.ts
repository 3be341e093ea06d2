import type { OnEvent } from '../events.ts';
import type { HttpAnswer } from '../net/types.ts';
import type { OpenRegistryAccess } from './types.ts';

/** Characters of one warning, and warnings of a run: more says no more. */
const maxLength = 300;
const maxWarnings = 20;

/** Tells the warnings that registries send along with what they answer, each once (distribution-spec, "Warnings"). Nothing else comes of them. */
export function heedWarnings(access: OpenRegistryAccess, onEvent: OnEvent): OpenRegistryAccess {
  const told = new Set<string>();
  return {
    async request(name, path, asked) {
      const answer = await access.request(name, path, asked);
      for (const warning of warningsOf(answer)) {
        const message = `the registry ${name.registry} says: ${warning}`;
        if (told.has(message) || told.size >= maxWarnings) continue;
        told.add(message);
        onEvent({ type: 'warning', message });
      }
      return answer;
    },
    stream: (name, path, asked) => access.stream(name, path, asked),
    close: () => access.close(),
  };
}

/** The texts of `Warning: 299 - "TEXT"` (RFC 7234, 5.5), printable and on one line; other codes are no registry's. */
export function warningsOf({ headers }: Pick<HttpAnswer, 'headers'>): readonly string[] {
  // The specification allows 4096 bytes in all.
  const found = (headers['warning'] ?? '').slice(0, 4096).matchAll(/(?:^|,)\s*299 - "((?:[^"\\]|\\.)*)"/g);
  return [...found].flatMap(([, quoted = '']) => {
    const text = quoted
      .replace(/\\(.)/g, '$1')
      .replace(/[^\x20-\x7e]/g, '\u{fffd}')
      .trim();
    return text === '' ? [] : [text.length > maxLength ? `${text.slice(0, maxLength)}...` : text];
  });
}
