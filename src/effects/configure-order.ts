import { compareStrings } from '../util/text.ts';
import type { EffectPackage } from './types.ts';

/**
 * The order in which dpkg configures packages: each after what it depends on, Essential ones with theirs first (they
 * are there before anything else is installed), by name where nothing else decides. A circle is cut where it is
 * entered (Policy 7.2).
 */
export function configureOrder(packages: readonly EffectPackage[]): readonly EffectPackage[] {
  const sorted = packages.toSorted((a, b) => compareStrings(a.name, b.name));
  const providers = new Map<string, EffectPackage>();
  for (const one of sorted) {
    for (const name of alternatives(one, 'Provides').flat()) if (!providers.has(name)) providers.set(name, one);
  }
  for (const one of sorted) providers.set(one.name, one);
  const ordered = new Set<EffectPackage>();
  const visiting = new Set<EffectPackage>();
  const essential = sorted.filter(({ control }) => /^Essential:[ \t]*yes/im.test(control));
  for (const first of [...essential, ...sorted]) {
    const stack = [first];
    for (let one = stack.at(-1); one !== undefined; one = stack.at(-1)) {
      const needed = visiting.has(one) ? [] : dependencies(one, providers).filter((other) => !visiting.has(other));
      visiting.add(one);
      if (needed.length > 0) {
        stack.push(...needed.reverse());
        continue;
      }
      ordered.add(one);
      stack.pop();
    }
  }
  return [...ordered];
}

function dependencies(one: EffectPackage, providers: ReadonlyMap<string, EffectPackage>): EffectPackage[] {
  return ['Pre-Depends', 'Depends'].flatMap((field) =>
    alternatives(one, field).flatMap((names) => {
      const name = names.find((candidate) => providers.has(candidate));
      return name === undefined ? [] : [providers.get(name) as EffectPackage];
    }),
  );
}

/** `a (>= 1), b | c:any` -> [[a], [b, c]] */
function alternatives({ control }: EffectPackage, field: string): readonly (readonly string[])[] {
  const text = new RegExp(`^${field}:((?:.*)(?:\\n[ \\t].*)*)`, 'im').exec(control)?.[1] ?? '';
  return text
    .split(',')
    .map((group) => group.split('|').flatMap((relation) => /^\s*([a-z0-9][a-z0-9+.-]*)/i.exec(relation)?.[1] ?? []));
}
