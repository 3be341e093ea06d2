/** Top-level names that are links to `usr/NAME` in a merged layout (usrmerge's own list). */
export const aliasNames = ['bin', 'lib', 'lib32', 'lib64', 'libo32', 'libx32', 'sbin'] as const;

/** The path itself, and what the other side of a merged /usr calls it, where it has such a side. */
export function sidesOfUsr(path: string): readonly string[] {
  const [first = '', second = ''] = path.split('/', 2);
  if (isAlias(first) && second !== '') return [path, `usr/${path}`];
  return first === 'usr' && isAlias(second) ? [path, path.slice('usr/'.length)] : [path];
}

function isAlias(name: string): boolean {
  return (aliasNames as readonly string[]).includes(name);
}
