import { type ParsedScript, parse } from 'unbash';

/**
 * A script's syntax tree. Effects and reports read the same scripts in turn: the last ones are kept, so that each is
 * parsed once a build. A tree is never changed.
 */
export function parseShell(text: string): ParsedScript {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const tree = parse(text);
  if (kept.size >= maxKept) kept.clear();
  if (text.length <= maxKeptCharacters) kept.set(text, tree);
  return tree;
}

const kept = new Map<string, ParsedScript>();
const maxKept = 500;
const maxKeptCharacters = 50_000;
