import type { SystemFacts } from './first-install.ts';
import { readScript } from './read-script.ts';
import { isKnown } from './state.ts';
import { templateDefaults } from './templates.ts';

/**
 * What debconf answers a package's postinst at an installation that nobody watches: the defaults of its templates, less
 * what its config script sets to something that only running it would tell (debconf-devel(7)).
 *
 * @param scripts members of the control part by name
 * @param facts what a config script finds: the files of packages, and nothing that scripts make later
 */
export function debconfAnswers(
  scripts: Readonly<Record<string, string>>,
  facts: Omit<SystemFacts, 'answers'> = {},
): ReadonlyMap<string, string> {
  const { templates = '', config } = scripts;
  const defaults = templateDefaults(templates);
  if (config === undefined || defaults.size === 0) return defaults;
  const answers = new Map(defaults);
  const { commands, unreadable } = readScript(config, { ...facts, script: 'config', answers: defaults });
  if (unreadable !== undefined) return new Map();
  for (const { words, certainty } of commands) {
    const [name = '', question = '', ...value] = words;
    if (!/^(?:.*\/)?db_(?:set|register|reset)$/.test(name)) continue;
    const text = value.join(' ');
    if (!isKnown(question)) return new Map();
    if (name.endsWith('set') && certainty === 'runs' && isKnown(text)) answers.set(question, text);
    else answers.delete(question);
  }
  return answers;
}

/** Whether answers matter to a script: to find them is a script of its own to read. */
export function asksDebconf(text: string): boolean {
  return text.includes('db_');
}
