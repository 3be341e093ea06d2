import type { PackageEffects, ScriptEffects, ScriptReport } from '../../index.ts';
import { withoutControls } from '../../util/printable.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';

/** Packages, their scripts, and the lines that do something. */
export function renderEffects({ packages }: ScriptEffects, style: Style): string {
  return packages.map((one) => packageLines(one, style).join('\n')).join('\n\n');
}

function packageLines({ name, version, verdict, scripts }: PackageEffects, style: Style): readonly string[] {
  const title = `${style.strong(withoutControls(name))} ${withoutControls(version)}`;
  if (scripts.length === 0) return [`${title}: no maintainer scripts`];
  return [`${title}: ${verdictNames[verdict]}`, ...scripts.flatMap((script) => scriptLines(script, style))];
}

function scriptLines({ script, verdict, lines }: ScriptReport, style: Style): readonly string[] {
  const rows = lines.map(({ line, text, certainty, verdict: one, because }) => [
    String(line),
    one === 'not-reproduced' ? style.warning(verdictNames[one]) : verdictNames[one],
    withoutControls(because),
    withoutControls(certainty === 'runs' ? text : `(perhaps) ${text}`),
  ]);
  return [`  ${script}: ${verdictNames[verdict]}`, ...renderTable(rows, [0]).map((row) => `    ${row}`)];
}

const verdictNames = {
  nothing: 'nothing to do',
  covered: 'covered',
  irrelevant: 'irrelevant',
  'not-reproduced': 'not reproduced',
} as const;
