import type { ElfFacts } from '../formats/elf/facts.ts';
import { type AuditedFile, type AuditScene, namesOf, placeOf, type RawFinding } from './scene.ts';
import { openFolders } from './search-path.ts';

/** What programs and libraries lack of the usual protections, and from where they load libraries. */
export function* elfFiles(scene: AuditScene): Generator<RawFinding> {
  for (const file of scene.programs) {
    const {
      node,
      program: { elf },
    } = file;
    // Objects for a linker or a kernel are no programs.
    if (elf === undefined || (elf.type !== 'executable' && elf.type !== 'shared')) continue;
    const rules = lacking(elf);
    const open = openFolders(scene.view.rootfs, { elf, path: node.entry.path });
    if (rules.length === 0 && open.length === 0) continue;
    const place = placeOf(scene, node);
    // How a distribution builds a package is its choice: known, and no news.
    const level = isShipped(scene, file) ? ('info' as const) : undefined;
    const name = namesOf(file);
    for (const [rule, lack] of rules) yield { rule, level, message: `${name} ${lack}`, ...place };
    const [first] = open;
    if (first === undefined) continue;
    const more = open.length > 1 ? `, and ${open.length - 1} more like it` : '';
    const message = `${name} looks for libraries in ${first.element}: ${first.why}${more}`;
    yield { rule: 'library-search-path', message, ...place };
  }
}

/** Names of a file that are looked up: a hostile image has a hundred thousand. */
const maxNames = 20;

/** A package's file may have got another name, which comes first. */
function isShipped({ shipped, view }: AuditScene, { node, otherNames }: AuditedFile): boolean {
  if (shipped.hasContent(node)) return true;
  return otherNames.slice(0, maxNames).some((name) => {
    const other = view.rootfs.get(name.slice(1));
    return other !== undefined && shipped.hasContent(other);
  });
}

type Lack = readonly ['elf-no-nx' | 'elf-no-relro' | 'elf-no-pie' | 'elf-no-canary', string];

function lacking({ hardening, type, needed }: ElfFacts): readonly Lack[] {
  const lacks: Lack[] = [];
  if (!hardening.nx) lacks.push(['elf-no-nx', 'has an executable stack']);
  if (hardening.relro === 'none') lacks.push(['elf-no-relro', 'has no RELRO']);
  if (type === 'executable' && !hardening.pie) lacks.push(['elf-no-pie', 'is not position-independent']);
  // The function that a canary calls comes from the C library: of a static file nobody can tell, and who does without a C
  // library has no use for it.
  const usesC = needed.some((name) => /^(?:libc\.so|libc\.musl-|ld-musl-)/.test(name));
  if (usesC && !hardening.canary) lacks.push(['elf-no-canary', 'calls no stack protector']);
  return lacks;
}
