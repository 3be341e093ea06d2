import { generatedFile, generatedLink } from './entries.ts';
import type { ScriptCall } from './script-calls.ts';
import type { EffectInput, GeneratedEntry } from './types.ts';

/**
 * UTC, as tzdata's postinst sets it where nobody answers its questions: /etc/localtime, and /etc/timezone in releases
 * whose tzdata writes it (bookworm's does, trixie's only where there is one). `TZ` or a link of `paths:` chooses another.
 */
export function timeZone({ tree, settings }: EffectInput, calls: readonly ScriptCall[]): readonly GeneratedEntry[] {
  const zone = 'Etc/UTC';
  const own = calls.filter((call) => call.package === 'tzdata' && call.script === 'postinst');
  if (own.length === 0 || tree.get(`usr/share/zoneinfo/${zone}`) === undefined) return [];
  const because = 'UTC, as the postinst of tzdata sets it where nobody answers its questions';
  const common = { rule: 'time zone', because, created: settings.created } as const;
  const writes = own.some(({ redirects }) => redirects.some(({ target }) => target === '/etc/timezone'));
  const entries = [
    generatedLink('etc/localtime', `/usr/share/zoneinfo/${zone}`, common),
    ...(writes ? [generatedFile('etc/timezone', `${zone}\n`, common)] : []),
  ];
  return entries.filter(({ path }) => tree.get(path) === undefined);
}
