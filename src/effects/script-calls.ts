import { shellCommands } from './shell-lines.ts';
import type { EffectInput } from './types.ts';

/** A command that a maintainer script runs at a first installation. */
export interface ScriptCall {
  readonly package: string;
  readonly script: 'preinst' | 'postinst';
  /** The command's name without its folder, then its words; what only running it would tell holds `unknown`. */
  readonly words: readonly string[];
}

/**
 * What the preinst and postinst scripts of the image run, in the order in which dpkg runs them: each preinst as its
 * package is unpacked, then each postinst, both in dependency order (by name where that is not known).
 */
export function scriptCalls({ packages, order }: Pick<EffectInput, 'packages' | 'order'>): readonly ScriptCall[] {
  const places = new Map((order ?? []).map((name, at) => [name, at]));
  const placeOf = ({ name }: { readonly name: string }) => places.get(name) ?? places.size;
  const ordered = packages.toSorted((a, b) => placeOf(a) - placeOf(b));
  return (['preinst', 'postinst'] as const).flatMap((script) =>
    ordered.flatMap(({ name, scripts }) =>
      shellCommands(scripts[script] ?? '').map(([command = '', ...words]) => ({
        package: name,
        script,
        words: [command.slice(command.lastIndexOf('/') + 1), ...words],
      })),
    ),
  );
}

/** `the postinst of redis-server`. */
export function sourceOf({ package: name, script }: ScriptCall): string {
  return `the ${script} of ${name}`;
}
