import { type AuditOptions, auditView } from '../../src/audit/audit-view.ts';
import type { AuditReport } from '../../src/audit/types.ts';
import { type LayerPicture, packagesOf, type ViewPicture, viewOf } from './view.ts';

export interface AuditedPicture extends ViewPicture, Partial<Omit<AuditOptions, 'packages'>> {}

/** What the audit finds in a picture, a line each: `warning setuid-file /opt/x`. */
export function found(
  layers: readonly LayerPicture[],
  options: AuditedPicture = {},
): { readonly lines: readonly string[]; readonly messages: readonly string[]; readonly report: AuditReport } {
  const view = viewOf(layers, options);
  const report = auditView(view, { today: '2026-01-01', ...options, packages: packagesOf(view) });
  const { findings } = report;
  return {
    lines: findings.map(({ level, rule, path }) => [level, rule, path].filter((part) => part !== undefined).join(' ')),
    messages: findings.map(({ message }) => message),
    report,
  };
}
