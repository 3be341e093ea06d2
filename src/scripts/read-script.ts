import { limits } from '../limits.ts';
import { FirstInstall, type SystemFacts } from './first-install.ts';
import { parseShell } from './parse-shell.ts';
import { ShellState, unknown } from './state.ts';
import type { ScriptReading } from './types.ts';
import { Walk } from './walk.ts';

export { unknown } from './state.ts';

export interface ReadScriptOptions extends SystemFacts {
  /** Name of the package: DPKG_MAINTSCRIPT_PACKAGE. */
  readonly package?: string | undefined;
  /** `preinst`, `postinst`, `config`: DPKG_MAINTSCRIPT_NAME, and what its arguments are. Default `postinst`. */
  readonly script?: string | undefined;
  /** Instead of those of a first installation (Policy 6.5): `['triggered', '/usr/share/x']`. */
  readonly arguments?: readonly string[] | undefined;
}

/**
 * The commands of a maintainer script that a first installation into an empty image runs, in their order: branches that
 * can't be entered are left out, loops over known words, calls of the script's own functions, `eval` and `$(...)` are
 * written out. Runs nothing; the same text gives the same answer. What it does not understand makes it say more
 * (`may-run`, `unknown`, `unreadable`), never less.
 */
export function readScript(text: string, options: ReadScriptOptions = {}): ScriptReading {
  if (text.length > limits.scriptCharacters) {
    return { commands: [], unreadable: `it has more than ${limits.scriptCharacters} characters` };
  }
  const language = interpreterOf(text);
  if (!shells.has(language)) return { commands: [], unreadable: `it is written for ${language}` };
  const parsed = parseShell(text);
  const { script = 'postinst' } = options;
  const state = new ShellState(
    [
      ['0', options.package === undefined ? unknown : `/var/lib/dpkg/info/${options.package}.${script}`],
      ['DPKG_ROOT', ''],
      ['DPKG_MAINTSCRIPT_NAME', script],
      ['DPKG_MAINTSCRIPT_PACKAGE', options.package ?? ''],
      ['DPKG_MAINTSCRIPT_ARCH', options.architecture ?? unknown],
      ['DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT', '1'],
      ['DEBIAN_FRONTEND', 'noninteractive'],
      ['EUID', '0'],
      ['UID', '0'],
    ],
    options.arguments ?? [script === 'preinst' ? 'install' : 'configure', ''],
  );
  const walk = new Walk(text, { state, system: new FirstInstall(options) });
  walk.run(parsed);
  const error = parsed.errors?.[0];
  const unreadable = walk.gaveUp
    ? 'it is longer, deeper or more repetitive than any real script'
    : error && `its shell syntax is not understood: ${error.message}`;
  return unreadable === undefined ? { commands: walk.commands } : { commands: walk.commands, unreadable };
}

const shells = new Set(['sh', 'bash', 'dash', 'ash', 'ksh']);

/** Base name of the interpreter; a script without `#!` is the shell's. */
function interpreterOf(text: string): string {
  if (text.startsWith('\x7fELF')) return 'the processor (a binary program)';
  const line = /^#!\s*(\S+)(?:[ \t]+(\S+))?/.exec(text);
  if (line === null) return 'sh';
  const base = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  const program = base(line[1] ?? '');
  return program === 'env' ? base(line[2] ?? '') : program;
}
