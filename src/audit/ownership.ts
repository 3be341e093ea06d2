import { type AuditedFile, type AuditedProgram, type AuditScene, placeOf, type RawFinding } from './scene.ts';

/** Names in one finding. */
const shown = 5;

/** Programs, libraries and scripts of no package: one finding for each application, as the folder tells it. */
export function* ownership(scene: AuditScene): Generator<RawFinding> {
  const unowned = scene.programs.filter((file) => isProgram(file) && !isOwned(scene, file));
  for (const [folder, files] of Map.groupBy(unowned, ({ node }) => applicationOf(node.entry.path))) {
    const [first] = files;
    if (first === undefined) continue;
    const paths = files.map(({ node }) => `/${node.entry.path}`);
    if (files.length === 1) {
      yield { rule: 'unowned-executable', message: `no package owns ${paths[0]}`, ...placeOf(scene, first.node) };
      continue;
    }
    const more = paths.length > shown ? `, ${paths.length - shown} more` : '';
    const message = `no package owns ${files.length} programs in /${folder}: ${paths.slice(0, shown).join(', ')}${more}`;
    yield { rule: 'unowned-executable', message, path: `/${folder}`, layer: first.node.layer };
  }
  for (const problem of scene.packages.problems) yield { rule: 'damaged-package-database', message: problem };
}

/** Of the package managers themselves, which list them nowhere. */
const maintainerScripts = /^(?:var\/lib\/dpkg\/(?:info|tmp\.ci)|(?:usr\/)?lib\/apk\/(?:db|exec))\//;

/** An ELF file that is started or loaded, or a script that may be. */
function isProgram({ node, program: { elf, shebang } }: AuditedProgram): boolean {
  if (maintainerScripts.test(node.entry.path)) return false;
  if (elf !== undefined) return elf.type === 'executable' || elf.type === 'shared';
  return shebang !== undefined && (node.entry.mode & 0o111) !== 0;
}

function isOwned({ packages }: AuditScene, { node, otherNames }: AuditedFile): boolean {
  const paths = [node.entry.path, ...otherNames.map((name) => name.slice(1))];
  return paths.some((path) => packages.ownersOf(path).length > 0);
}

/** `/app`, `/opt/x`, `/usr/local`, `/usr/lib/x`: where what belongs together lies. */
function applicationOf(path: string): string {
  const names = path.split('/').slice(0, -1);
  const [first = '', second = ''] = names;
  if (first === 'usr' && second === 'lib') return names.slice(0, 3).join('/');
  return names.slice(0, ['usr', 'opt', 'srv', 'home', 'var', 'etc'].includes(first) ? 2 : 1).join('/');
}
