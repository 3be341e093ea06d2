import type { ScriptReport } from '../scripts/types.ts';
import type { Memo } from '../store/memo.ts';
import { sha256Hex } from '../util/digest.ts';
import { classifyAll, type PlaceOf, placeIn, type ScriptsInput } from './scripts.ts';
import { toolVersion } from './tool-version.ts';

const namespace = 'script-reports';

/** Moves where the same scripts in the same tree get other reports: with every change of the rules in src/scripts. */
const revision = 2;

/**
 * What `classifyAll` says of an image's scripts, taken from the store where the same scripts were judged before and every
 * path that they asked for is still what it was: to read them takes longer than to merge the packages.
 */
export async function rememberReports(input: ScriptsInput, memo: Memo): Promise<readonly ScriptReport[]> {
  const placeOf = placeIn(input);
  const texts = [...input.packages]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { content }]) => [name, content.index.scripts]);
  const key = sha256Hex(JSON.stringify([revision, toolVersion, input.architecture, texts]));
  const known = decode(await memo.get(namespace, key));
  if (known?.asked.every(([path, place]) => placeOf(path) === place)) return known.reports;
  const asked = new Map<string, ReturnType<PlaceOf>>();
  const asking: PlaceOf = (path) => {
    const place = placeOf(path);
    asked.set(path, place);
    return place;
  };
  const reports = classifyAll(input, asking);
  await memo.set(namespace, key, { asked: [...asked], reports });
  return reports;
}

interface Remembered {
  /** Absolute path, and where it was. */
  readonly asked: readonly (readonly [string, string])[];
  readonly reports: readonly ScriptReport[];
}

function decode(value: unknown): Remembered | undefined {
  const { asked, reports } = (value ?? {}) as Partial<Remembered>;
  if (!Array.isArray(asked) || !Array.isArray(reports)) return undefined;
  if (!asked.every((one) => isTexts(one) && one.length === 2)) return undefined;
  return reports.every(isReport) ? { asked, reports } : undefined;
}

function isReport(value: unknown): boolean {
  const { package: name, script, verdict, lines } = (value ?? {}) as Partial<ScriptReport>;
  return isTexts([name, script, verdict]) && Array.isArray(lines) && lines.every(isLine);
}

function isLine(value: unknown): boolean {
  const line = (value ?? {}) as Partial<ScriptReport['lines'][number]>;
  return (
    typeof line.line === 'number' &&
    isTexts([line.text, line.certainty, line.verdict, line.because]) &&
    isTexts(line.paths)
  );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
