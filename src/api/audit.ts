import type { FailLevel } from '../audit/fail-level.ts';
import type { AuditReport, AuditRule } from '../audit/types.ts';
import type { AuditImageOptions } from '../look/audit-image.ts';
import { type Anywhere, surroundings } from './surroundings.ts';

/**
 * What is risky in an image, wherever it is, by the rules of docs/auditing.md: each finding with its level, the rule with reason and
 * fix. Nothing of it is run.
 */
export async function auditImage(image: string, options: Anywhere<AuditImageOptions> = {}): Promise<AuditReport> {
  const { auditImage: audit } = await import('../look/audit-image.ts');
  return audit(image, { ...options, ...surroundings(options) });
}

/** Every rule of the audit. */
export async function listAuditRules(): Promise<readonly AuditRule[]> {
  const { auditRules } = await import('../audit/rules.ts');
  return auditRules;
}

/** An audit as SARIF 2.1.0, for code scanning. */
export async function writeAuditSarif(report: AuditReport): Promise<string> {
  const [{ sarifOf }, { toolVersion }] = await Promise.all([
    import('../audit/sarif.ts'),
    import('../build/tool-version.ts'),
  ]);
  return JSON.stringify(sarifOf(report, { version: toolVersion }), undefined, 2);
}

/** An audit as JUnit XML: a test case for each rule, which fails from a level on (default: error). */
export async function writeAuditJunit(
  report: AuditReport,
  options: { readonly failOn?: FailLevel } = {},
): Promise<string> {
  const { junitOf } = await import('../audit/junit.ts');
  return junitOf(report, { failOn: options.failOn ?? 'error' });
}
