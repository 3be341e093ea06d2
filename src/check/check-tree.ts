import { compareStrings } from '../util/text.ts';
import { checkLibraries } from './libraries.ts';
import { checkLinks } from './links.ts';
import { readLoaderCache } from './loader-cache.ts';
import { checkUser, checkWorkdir, startProgram } from './program.ts';
import { findRoots } from './roots.ts';
import { checkScripts } from './scripts.ts';
import type { CheckReport, CheckSettings, CheckTree, Finding } from './types.ts';

/**
 * Whether what is in an image can run: the entrypoint, every ELF file's loader, libraries and symbol versions, scripts'
 * interpreters, links (contract.md, "The check before writing"). A function of the tree: nothing is run.
 */
export function checkTree(tree: CheckTree, settings: CheckSettings): CheckReport {
  const started = startProgram(tree, settings);
  const roots = findRoots(tree, settings, started.program);
  const libraries = checkLibraries(tree, roots, { settings, cache: readLoaderCache(tree) });
  const scripts = checkScripts(tree, settings);
  const links = checkLinks(tree);
  const errors = [...started.findings, ...checkUser(tree, settings), ...checkWorkdir(tree, settings)];
  // What stops the entrypoint is an error, and not a second time a warning.
  const told = new Set(errors.map(({ path, missing }) => `${path}\n${missing}`));
  const others = [...libraries.findings, ...scripts.findings, ...links.findings].filter(
    ({ path, missing }) => !told.has(`${path}\n${missing}`),
  );
  return {
    findings: [...errors, ...others].sort(bySeverity),
    checked: { elf: libraries.checked, scripts: scripts.checked, links: links.checked },
  };
}

function bySeverity(a: Finding, b: Finding): number {
  const rank = (finding: Finding) => (finding.severity === 'error' ? 0 : 1);
  return rank(a) - rank(b) || compareStrings(a.path, b.path) || compareStrings(a.missing, b.missing);
}
