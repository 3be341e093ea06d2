import picomatch from 'picomatch';
import type { Allowance, AuditFinding, UsedAllowance } from './types.ts';

/** An allow-list at work: it counts what it lets pass. */
export interface Allowances {
  /** The finding with the entry that lets it pass, where one does. */
  apply(finding: AuditFinding): AuditFinding;
  result(): readonly UsedAllowance[];
}

/** @param today `2026-11-21`: entries whose last day is before it let nothing pass */
export function makeAllowances(list: readonly Allowance[], today: string): Allowances {
  const entries = list.map((allowance) => ({
    allowance,
    fits: matcherOf(allowance),
    expired: allowance.until !== undefined && allowance.until < today,
    findings: 0,
  }));
  return {
    apply: (finding) => {
      let allowed: AuditFinding['allowed'];
      for (const entry of entries) {
        if (!entry.fits(finding)) continue;
        entry.findings++;
        const { because, until } = entry.allowance;
        if (!entry.expired) allowed ??= { because, until };
      }
      return allowed === undefined ? finding : { ...finding, allowed };
    },
    result: () =>
      entries.map(({ allowance, expired, findings }) => ({
        ...allowance,
        state: expired ? 'expired' : findings > 0 ? 'used' : 'unused',
        findings,
      })),
  };
}

function matcherOf({ rule, path, package: owner, subject }: Allowance): (finding: AuditFinding) => boolean {
  const isPath = path === undefined ? undefined : picomatch(path, { dot: true, flags: 's' });
  return (finding) =>
    finding.rule === rule &&
    (isPath === undefined || (finding.path !== undefined && isPath(finding.path))) &&
    (owner === undefined || finding.package === owner) &&
    (subject === undefined || finding.subject === subject);
}
