/**
 * Prose as it is compared: lower case, one blank between words, straight quotes, without the marks that comments of programs have at
 * the beginning of their lines, words put together again that a line's end divided.
 */
export function plainText(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.replace(/^[ \t]{0,80}(?:(?:[#*;%|>]|\/\/|\/\*|\*\/|--)[ \t]{0,80}){0,4}/, '').trimEnd());
  return lines
    .join(' ')
    .toLowerCase()
    .replace(/[“”„‟«»]|``|''/g, '"')
    .replace(/[‘’‚‛`´]/g, "'")
    .replace(/[‐‑‒–—]/g, '-')
    .replace(/["'*]{1,2}(software|as is)["'*]{1,2}/g, '"$1"')
    .replace(/\s+/g, ' ')
    .replace(/([a-z]{2})- ([a-z]{2})/g, '$1$2');
}
