/**
 * Words of a command line: a JSON list of strings, or words divided by spaces, with quotes and backslashes as in a
 * shell. Nothing is expanded.
 */
export function splitWords(text: string): { readonly value: string[] } | { readonly problem: string } {
  return text.trimStart().startsWith('[') ? readJson(text) : readShell(text);
}

function readJson(text: string): { readonly value: string[] } | { readonly problem: string } {
  const problem = 'expected words, or a JSON list such as ["/usr/bin/python3", "/app/main.py"]';
  try {
    const value: unknown = JSON.parse(text);
    const isWords = Array.isArray(value) && value.every((word) => typeof word === 'string');
    return isWords ? { value } : { problem };
  } catch {
    return { problem };
  }
}

function readShell(text: string): { readonly value: string[] } | { readonly problem: string } {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? '';
    if (character === '\\' && quote !== "'") word = (word ?? '') + (text[++index] ?? '');
    else if (character === quote) quote = '';
    else if (quote !== '') word = (word ?? '') + character;
    else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== '') return { problem: `the quote ${quote} is not closed` };
  return { value: word === undefined ? words : [...words, word] };
}
