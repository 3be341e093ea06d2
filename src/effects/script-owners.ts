import { readOptions } from './command-words.ts';
import { isElsewhere, type ScriptCall } from './script-calls.ts';

/**
 * Users and groups that scripts give files to: `chown root:adm`, `chgrp`, `install -o -g`, dpkg-statoverride. Debian's
 * fixed ones among them are in the image then.
 */
export function ownersOf(calls: readonly ScriptCall[]): readonly string[] {
  const own = calls.filter((call) => !isElsewhere(call));
  const names = own.flatMap(({ words: [command = '', ...words] }) => namesOf(command, words));
  return [...new Set(names)].filter((name) => /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name));
}

function namesOf(command: string, words: readonly string[]): readonly string[] {
  switch (command) {
    case 'chown':
    case 'chgrp':
      return readOptions(words, new Set()).operands[0]?.split(/[:.]/) ?? [];
    case 'install': {
      const { options } = readOptions(words, new Set(['o', 'owner', 'g', 'group', 'm', 'mode']));
      return ['o', 'owner', 'g', 'group'].map((option) => options.get(option) ?? '');
    }
    case 'dpkg-statoverride':
      return words.includes('--add') ? readOptions(words, new Set()).operands.slice(0, 2) : [];
    default:
      return [];
  }
}
