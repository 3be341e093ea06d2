import picomatch from 'picomatch';
import type { ImageSpec } from '../config/spec.ts';
import type { ImageTree } from './tree.ts';

/** Settings that name what is not in the image, as sentences: a slip of the pen must not pass for a decision. */
export function unusedSettings(
  { specialPermissions, exclude, include }: Pick<ImageSpec, 'specialPermissions' | 'exclude' | 'include'>,
  { tree, packages }: { readonly tree: ImageTree; readonly packages: ReadonlyMap<string, unknown> },
): readonly string[] {
  const paths = specialPermissions.length === 0 ? [] : [...tree.nodes()].map(({ entry }) => entry.path);
  const nowhere = specialPermissions.filter((glob) => {
    const matches = picomatch(glob, { dot: true });
    return !paths.some((path) => matches(path));
  });
  const missing = (key: string, rules: ImageSpec['exclude']) =>
    rules.flatMap(({ package: name }) => (name === undefined || packages.has(name) ? [] : [`${key}: ${name}`]));
  const strangers = new Set([...missing('exclude', exclude), ...missing('include', include)]);
  return [
    ...nowhere.map((glob) => `special-permissions: nothing in the image is called /${glob}`),
    ...[...strangers].map((setting) => `${setting} is not in the image`),
  ];
}
