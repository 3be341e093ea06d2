import { shellCommands, unknown } from './shell-lines.ts';
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
 * Diversions that preinst and postinst scripts add with literal paths (dpkg-divert(1)), without `--local` ones and
 * without those that a script takes back: packages that moved their files below /usr hold one while they are unpacked.
 */
export function diversionsOf(packages: readonly Pick<EffectPackage, 'name' | 'scripts'>[]): readonly Diversion[] {
  const added = new Map<string, Diversion>();
  const removed = new Set<string>();
  for (const { name, scripts } of packages) {
    for (const member of ['preinst', 'postinst']) {
      for (const words of shellCommands(scripts[member] ?? '')) {
        if (!/(^|\/)dpkg-divert$/.test(words[0] ?? '')) continue;
        const call = readCall(words.slice(1));
        if (call === undefined) continue;
        const owner = call.package ?? name;
        const key = `${owner} ${call.from}`;
        if (call.remove) removed.add(key);
        else added.set(key, { package: owner, from: call.from, to: call.to });
      }
    }
  }
  return [...added].filter(([key]) => !removed.has(key)).map(([, diversion]) => diversion);
}

interface DivertCall {
  readonly remove: boolean;
  readonly package: string | undefined;
  readonly from: string;
  readonly to: string;
}

function readCall(words: readonly string[]): DivertCall | undefined {
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
  const to = options.get('--divert') ?? `${path}.distrib`;
  if (path === undefined || !path.startsWith('/') || !to.startsWith('/') || options.has('--local')) return undefined;
  if (['--list', '--listpackage', '--truename', '--help', '--version'].some((flag) => options.has(flag)))
    return undefined;
  if ([path, to, options.get('--package') ?? ''].some((word) => word.includes(unknown))) return undefined;
  return { remove: options.has('--remove'), package: options.get('--package'), from: path.slice(1), to: to.slice(1) };
}
