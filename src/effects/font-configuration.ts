import { generatedLink } from './entries.ts';
import type { EffectInput, GeneratedEntry } from './types.ts';

const available = 'usr/share/fontconfig/conf.avail';
const enabled = 'etc/fonts/conf.d';

/** The first that the package has: the name of the second one is that of old. */
const choices = [['10-hinting-slight.conf'], ['70-no-bitmaps-except-emoji.conf', '70-no-bitmaps.conf']];

/**
 * The links that the postinst of fontconfig-config makes for the answers that debconf has by itself: slight hinting, no
 * bitmapped fonts. All others are packaged.
 */
export function fontConfiguration({ tree, settings, packages }: EffectInput): readonly GeneratedEntry[] {
  if (!packages.some(({ name }) => name === 'fontconfig-config')) return [];
  return choices.flatMap((names) => {
    const name = names.find((one) => tree.get(`${available}/${one}`) !== undefined);
    if (name === undefined || tree.get(`${enabled}/${name}`) !== undefined) return [];
    const because = 'as the postinst of fontconfig-config enables it without being asked';
    const options = { rule: 'font configuration', because, created: settings.created } as const;
    return [generatedLink(`${enabled}/${name}`, `/${available}/${name}`, options)];
  });
}
