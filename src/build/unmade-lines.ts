import type { ScriptLine, ScriptReport } from '../scripts/types.ts';
import { type PackagedFiles, packagedChange } from './packaged-changes.ts';

/**
 * Holds what reports call covered against the image: where a command certainly runs and makes a file, folder or link that
 * is not in the image, no effect did it (its source may be left out, or the effect knows less than the report), and where
 * it changes or removes what a package brings, none did either. Such lines are not reproduced.
 *
 * @param isThere whether the image has an absolute path
 */
export function findUnmade(
  reports: readonly ScriptReport[],
  { isThere, files }: { readonly isThere: (path: string) => boolean; readonly files: PackagedFiles },
): readonly ScriptReport[] {
  return reports.map((report) => {
    const own = reports.filter((one) => one.package === report.package);
    const gone = removedPaths(own);
    const named = new Set(own.flatMap(({ lines }) => lines.flatMap((line) => (isMove(line.text) ? [] : line.paths))));
    const isMissing = (path: string) => !isThere(path) && !gone.some((one) => isAtOrBelow(path, one));
    const lines = report.lines.map((line) => {
      const change = packagedChange(line, { report, files });
      if (change !== undefined) return { ...line, verdict: 'not-reproduced', ...change } as const;
      const missing = makes(line)
        ? madePaths(line, named).filter((path) => !/[*?[]/.test(path) && isMissing(path))
        : [];
      if (missing.length === 0) return line;
      return { ...line, verdict: 'not-reproduced', because: 'no effect has made it', paths: missing } as const;
    });
    const isWorse = lines.some((line, at) => line !== report.lines[at]);
    return isWorse ? { ...report, verdict: 'not-reproduced', lines } : report;
  });
}

function makes({ verdict, because, certainty, text }: ScriptLine): boolean {
  return (
    verdict === 'covered' &&
    because === 'script files' &&
    certainty === 'runs' &&
    /^(?:\S*\/)?(?:mkdir|touch|cp|ln|ucf|install|mv|echo|printf|cat|:|true|>)/.test(text)
  );
}

/** Another name is given to what a script made; of what never was there (`mv OLD NEW || true`) nothing comes. */
function madePaths({ text, paths }: ScriptLine, named: ReadonlySet<string>): readonly string[] {
  if (!isMove(text)) return paths;
  return named.has(paths[0] ?? '') ? paths.slice(1) : [];
}

/** What the scripts of a package take away again, or give another name. */
function removedPaths(reports: readonly ScriptReport[]): readonly string[] {
  return reports.flatMap(({ lines }) =>
    lines
      .filter(({ text }) => /^(?:\S*\/)?(?:rm|rmdir|unlink|mv)\s/.test(text))
      .flatMap(({ text, paths }) => (isMove(text) ? paths.slice(0, 1) : paths)),
  );
}

function isMove(text: string): boolean {
  return /^(?:\S*\/)?mv\s/.test(text);
}

function isAtOrBelow(path: string, folder: string): boolean {
  const clean = folder.replace(/\/+$/, '');
  return path === clean || path.startsWith(`${clean}/`);
}
