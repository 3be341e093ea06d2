import { isKnownPath } from './script-paths.ts';
import { isKnown } from './state.ts';
import type { ScriptCommand } from './types.ts';

export function isTemporary(path: string): boolean {
  return /^\/(var\/)?tmp\//.test(path);
}

/**
 * The temporary files of a script of which the effect of script files knows the text: all that is done with them is to
 * copy a file that is known into them, or to write literal text.
 */
export function knownTemporaries(
  commands: readonly ScriptCommand[],
  isLiteral: (command: ScriptCommand) => boolean,
): ReadonlySet<string> {
  const known = new Set<string>();
  const unclear = new Set<string>();
  for (const command of commands) {
    const { words, redirects, certainty } = command;
    const name = (words[0] ?? '').replace(/^.*\//, '');
    const written = redirects.flatMap(({ operator, target }) => (operator.includes('>') ? [target] : []));
    for (const path of written.filter(isTemporary)) {
      if (certainty === 'runs' && isLiteral(command)) known.add(path);
      else unclear.add(path);
    }
    if (harmless.has(name)) continue;
    const operands = words.slice(1).filter((word) => !word.startsWith('-'));
    const isCopy = name === 'cp' && certainty === 'runs' && operands.length === 2 && operands.every(isKnownPath);
    const [from = '', to = ''] = operands;
    if (isCopy && !isTemporary(from) && isTemporary(to)) known.add(to);
    else if (name === 'ucf' || name === 'cp' || name === 'mv') unclear.add(operands.at(-1) ?? '');
    else for (const path of operands) unclear.add(path);
  }
  for (const path of unclear) known.delete(path);
  return new Set([...known].filter(isKnown));
}

/** They leave the text of a file as it is. */
const harmless = new Set([
  ...['chmod', 'chown', 'chgrp', 'rm', 'ucfr', 'cmp', 'test', '[', 'grep', 'cat', 'mktemp', 'tempfile', 'trap'],
]);
