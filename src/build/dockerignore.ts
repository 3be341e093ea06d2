import picomatch from 'picomatch';

/**
 * Compiles .dockerignore lines (https://docs.docker.com/build/concepts/context/#dockerignore-files): patterns are
 * anchored at the source folder, a matched folder takes everything below it along, `!` brings back, the last match
 * decides. The returned function takes paths relative to the source folder.
 */
export function compileIgnore(lines: readonly string[]): (path: string) => boolean {
  const rules = lines.flatMap(parseRule);
  if (rules.length === 0) return () => false;
  return (path) => {
    let ignored = false;
    for (const { negated, matches } of rules) {
      if (negated === ignored && selfAndParents(path).some(matches)) ignored = !negated;
    }
    return ignored;
  };
}

/** True where a `!` line may bring back something below an ignored folder. */
export function hasExceptions(lines: readonly string[]): boolean {
  return lines.some((line) => line.trim().startsWith('!'));
}

/** True where a `!` line names this file or folder, or something in it: `!.git`, `!lib/.git/HEAD`. */
export function bringsBack(lines: readonly string[], name: string): boolean {
  return lines.some((line) => {
    const text = line.trim();
    return text.startsWith('!') && text.slice(1).trim().split('/').includes(name);
  });
}

interface Rule {
  readonly negated: boolean;
  readonly matches: (path: string) => boolean;
}

function parseRule(line: string): readonly Rule[] {
  const text = line.replace(/^\uFEFF/, '').trim();
  if (text === '' || text.startsWith('#')) return [];
  const negated = text.startsWith('!');
  const pattern = (negated ? text.slice(1).trim() : text)
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
  if (pattern === '') return [];
  // Go's filepath.Match knows neither braces nor extended globs.
  const glob = picomatch(pattern, { dot: true, nobrace: true, noextglob: true });
  // Wrapped: a picomatch takes a second argument, which `some` would fill.
  return [{ negated, matches: (path) => glob(path) }];
}

function selfAndParents(path: string): readonly string[] {
  const paths = [path];
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1))
    paths.push(path.slice(0, slash));
  return paths;
}
