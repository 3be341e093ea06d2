import type { AuditFinding } from '../audit/types.ts';
import type { FindingsDifference } from './types.ts';

/**
 * The findings that came and went. Two are the same by rule, path and message: another layer, step, line or level makes no
 * other finding. What an allow-list lets pass counts no less.
 */
export function compareFindings(from: readonly AuditFinding[], to: readonly AuditFinding[]): FindingsDifference {
  return { gained: without(to, from), lost: without(from, to) };
}

/** As often as it is there more. */
function without(findings: readonly AuditFinding[], others: readonly AuditFinding[]): readonly AuditFinding[] {
  const counts = new Map<string, number>();
  for (const finding of others) counts.set(keyOf(finding), (counts.get(keyOf(finding)) ?? 0) + 1);
  return findings.filter((finding) => {
    const count = counts.get(keyOf(finding)) ?? 0;
    counts.set(keyOf(finding), count - 1);
    return count <= 0;
  });
}

function keyOf({ rule, path, message }: AuditFinding): string {
  return JSON.stringify([rule, path, message.replace(/\bstep \d+ of the history\b/, 'a step')]);
}
