import { canonicalJson } from '../util/json.ts';
import { withoutControls } from '../util/printable.ts';
import { compareStrings } from '../util/text.ts';
import { isList } from './encode.ts';
import type { LockInput, LockInputs } from './types.ts';

/**
 * Every difference between the configuration of a lock and another one, as short texts in the order of their keys:
 * `packages: curl was added`, `from: was debian/trixie, is debian/bookworm`. Empty where there is none.
 */
export function compareInputs(locked: LockInputs, current: LockInputs): readonly string[] {
  return compareMaps(locked, current, '');
}

type InputMap = { readonly [key: string]: LockInput };

function compareMaps(locked: InputMap, current: InputMap, prefix: string): readonly string[] {
  const keys = [...new Set([...Object.keys(locked), ...Object.keys(current)])].sort(compareStrings);
  return keys.flatMap((key) => {
    const name = `${prefix}${withoutControls(key).slice(0, shownLength)}`;
    const [before, after] = [memberOf(locked, key), memberOf(current, key)];
    if (before === undefined) return after === undefined ? [] : [`${name}: was not there, is ${show(after)}`];
    if (after === undefined) return [`${name}: was ${show(before)}, is not there`];
    return compareValues(before, after, name);
  });
}

function memberOf(map: InputMap, key: string): LockInput | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function compareValues(before: LockInput, after: LockInput, name: string): readonly string[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  if (isList(before) && isList(after)) return compareLists(before, after, name);
  if (isMap(before) && isMap(after)) return compareMaps(before, after, `${name}.`);
  return [`${name}: was ${show(before)}, is ${show(after)}`];
}

/** Members are known by their value, and maps by their name where they have one. */
function compareLists(before: readonly LockInput[], after: readonly LockInput[], name: string): readonly string[] {
  const named = [...before, ...after].every((member) => nameOf(member) !== undefined);
  const identify = (member: LockInput) => (named ? (nameOf(member) ?? '') : canonicalJson(member));
  const [old, fresh] = [countedBy(before, identify), countedBy(after, identify)];
  const removed = [...old]
    .filter(([key]) => !fresh.has(key))
    .map(([, member]) => `${name}: ${show(member)} was removed`);
  const added = [...fresh].filter(([key]) => !old.has(key)).map(([, member]) => `${name}: ${show(member)} was added`);
  const changed = [...fresh].flatMap(([key, member]) => {
    const other = old.get(key);
    return named && other !== undefined ? compareValues(other, member, `${name}.${show(member)}`) : [];
  });
  const texts = [...removed, ...added, ...changed];
  return texts.length > 0 ? texts : [`${name}: the order has changed`];
}

/** A member that is there twice is two members. */
function countedBy(members: readonly LockInput[], identify: (member: LockInput) => string): Map<string, LockInput> {
  const seen = new Map<string, number>();
  return new Map(
    members.map((member) => {
      const key = identify(member);
      const times = seen.get(key) ?? 0;
      seen.set(key, times + 1);
      return [`${key} ${times}`, member];
    }),
  );
}

function isMap(input: LockInput): input is InputMap {
  return typeof input === 'object' && input !== null && !isList(input);
}

function nameOf(member: LockInput): string | undefined {
  const name = isMap(member) ? memberOf(member, 'name') : undefined;
  return typeof name === 'string' ? name : undefined;
}

const shownLength = 80;

function show(value: LockInput): string {
  const name = nameOf(value);
  const text = name ?? (typeof value === 'string' && value !== '' ? value : canonicalJson(value));
  const plain = withoutControls(text);
  return plain.length > shownLength ? `${plain.slice(0, shownLength)}...` : plain;
}
