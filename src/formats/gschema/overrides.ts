import { SlimimageError } from '../../errors.ts';
import { decodeUtf8 } from '../../util/text.ts';
import { StringTable } from '../glib/string-table.ts';
import { parseVariantText } from '../gvariant/parse-text.ts';
import type { TypedValue } from '../gvariant/serialise.ts';
import { isAllowed } from './allowed.ts';
import type { SchemaFile, SchemaKey, Schemas } from './types.ts';

/**
 * Takes other defaults from a key file: `[SCHEMA]`, or `[SCHEMA:DESKTOP]` for one desktop, and `key=value`. Schemas that
 * are not there are passed over.
 * @returns what was left out, each with its reason
 */
export function applyOverrides(file: SchemaFile, schemas: Schemas): readonly string[] {
  const problems: string[] = [];
  for (const { group, key, text } of keyFileLines(decodeUtf8(file.bytes))) {
    const [id = '', desktop] = splitOnce(group);
    const schema = schemas.get(id);
    if (schema === undefined) continue;
    const item = schema.keys.get(key);
    const problem =
      item?.type === 'key' ? override(item, { text, desktop }) : `there is no key ${key} in the schema ${group}`;
    if (problem !== undefined) problems.push(`${file.name}: ${problem}`);
  }
  return problems;
}

function override(
  key: SchemaKey,
  { text, desktop }: { readonly text: string; readonly desktop: string | undefined },
): string | undefined {
  if (desktop !== undefined && key.localised !== undefined)
    return 'a default that is translated is the same on every desktop';
  const value = parsed(text, key);
  if (typeof value === 'string') return value;
  if (!isAllowed(value, key)) return `${text} is not among the values that a key may have`;
  if (desktop === undefined) {
    key.default = value;
    key.localised = undefined;
    return undefined;
  }
  key.desktops ??= new StringTable();
  key.desktops.set(desktop, value);
  return undefined;
}

function parsed(text: string, { valueType }: SchemaKey): TypedValue | string {
  try {
    return parseVariantText(text, valueType);
  } catch (error) {
    if (!(error instanceof SlimimageError)) throw error;
    return error.message;
  }
}

interface KeyFileLine {
  readonly group: string;
  readonly key: string;
  readonly text: string;
}

/** Lines of a key file (Desktop Entry Specification, "Basic format of the file"); of a key that is there twice the last. */
function keyFileLines(text: string): Iterable<KeyFileLine> {
  const lines = new Map<string, KeyFileLine>();
  let group = '';
  for (const line of text.split('\n')) {
    const head = /^\[([^\]]*)\]\s*$/.exec(line)?.[1];
    const pair = /^\s*([^=#\s][^=]*?)\s*=\s*(.*?)\r?$/.exec(line);
    if (head !== undefined) group = head;
    else if (pair !== null) {
      const [, key = '', value = ''] = pair;
      lines.set(`${group}]${key}`, { group, key, text: value });
    }
  }
  return lines.values();
}

function splitOnce(group: string): readonly [string, string | undefined] {
  const at = group.indexOf(':');
  return at < 0 ? [group, undefined] : [group.slice(0, at), group.slice(at + 1)];
}
