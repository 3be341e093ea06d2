import { withoutControls } from '../util/printable.ts';
import { atLeast, type FailLevel } from './fail-level.ts';
import type { AuditFinding, AuditReport } from './types.ts';

/**
 * The report as JUnit XML: a test case for each rule. A case fails where the rule found something at or above the level that is not
 * allowed; what else was found is its output.
 */
export function junitOf(report: AuditReport, { failOn }: { readonly failOn: FailLevel }): string {
  const byRule = Map.groupBy(report.findings, ({ rule }) => rule);
  const cases = report.rules.map(({ id, title, reason, fix }) => {
    const findings = byRule.get(id) ?? [];
    const fails = findings.filter((finding) => finding.allowed === undefined && atLeast(finding.level, failOn));
    const others = findings.filter((finding) => !fails.includes(finding));
    const more = (failing: boolean) =>
      report.omitted
        .filter(({ rule, level, allowed }) => rule === id && (!allowed && atLeast(level, failOn)) === failing)
        .reduce((sum, { count }) => sum + count, 0);
    return { id, title, help: `${reason} ${fix}`, fails, moreFails: more(true), others, moreOthers: more(false) };
  });
  const failures = cases.filter(({ fails }) => fails.length > 0).length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="0"`;
  const name = report.platform === undefined ? report.image : `${report.image} (${report.platform})`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="slimimage audit" ${counts}>`,
    `  <testsuite name="${escaped(name)}" ${counts}>`,
    ...cases.flatMap(caseLines),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n');
}

interface RuleCase {
  readonly id: string;
  readonly title: string;
  readonly help: string;
  readonly fails: readonly AuditFinding[];
  readonly moreFails: number;
  readonly others: readonly AuditFinding[];
  readonly moreOthers: number;
}

function caseLines({ id, title, help, fails, moreFails, others, moreOthers }: RuleCase): readonly string[] {
  const [first] = fails;
  const listed = (findings: readonly AuditFinding[], more: number) => [
    ...findings.map(lineOf),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
  const body = [
    ...(first === undefined
      ? []
      : [
          `      <failure type="${first.level}" message="${escaped(`${title}: ${fails.length + moreFails}`)}">`,
          escaped([...listed(fails, moreFails), help].join('\n')),
          '      </failure>',
        ]),
    ...(others.length === 0
      ? []
      : ['      <system-out>', escaped(listed(others, moreOthers).join('\n')), '      </system-out>']),
  ];
  const head = `    <testcase classname="slimimage.audit" name="${escaped(id)}"`;
  return body.length === 0 ? [`${head}/>`] : [`${head}>`, ...body, '    </testcase>'];
}

function lineOf({ level, message, allowed }: AuditFinding): string {
  return `${level}: ${message}${allowed === undefined ? '' : ` (allowed: ${allowed.because})`}`;
}

/** XML 1.0 has no place for most control characters, nor for halves of surrogate pairs. */
function escaped(text: string): string {
  return withoutControls(text)
    .replace(/[\p{Surrogate}\ufffe\uffff]/gu, '\u{fffd}')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
