/** The words of a command as getopt_long(3) reads them. */
export interface CommandOptions {
  /** Letter or long name -> its value, '' where it takes none; the last one counts. */
  readonly options: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

/** Options anywhere, `--key=value`, clustered letters, `--` ends them; `valued` are those that take a value. */
export function readOptions(words: readonly string[], valued: ReadonlySet<string>): CommandOptions {
  const options = new Map<string, string>();
  const operands: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word === '--') {
      operands.push(...words.slice(at + 1));
      break;
    }
    const long = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word);
    if (long !== null) {
      const key = long[1] as string;
      options.set(key, long[2] ?? (valued.has(key) ? (words[++at] ?? '') : ''));
    } else if (word.length > 1 && word.startsWith('-')) {
      at = readLetters(word, { options, valued, words, at });
    } else {
      operands.push(word);
    }
  }
  return { options, operands };
}

interface Letters {
  readonly options: Map<string, string>;
  readonly valued: ReadonlySet<string>;
  readonly words: readonly string[];
  readonly at: number;
}

/** Returns the place of the last word that it read. */
function readLetters(word: string, { options, valued, words, at }: Letters): number {
  for (let letter = 1; letter < word.length; letter++) {
    const key = word[letter] as string;
    if (!valued.has(key)) {
      options.set(key, '');
      continue;
    }
    const rest = word.slice(letter + 1);
    options.set(key, rest === '' ? (words[at + 1] ?? '') : rest);
    return rest === '' ? at + 1 : at;
  }
  return at;
}
