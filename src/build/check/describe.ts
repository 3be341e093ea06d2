import type { CheckReport, Finding, FindingType } from '../../check/types.ts';
import { compareStrings } from '../../util/text.ts';
import type { PlatformCheck } from '../types.ts';

const words: Partial<Record<FindingType, readonly [one: string, many: string]>> = {
  library: ['file lacks a library', 'files lack a library'],
  'symbol-version': ['file lacks a symbol version', 'files lack a symbol version'],
  interpreter: ['script has no interpreter', 'scripts have no interpreter'],
};

/** Names that are written out of each kind. */
const shown = 4;

/** Warnings as one sentence; undefined where there are none but links that lead nowhere, which most packages have. */
export function describeWarnings(findings: readonly Finding[]): string | undefined {
  const told = warnings(findings).filter(({ type }) => type !== 'dangling-link');
  if (told.length === 0) return undefined;
  const parts = Map.groupBy(told, ({ type }) => type);
  const texts = [...parts].map(([type, group]) => {
    const names = [...new Set(group.map(({ missing }) => missing))];
    const rest = names.length > shown ? `, and ${names.length - shown} more` : '';
    const [one, many] = words[type] ?? ['file is not for this image', 'files are not for this image'];
    return `${group.length} ${group.length === 1 ? one : many} (${names.slice(0, shown).join(', ')}${rest})`;
  });
  return `In packages that were not asked for, or where it is optional: ${texts.join('; ')}`;
}

/** What the sentence leaves out. */
export function countOthers(findings: readonly Finding[]): string {
  const links = warnings(findings).filter(({ type }) => type === 'dangling-link').length;
  return links === 0 ? '' : `, and ${links} ${links === 1 ? 'link that leads' : 'links that lead'} nowhere`;
}

/** A report of an image that may be written, in numbers. */
export function countFindings({ findings, checked }: CheckReport): PlatformCheck {
  const counts = [...Map.groupBy(warnings(findings), ({ type }) => type)];
  return {
    checked,
    warnings: counts
      .map(([type, { length: count }]) => ({ type, count }))
      .sort((a, b) => compareStrings(a.type, b.type)),
    allowed: findings.filter(({ allowed }) => allowed !== undefined).length,
  };
}

function warnings(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity, allowed }) => severity === 'warning' && allowed === undefined);
}
