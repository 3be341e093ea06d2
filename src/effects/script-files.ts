import { concatBytes } from '../util/bytes.ts';
import { encodeUtf8 } from '../util/text.ts';
import type { Accounts } from './account-table.ts';
import { enableApache, switchApacheMpm } from './apache-modules.ts';
import { type DraftCause, DraftTree } from './draft-tree.ts';
import { fileCommands } from './file-commands.ts';
import { enablePhpModules, type PhpModule, readPhpCall } from './php-modules.ts';
import { isElsewhere, type ScriptCall, sourceOf } from './script-calls.ts';
import { serviceFolders } from './service-folders.ts';
import type { EffectInput, GeneratedEntry, PermissionChange } from './types.ts';
import { outputFiles, writtenText } from './written-text.ts';

export interface ScriptFiles {
  readonly entries: readonly GeneratedEntry[];
  /** Packaged paths that get another owner or mode. */
  readonly changes: readonly PermissionChange[];
}

/**
 * The folders, files and links that maintainer scripts make with plain commands, and the permissions that they give,
 * command by command as dpkg would have run them; then the folders that tmpfiles.d names. A command that hangs on an
 * unknown condition counts where it makes something, and not where it takes something away.
 */
export function scriptFiles(
  input: EffectInput,
  { calls, accounts }: { readonly calls: readonly ScriptCall[]; readonly accounts: Accounts },
): ScriptFiles {
  const draft = new DraftTree(input.tree, input.settings.created);
  const modules: PhpModule[] = [];
  let umask = 0o022;
  let running = '';
  for (const call of calls) {
    if (isElsewhere(call)) continue;
    if (running !== sourceOf(call)) {
      draft.beginScript(sourceOf(call));
      umask = 0o022;
      running = sourceOf(call);
    }
    const cause = { rule: 'script files', because: `as ${sourceOf(call)} makes it` } as const;
    const [command = '', ...words] = call.words;
    const isDoubtful = call.certainty === 'may-run';
    if (command === 'umask' && /^[0-7]{1,4}$/.test(words[0] ?? '')) umask = Number.parseInt(words[0] ?? '', 8);
    const written = writtenText(call);
    // A file with something unknown in it is left out.
    if (written === undefined && !isDoubtful) for (const path of outputFiles(call)) draft.remove(path);
    if (written !== undefined) write(written, { draft, cause, umask });
    else if (!call.piped && !(isDoubtful && destroys(call.words)))
      fileCommands.get(command)?.(words, { draft, accounts, cause, umask, isDoubtful });
    const enabling = /^a2en(mod|conf|site)$/.exec(command)?.[1];
    if (enabling !== undefined) for (const name of words) enableApache(enabling, name, draft, cause);
    if (command === 'apache2_invoke') enableApache(words[0]?.replace(/^en/, '') ?? '', words[1] ?? '', draft, cause);
    if (command === 'apache2_switch_mpm') switchApacheMpm(words[0] ?? '', draft, cause);
    modules.push(...readPhpCall(call.words, cause));
  }
  enablePhpModules(modules, draft);
  draft.beginScript('the files in tmpfiles.d');
  serviceFolders(input, { draft, accounts });
  return { entries: draft.entries, changes: draft.changes };
}

function destroys([command = '', ...words]: readonly string[]): boolean {
  return command === 'rm' || command === 'mv' || (command === 'ln' && words.some((word) => /^-[a-z]*f/.test(word)));
}

function write(
  { path, text, appends }: { readonly path: string; readonly text: string; readonly appends: boolean },
  { draft, cause, umask }: { readonly draft: DraftTree; readonly cause: DraftCause; readonly umask: number },
): void {
  const before = appends ? draft.find(path) : undefined;
  const old = before === undefined ? undefined : draft.read(before.path);
  const added = encodeUtf8(text);
  const content = old === undefined ? added : concatBytes([old, added]);
  draft.writeFile(path, content, { cause, mode: 0o666 & ~umask });
}
