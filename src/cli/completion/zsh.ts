import type { CommandWords, FlagWords } from './words.ts';

/** A completion script for zsh, to be saved as `_slimimage` in a folder of fpath. */
export function zshCompletion(commands: readonly CommandWords[]): string {
  const paths = commands.filter(({ path }) => path.length > 0).map(({ path }) => quoted(keyOf(path)));
  return `#compdef slimimage
_slimimage() {
  local place="" word
  local -i index depth=1
  for ((index = 2; index < CURRENT; index++)); do
    word="$place \${words[index]}"
    case "$word" in
      (${paths.join('|')}) place="$word"; depth=index ;;
    esac
  done
  (( CURRENT -= depth - 1 ))
  shift $((depth - 1)) words
  case "$place" in
${commands.map(renderCommand).join('\n')}
  esac
}
if [ "$funcstack[1]" = "_slimimage" ]; then _slimimage "$@"; else compdef _slimimage slimimage; fi
`;
}

function renderCommand(command: CommandWords): string {
  const { path, flags, commands, values } = command;
  const words = commands.map(({ name, description }) => `${name}\\:${quoteDescription(description)}`);
  const argument =
    words.length > 0
      ? quoted(`1:command:((${words.join(' ')}))`)
      : values.length > 0
        ? quoted(`1:value:(${values.join(' ')})`)
        : quoted('*:file:_files');
  const specs = [...flags.flatMap(flagSpecs), argument];
  return `    (${quoted(keyOf(path))})\n      _arguments -S ${specs.join(' ')} ;;`;
}

function flagSpecs({ long, short, description, value }: FlagWords): readonly string[] {
  const text = `[${description.replace(/[[\]\\:]/g, '\\$&')}]`;
  const action = value === 'none' ? '' : value === 'file' ? ':value:_files' : `:value:(${value.join(' ')})`;
  return [long, ...(short === undefined ? [] : [short])].map((name) => quoted(`*${name}${text}${action}`));
}

/** Inside ((...)) a description is one shell word. */
function quoteDescription(text: string): string {
  return text.replace(/[^A-Za-z0-9_./-]/g, '\\$&');
}

function keyOf(path: readonly string[]): string {
  return path.map((name) => ` ${name}`).join('');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
