import { asksDebconf, debconfAnswers } from '../scripts/debconf-answers.ts';
import { isThereAtInstallation } from '../scripts/installation-tools.ts';
import { readScript } from '../scripts/read-script.ts';
import type { ScriptCommand } from '../scripts/types.ts';
import { accountCalls } from './account-calls.ts';
import type { AccountRequest, UnclearCall } from './account-requests.ts';
import { configureOrder } from './configure-order.ts';
import { entryAt } from './tree-paths.ts';
import type { EffectInput } from './types.ts';

/** A command that a maintainer script runs, or may run, at a first installation. */
export interface ScriptCall extends Pick<ScriptCommand, 'redirects' | 'certainty' | 'piped' | 'text'> {
  readonly package: string;
  readonly script: 'preinst' | 'config' | 'postinst';
  /** The command's name without its folder, then its words; what only running it would tell holds `unknown`. */
  readonly words: readonly string[];
}

/**
 * What the scripts of the image run, in the order in which dpkg runs them: each preinst as its package is unpacked, then
 * each postinst, both in the order of configuration. debconf runs a config script before its package's postinst.
 */
export function scriptCalls({ packages, tree, settings }: EffectInput): readonly ScriptCall[] {
  const ordered = configureOrder(packages);
  const { architecture } = settings;
  const exists = (path: string) => isThereAtInstallation(path) || entryAt(tree, path) !== undefined;
  const accounts = new Set<string>();
  const account = (kind: string, name: string) => accounts.has(`${kind} ${name}`);
  const known = new Map<string, ReadonlyMap<string, string>>();
  const answersOf = (name: string, scripts: Readonly<Record<string, string>>) => {
    const answers = known.get(name) ?? debconfAnswers(scripts, { architecture, exists });
    known.set(name, answers);
    return answers;
  };
  const turns = [
    ...ordered.map((one) => ({ ...one, script: 'preinst' as const })),
    ...ordered.flatMap((one) => (['config', 'postinst'] as const).map((script) => ({ ...one, script }))),
  ];
  return turns.flatMap(({ name, scripts, script }) => {
    const text = scripts[script];
    if (text === undefined) return [];
    const about = { package: name, script };
    const answers = asksDebconf(text) ? answersOf(name, scripts) : undefined;
    const { commands } = readScript(text, { ...about, architecture, exists, account, answers });
    const calls = commands.map(({ words: [command = '', ...words], redirects, certainty, piped, text: written }) => {
      const base = command.slice(command.lastIndexOf('/') + 1);
      return { ...about, words: [base, ...words], redirects, certainty, piped, text: written };
    });
    for (const request of accountCalls(calls)) for (const one of accountsOf(request)) accounts.add(one);
    return calls;
  });
}

/** What later scripts find. */
function accountsOf(request: AccountRequest | UnclearCall): readonly string[] {
  if (request.type === 'group') return [`group ${request.name}`];
  if (request.type !== 'user') return [];
  return [`user ${request.name}`, `group ${request.group ?? request.name}`];
}

/** `the postinst of redis-server`. */
export function sourceOf({ package: name, script }: Pick<ScriptCall, 'package' | 'script'>): string {
  return `the ${script} of ${name}`;
}

/** Of packages whose files other effects make, and of those that look after installations and machines alone. */
export function isElsewhere({ package: name }: Pick<ScriptCall, 'package'>): boolean {
  return elsewhere.test(name);
}

const elsewhere =
  /^(base-files|base-passwd|libc-bin|libc6|dash|ca-certificates|ca-certificates-java|tzdata|locales|fontconfig|fontconfig-config|systemd.*|udev|dpkg|ucf|debconf|apt)$/;
