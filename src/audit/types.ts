/** `error`: mend it; `warning`: look at it; `info`: worth knowing. */
export type AuditLevel = 'error' | 'warning' | 'info';

/** A rule of the audit, as docs/auditing.md lists it. */
export interface AuditRule {
  /** Stable, in kebab case: `setuid-file`. */
  readonly id: string;
  readonly level: AuditLevel;
  /** One sentence: what it looks for. */
  readonly title: string;
  /** Why that matters. */
  readonly reason: string;
  /** What to do about it. */
  readonly fix: string;
  /** Ids of the same matter elsewhere: `CIS-DI-0001`, `DKL-DI-0006`, `CWE-732`. */
  readonly references: readonly string[];
}

/** One thing that a rule found. */
export interface AuditFinding {
  readonly rule: string;
  /** The rule's, or a lower one where it counts for less there (Debian's own default). */
  readonly level: AuditLevel;
  /** One sentence that names the object. Never a secret. */
  readonly message: string;
  /** Absolute path in the image, where it is about one. */
  readonly path: string | undefined;
  /** Line in that file, from 1. */
  readonly line: number | undefined;
  /** What it is about where that is no path, or not a path alone: a variable, a label, an account, a port. */
  readonly subject?: string | undefined;
  /** Name of the package whose file it is. */
  readonly package: string | undefined;
  /** The layer that wrote it, 1 the lowest. */
  readonly layer: number | undefined;
  /** Set where the allow-list lets it pass. */
  readonly allowed: { readonly because: string; readonly until: string | undefined } | undefined;
}

/** An entry of an allow-list: findings of that rule that it fits do not count. */
export interface Allowance {
  readonly rule: string;
  /** A pattern for the absolute path: `/opt/app/**`. Undefined: any, and what has no path. */
  readonly path: string | undefined;
  readonly package: string | undefined;
  /** As AuditFinding.subject. */
  readonly subject: string | undefined;
  readonly because: string;
  /** `2027-06-30`, the last day on which it counts. */
  readonly until: string | undefined;
}

export interface UsedAllowance extends Allowance {
  /** `expired` where its last day is over: it lets nothing pass. */
  readonly state: 'used' | 'unused' | 'expired';
  /** Findings that it fits. */
  readonly findings: number;
}

export interface OmittedFindings {
  readonly rule: string;
  readonly level: AuditLevel;
  readonly allowed: boolean;
  readonly count: number;
}

/** The findings on an image, by level, then rule, then path. */
export interface AuditReport {
  /** The name under which it was opened. */
  readonly image: string;
  readonly platform: string | undefined;
  readonly findings: readonly AuditFinding[];
  /** Of rules that found more than is listed: how many more at a level, those that count apart from those that are allowed. */
  readonly omitted: readonly OmittedFindings[];
  /** The allow-list, and what became of each entry. */
  readonly allowances: readonly UsedAllowance[];
  /** Every rule that was asked, whether it found something or not. */
  readonly rules: readonly AuditRule[];
  /** Findings that count (not allowed), by level. */
  readonly counts: Readonly<Record<AuditLevel, number>>;
}
