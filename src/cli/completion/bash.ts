import type { CommandWords } from './words.ts';

/** A completion script for bash 3.2 and newer. Files are offered where nothing else fits. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  return `# bash completion for slimimage
_slimimage() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" index words=""
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$path \${COMP_WORDS[index]}" in
${commands
  .filter(({ path }) => path.length > 0)
  .map(({ path }) => `      ${quoted(keyOf(path))}) path=${quoted(keyOf(path))} ;;`)
  .join('\n')}
    esac
  done
  case "$path $previous" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$path" in
${commands.map((command) => `    ${quoted(keyOf(command.path))}) words=${quoted(wordsFor(command).join(' '))} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -o bashdefault -F _slimimage slimimage
`;
}

/** What follows a flag with a value: its words, or nothing, so that files are offered. */
function valueCases({ path, flags }: CommandWords): readonly string[] {
  return flags.flatMap(({ long, short, value }) => {
    if (value === 'none') return [];
    const names = [long, ...(short === undefined ? [] : [short])].map((name) => quoted(`${keyOf(path)} ${name}`));
    const words =
      value === 'file' ? 'COMPREPLY=()' : `COMPREPLY=($(compgen -W ${quoted(value.join(' '))} -- "$current"))`;
    return [`    ${names.join(' | ')}) ${words}; return ;;`];
  });
}

function wordsFor({ commands, flags, values }: CommandWords): readonly string[] {
  return [
    ...commands.map(({ name }) => name),
    ...values,
    ...flags.flatMap(({ long, short }) => (short === undefined ? [long] : [long, short])),
  ];
}

/** `cache ls` -> ` cache ls`, as the loop over the words builds it. */
function keyOf(path: readonly string[]): string {
  return path.map((name) => ` ${name}`).join('');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\\\''")}'`;
}
