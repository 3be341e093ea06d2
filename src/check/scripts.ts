import { parseShebang } from '../formats/shebang/read-shebang.ts';
import { absolute, makeFinding } from './finding.ts';
import { followPath } from './follow-path.ts';
import { findProgram } from './program.ts';
import type { CheckFile, CheckSettings, CheckTree, Finding } from './types.ts';

/** Examples and sources that nobody starts where they lie, and what only logins run. */
const ignored = /^(?:usr\/share\/doc|usr\/src|etc\/update-motd\.d)\//;

/** Scripts that can be executed and whose interpreter is not there: warnings. The entrypoint's is looked at in program.ts. */
export function checkScripts(
  tree: CheckTree,
  settings: CheckSettings,
): { readonly findings: readonly Finding[]; readonly checked: number } {
  const findings: Finding[] = [];
  const interpreters = new Map<string, string | undefined>();
  let checked = 0;
  for (const file of tree.entries()) {
    const { shebang, path, mode, type } = file;
    if (shebang === undefined || type !== 'file' || (mode & 0o111) === 0 || ignored.test(path)) continue;
    checked += 1;
    if (!interpreters.has(shebang)) interpreters.set(shebang, absentInterpreter(tree, shebang, settings));
    const missing = interpreters.get(shebang);
    if (missing !== undefined) findings.push(scriptFinding(tree, file, missing));
  }
  return { findings, checked };
}

function absentInterpreter(tree: CheckTree, shebang: string, settings: CheckSettings): string | undefined {
  const { interpreter, program } = parseShebang(shebang);
  // A template whose name is filled in later, or a relative path, tells nothing.
  if (!interpreter.startsWith('/')) return undefined;
  if (followPath(tree, interpreter).file === undefined) return interpreter;
  if (program === interpreter) return undefined;
  return findProgram(tree, program, settings) === undefined ? program : undefined;
}

function scriptFinding(tree: CheckTree, { path }: CheckFile, missing: string): Finding {
  const message = `The interpreter ${missing} of ${absolute(path)} is not in the image`;
  return makeFinding(tree, { type: 'interpreter', severity: 'warning', path, missing, message, chain: [] });
}
