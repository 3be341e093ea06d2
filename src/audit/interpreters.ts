import { parseShebang } from '../formats/shebang/read-shebang.ts';
import { baseName } from '../rootfs/path.ts';
import type { RootfsNode } from '../rootfs/rootfs.ts';
import type { ImagePackage } from '../view/packages.ts';
import { findProgram } from './find-program.ts';
import { type AuditScene, namesOf, placeOf, type RawFinding } from './scene.ts';

/** Base names of interpreters, with the names by which a family's packages are known: its modules, not servers and applications. */
const families: readonly { readonly program: RegExp; readonly packages: RegExp }[] = [
  { program: /^(?:python|pypy)[0-9.]*$/, packages: /^(?:lib)?(?:python|pypy)|^py3-/ },
  { program: /^perl[0-9.]*$/, packages: /^(?:lib)?perl|^lib.*-perl$/ },
  { program: /^ruby[0-9.]*$/, packages: /^(?:lib)?ruby/ },
  { program: /^(?:node|nodejs|deno|bun)$/, packages: /^(?:lib)?node/ },
  { program: /^php[0-9.]*$/, packages: /^(?:lib)?php[0-9.]*(?!.*-(?:fpm|cgi)$)(?:-|$)/ },
  { program: /^(?:lua|luajit)[0-9.]*$/, packages: /^(?:lib)?lua/ },
  { program: /^(?:tclsh|wish)[0-9.]*$/, packages: /^(?:lib)?(?:tcl|tk)/ },
  { program: /^java$/, packages: /jre|jdk/ },
  {
    program: /^(?:guile|Rscript|erl|julia|racket|ocaml)[0-9.-]*$/,
    packages: /^(?:lib)?(?:guile|r-|erlang|julia|racket|ocaml)/,
  },
];

/** Interpreters that neither what the image starts, nor a script in it, nor another package asks for. */
export function* interpreters(scene: AuditScene): Generator<RawFinding> {
  const found = scene.programs.flatMap((file) => {
    const { entry } = file.node;
    if ((entry.mode & 0o111) === 0 || file.program.elf === undefined) return [];
    const names = [entry.path, ...file.otherNames].map(baseName);
    const family = families.find(({ program }) => names.some((name) => program.test(name)));
    return family === undefined ? [] : [{ file, family }];
  });
  if (found.length === 0) return;
  const started = startedFiles(scene);
  const scripts = scriptsByInterpreter(scene);
  const dependents = dependentsIn(scene.packages.packages);
  for (const { file, family } of found) {
    const { inode, entry } = file.node;
    if (started.has(inode)) continue;
    const isOwn = (path: string) => scene.packages.ownersOf(path).some(({ name }) => family.packages.test(name));
    if (scripts.get(inode)?.some((path) => !isOwn(path)) === true) continue;
    const owners = scene.packages.ownersOf(entry.path);
    if (owners.some((owner) => isAskedFor(owner, { family: family.packages, dependents }))) continue;
    yield { rule: 'unneeded-interpreter', message: `nothing needs ${namesOf(file)}`, ...placeOf(scene, file.node) };
  }
}

/** Words of a command that are looked for. */
const maxWords = 1000;

/** Inodes of what entrypoint, command and health check start, through shebangs; of a shell's command every word counts. */
function startedFiles({ view }: AuditScene): ReadonlySet<number> {
  const { Entrypoint = [], Cmd = [], Healthcheck } = view.config?.config ?? {};
  const given = [Entrypoint, Cmd, Healthcheck?.Test ?? []].flatMap((words) => words.slice(0, maxWords));
  const split = given.flatMap((text) => text.split(/[\s;&|()"'`]+/, maxWords)).slice(0, maxWords);
  const pending = [...given, ...split].filter((word) => word !== '');
  const started = new Set<number>();
  for (let word = pending.pop(); word !== undefined; word = pending.pop()) {
    const node = findProgram(view, word);
    if (node === undefined || started.has(node.inode)) continue;
    started.add(node.inode);
    const shebang = view.program(node)?.shebang;
    if (shebang !== undefined) pending.push(...interpretersOf(shebang));
  }
  return started;
}

/** Inode of an interpreter -> paths of the scripts that can be run and name it. */
function scriptsByInterpreter({ view, programs }: AuditScene): ReadonlyMap<number, readonly string[]> {
  const known = new Map<string, RootfsNode | undefined>();
  const scripts = new Map<number, string[]>();
  for (const { node, program } of programs) {
    const { shebang } = program;
    if (shebang === undefined || (node.entry.mode & 0o111) === 0) continue;
    for (const name of interpretersOf(shebang)) {
      if (!known.has(name)) known.set(name, findProgram(view, name));
      const inode = known.get(name)?.inode;
      if (inode === undefined) continue;
      const same = scripts.get(inode) ?? [];
      scripts.set(inode, same);
      same.push(node.entry.path);
    }
  }
  return scripts;
}

function interpretersOf(shebang: string): readonly string[] {
  const { interpreter, program } = parseShebang(shebang);
  return interpreter === program ? [program] : [interpreter, program];
}

/** Name of a package, or what it provides -> packages that depend on it. */
function dependentsIn(packages: readonly ImagePackage[]): ReadonlyMap<string, readonly ImagePackage[]> {
  const dependents = new Map<string, ImagePackage[]>();
  for (const one of packages) {
    const { record, relations } = one;
    const needed = [...(record?.preDepends ?? []), ...(record?.depends ?? [])].flat().map(({ name }) => name);
    for (const name of new Set([...needed, ...(relations?.depends ?? [])])) {
      const same = dependents.get(name) ?? [];
      dependents.set(name, same);
      same.push(one);
    }
  }
  return dependents;
}

/** Whether a package outside of the family depends on it, however indirectly: python3-requests is no reason for python3. */
function isAskedFor(
  owner: ImagePackage,
  {
    family,
    dependents,
  }: { readonly family: RegExp; readonly dependents: ReadonlyMap<string, readonly ImagePackage[]> },
): boolean {
  const seen = new Set([owner]);
  const pending = [owner];
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    if (one.record?.essential === true || !family.test(one.name)) return true;
    const provided = (one.record?.provides ?? []).map(({ name }) => name);
    const names = [one.name, ...provided, ...(one.relations?.provides ?? [])];
    for (const dependent of names.flatMap((name) => dependents.get(name) ?? [])) {
      if (seen.has(dependent)) continue;
      seen.add(dependent);
      pending.push(dependent);
    }
  }
  return false;
}
