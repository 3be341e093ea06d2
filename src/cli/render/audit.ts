import {
  type AuditFinding,
  type AuditLevel,
  type AuditReport,
  type AuditRule,
  auditFails,
  type FailLevel,
} from '../../index.ts';
import { withoutControls } from '../../util/printable.ts';
import { fold } from './fold.ts';
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { count } from './units.ts';

const levels = ['error', 'warning', 'info'] as const;
const none = { error: 0, warning: 0, info: 0 };

/** Findings of one rule without --verbose. */
const shown = 10;

interface AuditRendering {
  /** Every finding on a line of its own, infos with reason and fix. */
  readonly verbose: boolean;
  readonly failOn: FailLevel;
  readonly style: Style;
  /** Where reasons and lists are folded. Findings never are: each stays a line to search for. */
  readonly columns: number;
}

/** What was found by level and rule, worst first: reason and fix once for each rule, infos of a rule in one list. */
export function renderAudit(report: AuditReport, rendering: AuditRendering): string {
  const { image, platform, findings, counts, rules } = report;
  const { style, failOn } = rendering;
  const name = platform === undefined ? image : `${image} (${platform})`;
  const total = levels
    .filter((level) => counts[level] > 0)
    .map((level) => count(counts[level], level))
    .join(', ');
  const verdict = `${withoutControls(name)}: ${total === '' ? 'nothing found' : total}`;
  const open = findings.filter(({ allowed }) => allowed === undefined);
  const allowed = findings.filter((finding) => finding.allowed !== undefined);
  return [
    auditFails(report, failOn) ? style.error(verdict) : style.strong(verdict),
    ...groupsOf(open).flatMap((group) => groupLines(group, report, rendering)),
    ...(allowed.length === 0 ? [] : ['', ...allowedLines(allowed, report, rendering)]),
    '',
    ...whyLines(report, failOn),
    `${count(rules.length, 'rule')} asked${findings.length > 0 && !rendering.verbose ? '; --verbose tells more of each finding' : ''}`,
  ].join('\n');
}

function hiddenOf(omitted: AuditReport['omitted'], fits: (one: AuditReport['omitted'][number]) => boolean): number {
  return omitted.filter(fits).reduce((sum, { count }) => sum + count, 0);
}

/** What makes the exit status 1. */
function whyLines({ counts }: AuditReport, failOn: FailLevel): readonly string[] {
  const failing = levels.filter(
    (level) => counts[level] > 0 && auditFails({ counts: { ...none, [level]: 1 } }, failOn),
  );
  if (failing.length === 0) return [];
  return [`Exit status 1: ${failing.map((level) => count(counts[level], level)).join(', ')} (--fail-on ${failOn})`];
}

/** Findings are sorted by level and rule. */
function groupsOf(findings: readonly AuditFinding[]): readonly (readonly AuditFinding[])[] {
  return [...Map.groupBy(findings, ({ level, rule }) => `${level} ${rule}`).values()];
}

function groupLines(
  group: readonly AuditFinding[],
  { rules, omitted }: AuditReport,
  { verbose, style, columns }: AuditRendering,
): readonly string[] {
  const [first] = group;
  const rule = rules.find(({ id }) => id === first?.rule);
  if (first === undefined || rule === undefined) return [];
  const hidden = hiddenOf(omitted, (one) => one.rule === rule.id && one.level === first.level && !one.allowed);
  const title = `${coloured(first.level, style)} ${style.strong(rule.id)}`;
  if (first.level === 'info' && !verbose && (group.length === 1 || !whole.has(rule.id))) {
    const [names = '', ...more] = fold(`${first.level} ${rule.id}: ${foldedText(group, hidden)}`, {
      columns,
      indent: 2,
    });
    return [
      '',
      `${title}${names.slice(`${first.level} ${rule.id}`.length)}`,
      ...more,
      ...fold(`  ${rule.reason} ${rule.fix}`, { columns, indent: 2 }).map((line) => style.faint(line)),
    ];
  }
  const most = verbose ? group.length : shown;
  const rest = group.length - Math.min(group.length, most) + hidden;
  const hint = hidden > 0 ? `--verbose lists ${group.length} of them` : '--verbose lists them';
  const explained = (word: string, sentences: string) =>
    fold(`  ${word} ${sentences}`, { columns, indent: 7 }).map((line) => line.replace(word, style.faint(word)));
  const references = rule.references.length === 0 ? '' : style.faint(` (${rule.references.join(', ')})`);
  return [
    '',
    `${title}: ${rule.title}${references}`,
    ...group.slice(0, most).map((finding) => `  - ${withoutControls(lineOf(finding))}`),
    ...(rest > 0 ? [`  - and ${rest} more${verbose ? '' : ` (${hint})`}`] : []),
    ...explained('why:', rule.reason),
    ...explained('fix:', rule.fix),
  ];
}

/** `/bin/dash, /bin/bash`, or of many `12 of libc6, 3 of zlib1g`; what has no path is told in its own words. */
function foldedText(group: readonly AuditFinding[], hidden: number): string {
  if (group.length > shown && group.every((finding) => finding.package !== undefined)) {
    const byPackage = [...Map.groupBy(group, (finding) => finding.package ?? '')].sort(
      ([, a], [, b]) => b.length - a.length,
    );
    const owners = byPackage.slice(0, shown).map(([name, files]) => `${files.length} of ${name}`);
    const rest = byPackage.length > shown ? `, and of ${byPackage.length - shown} more packages` : '';
    return withoutControls(`${group.length + hidden} files, ${owners.join(', ')}${rest}`);
  }
  const names = group.map(({ path, message, rule }) => (path === undefined || whole.has(rule) ? message : path));
  const rest = names.length - Math.min(names.length, shown) + hidden;
  const more = rest > 0 ? `, and ${rest} more` : '';
  return withoutControls(`${names.slice(0, shown).join(', ')}${more}`.replace(/[\n\v\f\r]+/g, ' '));
}

/** Rules whose path alone tells too little: several of them are a list. */
const whole = new Set(['unowned-executable', 'package-lists', 'end-of-life', 'file-capabilities']);

function allowedLines(
  findings: readonly AuditFinding[],
  { omitted }: AuditReport,
  { verbose, style }: AuditRendering,
): readonly string[] {
  const title = `${count(findings.length + hiddenOf(omitted, (one) => one.allowed), 'finding')} allowed`;
  if (!verbose) return [style.faint(title)];
  return [
    title,
    ...findings.map((finding) => {
      const until = finding.allowed?.until === undefined ? '' : ` until ${finding.allowed.until}`;
      return withoutControls(`  - ${finding.rule}: ${lineOf(finding)}; allowed${until}: ${finding.allowed?.because}`);
    }),
  ];
}

function lineOf({ message, package: owner, layer, line }: AuditFinding): string {
  const details = [
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(owner === undefined ? [] : [`package ${owner}`]),
    ...(layer === undefined ? [] : [`layer ${layer}`]),
  ];
  return `${message}${details.length === 0 ? '' : ` [${details.join(', ')}]`}`;
}

function coloured(level: AuditLevel, style: Style): string {
  if (level === 'error') return style.error(level);
  return level === 'warning' ? style.warning(level) : level;
}

/** Every rule in a row: level, id, what it looks for, and its ids elsewhere. */
export function renderAuditRules(rules: readonly AuditRule[]): string {
  const rows = rules.map(({ id, level, title, references }) => [level, id, title, references.join(', ')]);
  return renderTable(rows).join('\n');
}
