import type { ScriptLine, ScriptReport } from '../scripts/types.ts';

/**
 * Holds what reports call covered against the image: where a command certainly runs and makes a file, folder or link that
 * is not in the image, no effect did it (its source may be left out, or the effect knows less than the report), and the
 * line is not reproduced.
 *
 * @param isThere whether the image has an absolute path
 */
export function findUnmade(
  reports: readonly ScriptReport[],
  isThere: (path: string) => boolean,
): readonly ScriptReport[] {
  return reports.map((report) => {
    const gone = removedPaths(reports.filter((one) => one.package === report.package));
    const isMissing = (path: string) => !isThere(path) && !gone.some((one) => isAtOrBelow(path, one));
    const lines = report.lines.map((line) => {
      const missing = makes(line) ? line.paths.filter((path) => !/[*?[]/.test(path) && isMissing(path)) : [];
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
    /^(?:\S*\/)?(?:mkdir|touch|cp|ln|ucf|install|echo|printf|cat|:|true|>)/.test(text)
  );
}

/** What the scripts of a package take away again, or give another name. */
function removedPaths(reports: readonly ScriptReport[]): readonly string[] {
  return reports.flatMap(({ lines }) =>
    lines.filter(({ text }) => /^(?:\S*\/)?(?:rm|rmdir|unlink|mv)\s/.test(text)).flatMap(({ paths }) => paths),
  );
}

function isAtOrBelow(path: string, folder: string): boolean {
  const clean = folder.replace(/\/+$/, '');
  return path === clean || path.startsWith(`${clean}/`);
}
