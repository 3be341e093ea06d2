/** Maps whose values are text, whatever they look like. */
const textMaps = new Set(['env', 'labels', 'annotations', 'mirrors']);
/** Lists and scalars whose members are text, wherever they are. */
const textKeys = new Set([
  'mode',
  'owner',
  'user',
  'group',
  'ports',
  'entrypoint',
  'cmd',
  'test',
  'stop-signal',
  'content',
  'version',
  'suite',
]);

/** Whether `PORT: 08080` or `mode: 0750` at this place means its letters and not the number that YAML makes of them. */
export function readsAsText(path: readonly (string | number)[]): boolean {
  const [top] = path;
  if (path.length === 2 && typeof top === 'string' && textMaps.has(top)) return true;
  const key = path.findLast((part) => typeof part === 'string');
  return typeof key === 'string' && textKeys.has(key);
}
