import type { StringTable } from '../glib/string-table.ts';
import type { TypedValue } from '../gvariant/serialise.ts';
import type { VariantType } from '../gvariant/type.ts';
import type { StringInfo } from './string-info.ts';

/** Schemas by id, in the order in which GLib would walk them. */
export type Schemas = StringTable<Schema>;

export interface Schema {
  readonly path: string | undefined;
  readonly domain: string | undefined;
  readonly extends: string | undefined;
  readonly listOf: string | undefined;
  /** Keys, and children with a slash at the end of their names. */
  readonly keys: StringTable<SchemaItem>;
}

export type SchemaItem = { readonly type: 'child'; readonly schema: string } | SchemaKey;

/** Changed by overrides: what a file of the administrator or the distribution says takes the place of the default. */
export interface SchemaKey {
  readonly type: 'key';
  readonly valueType: VariantType;
  default: TypedValue;
  /** `l10n`: the category's first letter, and the default as the source has it, with its context. */
  localised: { readonly category: string; readonly text: string } | undefined;
  readonly words: { readonly kind: 'enum' | 'flags' | 'choices'; readonly info: StringInfo } | undefined;
  readonly range: readonly [least: TypedValue, most: TypedValue] | undefined;
  /** Desktop -> default there. */
  desktops: StringTable<TypedValue> | undefined;
}

export interface SchemaFile {
  /** For messages and for the order. */
  readonly name: string;
  readonly bytes: Uint8Array;
}
