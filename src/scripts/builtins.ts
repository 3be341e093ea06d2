import { absolutePath } from './relative-paths.ts';
import { isKnown, type ShellState, type Tri, unknown } from './state.ts';

/** What a command of the shell itself does to the walk. */
export interface Builtin {
  readonly status?: Tri;
  readonly ends?: 'exit' | 'return' | 'break' | undefined;
  /** Another command that it runs. */
  readonly words?: readonly string[] | undefined;
  /** Shell text that it runs. */
  readonly runs?: string | undefined;
}

/** Commands whose words may be assignments. */
export const declaring: ReadonlySet<string> = new Set(['export', 'local', 'readonly', 'declare', 'typeset']);

/** Undefined for any other command. Changes `state` as the command would. */
export function builtin(words: readonly string[], state: ShellState): Builtin | undefined {
  const [name = '', ...rest] = words;
  switch (name) {
    case 'exit':
    case 'return':
      return { status: statusOf(rest[0]), ends: name };
    case 'break':
    case 'continue':
      return { status: true, ...(name === 'break' ? { ends: 'break' } : {}) };
    case 'exec':
      return rest.length > 0 ? { words: rest } : { status: true };
    case 'command':
    case 'builtin':
      return rest.length > 0 && !/^-/.test(rest[0] ?? '') ? { words: rest } : undefined;
    case 'eval':
      return { runs: rest.join(' ') };
    case 'shift':
      shift(rest, state);
      return { status: true };
    case 'set':
      setArguments(rest, state);
      return { status: true };
    case 'unset':
      for (const variable of rest) if (/^[A-Za-z_]/.test(variable)) state.unset(variable);
      return { status: true };
    case 'read':
    case 'getopts':
    case 'mapfile':
      for (const variable of rest) if (/^[A-Za-z_]\w*$/.test(variable)) state.set(variable, unknown);
      return { status: undefined };
    case '.':
    case 'source':
      state.sourced ||= !harmless.test(rest[0] ?? '');
      return { status: true };
    case 'cd':
    case 'pushd':
    case 'popd':
      state.folder = folderOf(words, state);
      return { status: true };
    case 'export':
    case 'local':
    case 'readonly':
    case 'declare':
    case 'typeset':
    case 'trap':
    case 'umask':
      return { status: true };
    default:
      return undefined;
  }
}

/** Files of functions that set no variable that scripts of other packages read. */
const harmless = /^\/usr\/share\/debconf\/confmodule(\.sh)?$|^\/lib\/lsb\/init-functions$/;

function folderOf([name, ...words]: readonly string[], state: ShellState): string | undefined {
  const [folder = '', ...others] = words.filter((word) => !/^-[LPe]$/.test(word));
  if (name === 'popd' || others.length > 0 || !isKnown(folder) || /^$|^[~-]|[*?[]|(?:^|\/)\.\.(?:\/|$)/.test(folder))
    return undefined;
  const path = absolutePath(folder, state.folder);
  return path.startsWith('/') ? path.replace(/(.)\/+$/, '$1') : undefined;
}

function statusOf(word: string | undefined): Tri {
  if (word === undefined || !isKnown(word)) return undefined;
  return word === '0';
}

function shift([count = '1']: readonly string[], state: ShellState): void {
  const isNumber = /^[0-9]{1,4}$/.test(count);
  state.arguments = isNumber ? state.arguments?.slice(Number(count)) : undefined;
}

function setArguments(words: readonly string[], state: ShellState): void {
  const at = words.indexOf('--');
  if (at >= 0) state.arguments = words.slice(at + 1);
  else if (words[0] !== undefined && !/^[-+]/.test(words[0])) state.arguments = words;
}
