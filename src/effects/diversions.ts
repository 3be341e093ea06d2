import { confinePath } from '../rootfs/path.ts';
import { readScript, unknown } from '../scripts/read-script.ts';
import type { EffectPackage } from './types.ts';

/** `dpkg-divert`: every package but `package` gets `to` instead of `from`. Paths without leading slash, as in the .deb. */
export interface Diversion {
  readonly package: string;
  readonly from: string;
  readonly to: string;
}

/** Options of dpkg-divert that take a value. */
const valued = new Set(['--package', '--divert', '--instdir', '--admindir', '--root']);

/**
 * The diversions that preinst and postinst scripts leave (dpkg-divert(1)), calls taken in their order, without
 * `--local` ones. A script may take back what it or another one added: packages that moved their files below /usr hold
 * a diversion while they are unpacked. Taking back names the target where that matters, as dpkg-divert checks it.
 * @throws SlimimageError PATH_UNSAFE for a path that leaves the root
 */
export function diversionsOf(packages: readonly Pick<EffectPackage, 'name' | 'scripts'>[]): readonly Diversion[] {
  const left = new Map<string, { readonly package: string; readonly from: string; readonly targets: Set<string> }>();
  for (const { name, scripts } of packages) {
    for (const script of ['preinst', 'postinst']) {
      const text = scripts[script] ?? '';
      // To read a script takes a millisecond, and few have a diversion.
      if (!text.includes('divert')) continue;
      for (const { words } of readScript(text, { package: name, script }).commands) {
        if (!/(^|\/)dpkg-divert$/.test(words[0] ?? '')) continue;
        const call = readCall(words.slice(1), `${name} (${script})`);
        if (call === undefined) continue;
        const { from, to, package: owner = name } = call;
        const key = `${owner} ${from}`;
        const targets = left.get(key)?.targets ?? new Set();
        if (!call.remove) left.set(key, { package: owner, from, targets: targets.add(to ?? `${from}.distrib`) });
        else if (to === undefined) targets.clear();
        else targets.delete(to);
      }
    }
  }
  return [...left.values()].flatMap(({ targets, ...one }) => [...targets].map((to) => ({ ...one, to })));
}

interface DivertCall {
  readonly remove: boolean;
  readonly package: string | undefined;
  readonly from: string;
  /** Undefined where the call leaves it to dpkg-divert. */
  readonly to: string | undefined;
}

function readCall(words: readonly string[], what: string): DivertCall | undefined {
  const options = new Map<string, string>();
  const paths: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const equals = word.indexOf('=');
    if (!word.startsWith('--')) paths.push(word);
    else if (equals > 0) options.set(word.slice(0, equals), word.slice(equals + 1));
    else if (valued.has(word)) options.set(word, words[++index] ?? '');
    else options.set(word, '');
  }
  const path = paths[0];
  const to = options.get('--divert');
  if (path === undefined || !isFile(path) || options.has('--local')) return undefined;
  if (to !== undefined && !isFile(to)) return undefined;
  if (['--list', '--listpackage', '--truename', '--help', '--version'].some((flag) => options.has(flag)))
    return undefined;
  if ([path, to ?? '', options.get('--package') ?? ''].some((word) => word.includes(unknown))) return undefined;
  const confined = (text: string) => confinePath(text, { absolute: 'strip', what });
  const remove = options.has('--remove');
  return { remove, package: options.get('--package'), from: confined(path), to: to && confined(to) };
}

/** dpkg-divert takes absolute paths of files only. */
function isFile(path: string): boolean {
  return /^\/.*[^/.]/.test(path) && !path.endsWith('/');
}
