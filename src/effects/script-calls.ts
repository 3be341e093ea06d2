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
  readonly script: 'preinst' | 'postinst';
  /** The command's name without its folder, then its words; what only running it would tell holds `unknown`. */
  readonly words: readonly string[];
}

/**
 * What the preinst and postinst scripts of the image run, in the order in which dpkg runs them: each preinst as its
 * package is unpacked, then each postinst, both in the order of configuration.
 */
export function scriptCalls({ packages, tree, settings }: EffectInput): readonly ScriptCall[] {
  const ordered = configureOrder(packages);
  const { architecture } = settings;
  const exists = (path: string) => tools.test(path) || always.has(path) || entryAt(tree, path) !== undefined;
  const accounts = new Set<string>();
  const account = (kind: string, name: string) => accounts.has(`${kind} ${name}`);
  return (['preinst', 'postinst'] as const).flatMap((script) =>
    ordered.flatMap(({ name, scripts }) => {
      const about = { package: name, script };
      const { commands } = readScript(scripts[script] ?? '', { ...about, architecture, exists, account });
      const calls = commands.map(({ words: [command = '', ...words], redirects, certainty, piped, text }) => {
        const base = command.slice(command.lastIndexOf('/') + 1);
        return { ...about, words: [base, ...words], redirects, certainty, piped, text };
      });
      for (const request of accountCalls(calls)) for (const one of accountsOf(request)) accounts.add(one);
      return calls;
    }),
  );
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

/**
 * What serves an installation alone, and is there whenever a script runs, though an image has no use for it: scripts ask
 * for it before they call it.
 */
const tools = new RegExp(
  `/(${[
    ...['ucf', 'ucfr', 'ucfq', 'adduser', 'addgroup', 'useradd', 'groupadd', 'usermod', 'gpasswd', 'confmodule'],
    ...['update-alternatives', 'dpkg-statoverride', 'dpkg-maintscript-helper', 'pam-auth-update', 'update-shells'],
    ...['add-shell', 'php-maintscript-helper', 'phpenmod', 'phpquery', 'a2enmod', 'a2enconf', 'a2ensite', 'a2query'],
    'configure-symlinks',
  ].join('|')})$`,
);
const always = new Set(['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/gshadow', '/etc/nsswitch.conf']);

/** Of packages whose files other effects make, and of those that look after installations and machines alone. */
export function isElsewhere({ package: name }: Pick<ScriptCall, 'package'>): boolean {
  return elsewhere.test(name);
}

const elsewhere =
  /^(base-files|base-passwd|libc-bin|libc6|dash|ca-certificates|ca-certificates-java|tzdata|locales|fontconfig|fontconfig-config|systemd.*|udev|dpkg|ucf|debconf|apt)$/;
