import type { PlatformResult, ScriptReport } from '../../index.ts';
import { withoutControls } from '../../util/printable.ts';
import { renderTable } from './table.ts';
import { count } from './units.ts';

/** One line of a build's summary about maintainer scripts; with --verbose, what each of them does. */
export function scriptLines(
  { scripts }: PlatformResult,
  { verbose }: { readonly verbose: boolean },
): readonly string[] {
  const counted = verdicts.flatMap(([verdict, text]) => {
    const number = scripts.filter((one) => one.verdict === verdict).length;
    return number === 0 ? [] : [`${number} ${text}`];
  });
  if (counted.length === 0) return [];
  const title = `maintainer scripts: ${count(scripts.length, 'script')}, ${counted.join(', ')}`;
  return verbose ? [title, ...renderTable(scripts.map(row)).map((line) => `  ${line}`)] : [title];
}

const verdicts = [
  ['nothing', 'with nothing to do'],
  ['covered', 'covered by effects'],
  ['irrelevant', 'irrelevant in a container'],
  ['not-reproduced', 'not reproduced'],
] as const;

/** What becomes of one script: its package, its name, its verdict, and the reasons. */
function row({ package: name, script, verdict, lines }: ScriptReport): readonly string[] {
  const reasons = new Set(lines.filter((line) => line.verdict === verdict).map(({ because }) => because));
  return [withoutControls(name), script, verdict, withoutControls([...reasons].join(', '))];
}
