import { baseName, parentPath } from '../rootfs/path.ts';
import { unknown } from '../scripts/read-script.ts';
import { compareStrings, decodeUtf8 } from '../util/text.ts';
import { generatedFile } from './entries.ts';
import { type ScriptCall, sourceOf } from './script-calls.ts';
import { followPath } from './tree-paths.ts';
import type { EffectInput, GeneratedEntry } from './types.ts';

const template = 'usr/share/debianutils/shells';
const folder = 'usr/share/debianutils/shells.d';

/**
 * /etc/shells as update-shells(8) of debianutils writes it: its template, then the shells that packages declare in
 * shells.d, those of Essential packages first, as they are configured first; then what scripts add with add-shell(8).
 */
export function loginShells(input: EffectInput, calls: readonly ScriptCall[]): readonly GeneratedEntry[] {
  const { tree, settings } = input;
  const path = 'etc/shells';
  const start = tree.read(template);
  if (start === undefined || tree.get(path) !== undefined) return [];
  const files = [...tree.below(folder)].sort(compareStrings);
  const essential = essentialFiles(input);
  let lines: readonly string[] = decodeUtf8(start).replace(/\n$/, '').split('\n');
  let known: readonly string[] = [];
  for (const some of [files.filter((file) => essential.has(file)), files, files]) {
    const declared = [template, ...some].flatMap((file) => declaredShells(tree, file));
    lines = update(lines, { declared, known });
    known = declared;
  }
  for (const { words } of calls.filter(({ words: [name] }) => name === 'add-shell')) {
    lines = [...lines, ...words.slice(1).filter((shell) => isShell(shell) && !lines.includes(shell))];
  }
  const adding = calls.find(({ words: [name] }) => name === 'add-shell' || name === 'update-shells');
  const because = `update-shells lists the shells of the image${adding === undefined ? '' : `, called by ${sourceOf(adding)}`}`;
  return [generatedFile(path, `${lines.join('\n')}\n`, { rule: 'login files', because, created: settings.created })];
}

function essentialFiles({ packages }: EffectInput): ReadonlySet<string> {
  const essential = packages.filter(({ control }) => /^Essential:\s*yes\s*$/im.test(control));
  return new Set(essential.flatMap(({ files }) => files.map(({ path }) => path)));
}

/** The lines of a file, each with the path that it really has (/bin is a link). */
function declaredShells(tree: EffectInput['tree'], file: string): readonly string[] {
  const text = decodeUtf8(tree.read(file) ?? new Uint8Array(0));
  return text.split('\n').flatMap((line) => {
    const shell = line.replace(/#.*/, '');
    if (shell === '') return [];
    const real = `/${followPath(tree, `/${parentPath(shell.slice(1))}`, { last: true }) ?? ''}/${baseName(shell)}`;
    return real === shell ? [shell] : [shell, real];
  });
}

/** One run of update-shells: comments, declared shells and those of nobody stay, each once; new ones come last. */
function update(
  lines: readonly string[],
  { declared, known }: { readonly declared: readonly string[]; readonly known: readonly string[] },
): readonly string[] {
  const listed = new Set<string>();
  const kept = lines.filter((line) => {
    const shell = line.replace(/#.*/, '');
    if (shell === '') return true;
    if ((!declared.includes(shell) && known.includes(shell)) || listed.has(shell)) return false;
    listed.add(shell);
    return true;
  });
  return [...kept, ...declared.filter((shell) => !listed.has(shell) && !known.includes(shell))];
}

function isShell(word: string): boolean {
  return word.startsWith('/') && !word.includes(unknown) && !word.includes('\n');
}
