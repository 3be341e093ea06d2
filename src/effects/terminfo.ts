import { compareStrings } from '../util/text.ts';
import { generatedFile } from './entries.ts';
import type { EffectInput, GeneratedEntry } from './types.ts';

/** What a terminal of today calls itself, the console, and the one for no terminal at all. */
const terminals = ['dumb', 'linux', 'xterm', 'xterm-256color'];
/** Where ncurses-base has them: bookworm /lib (moved below /usr), trixie /usr/share. libtinfo looks into both. */
const folders = ['usr/share/terminfo', 'usr/lib/terminfo', 'lib/terminfo'];

/** Terminal descriptions from the donor ncurses-base, where a file of the image is linked with libtinfo (Debian's libncurses is, too). */
export function terminfo({ tree, donors, settings }: EffectInput): readonly GeneratedEntry[] {
  const donor = donors.get('ncurses-base');
  if (donor === undefined) return [];
  const user = firstUser(tree);
  if (user === undefined) return [];
  const because = `/${user} uses libtinfo; from ncurses-base`;
  return terminals.flatMap((terminal) => {
    for (const folder of folders) {
      const path = `${folder}/${terminal[0]}/${terminal}`;
      if (tree.get(path) !== undefined) return [];
      const content = donor.read(path);
      if (content !== undefined)
        return [generatedFile(path, content, { rule: 'terminfo', because, created: settings.created })];
    }
    return [];
  });
}

function firstUser(tree: EffectInput['tree']): string | undefined {
  let first: string | undefined;
  for (const path of tree.below('')) {
    if (first !== undefined && compareStrings(path, first) > 0) continue;
    if (tree.get(path)?.elf?.needed.some((library) => /^libtinfow?\.so\b/.test(library))) first = path;
  }
  return first;
}
