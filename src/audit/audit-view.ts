import { formatPlatform } from '../oci/platform.ts';
import { compareStrings } from '../util/text.ts';
import type { ImagePackages } from '../view/packages.ts';
import type { ImageView } from '../view/types.ts';
import { accounts } from './accounts.ts';
import { makeAllowances } from './allowances.ts';
import { configuration } from './config.ts';
import { deletedPackages } from './deleted.ts';
import { distribution } from './distribution.ts';
import { elfFiles } from './elf.ts';
import { history } from './history.ts';
import { interpreters } from './interpreters.ts';
import { leftovers } from './leftovers.ts';
import { ownership } from './ownership.ts';
import { auditRule, auditRules } from './rules.ts';
import { type AuditMatter, makeScene, type RawFinding } from './scene.ts';
import { secrets } from './secrets.ts';
import { specialBits } from './special-bits.ts';
import { tools } from './tools.ts';
import type { Allowance, AuditFinding, AuditReport, AuditRule } from './types.ts';

export interface AuditOptions {
  readonly packages: ImagePackages;
  /** The day for which it is judged: `2026-11-21`. */
  readonly today: string;
  /** Ids of the rules to ask; undefined: all. */
  readonly only?: readonly string[] | undefined;
  readonly skip?: readonly string[] | undefined;
  readonly allow?: readonly Allowance[] | undefined;
  /** How many findings of a rule at a level are listed: of more, their number is told; undefined: 1,000. */
  readonly most?: number | undefined;
}

const matters: readonly AuditMatter[] = [
  secrets,
  specialBits,
  accounts,
  elfFiles,
  tools,
  interpreters,
  ownership,
  deletedPackages,
  distribution,
  leftovers,
  configuration,
  history,
];

/** What is wrong with an image. Secrets in files, and files that are not as their packages shipped them, are found where the view was opened with contents. */
export function auditView(view: ImageView, options: AuditOptions): AuditReport {
  const rules: readonly AuditRule[] = auditRules.filter(({ id }) => isAsked(id, options));
  const asked: ReadonlySet<string> = new Set(rules.map(({ id }) => id));
  const scene = makeScene(view, options);
  const { most = 1000 } = options;
  const allowances = makeAllowances(options.allow ?? [], options.today);
  const found = new Map<string, { readonly listed: AuditFinding[]; more: number }>();
  const counts = { error: 0, warning: 0, info: 0 };
  for (const matter of matters) {
    for (const raw of matter(scene)) {
      if (!asked.has(raw.rule)) continue;
      const finding = allowances.apply(findingOf(raw));
      if (finding.allowed === undefined) counts[finding.level]++;
      // Each level for itself: a thousand infos of packages hide no warning.
      const key = `${finding.rule} ${finding.level} ${finding.allowed === undefined}`;
      const same = found.get(key) ?? { listed: [], more: 0 };
      found.set(key, same);
      if (same.listed.length < most) same.listed.push(finding);
      else same.more++;
    }
  }
  return {
    image: view.name,
    platform: view.platform === undefined ? undefined : formatPlatform(view.platform),
    findings: [...found.values()].flatMap(({ listed }) => listed).sort(byWeight),
    omitted: [...found.values()].flatMap(({ listed: [first], more }) => {
      if (first === undefined || more === 0) return [];
      return [{ rule: first.rule, level: first.level, allowed: first.allowed !== undefined, count: more }];
    }),
    allowances: allowances.result(),
    rules,
    counts,
  };
}

function isAsked(id: string, { only, skip }: AuditOptions): boolean {
  return (only === undefined || only.includes(id)) && skip?.includes(id) !== true;
}

function findingOf({ rule, message, ...raw }: RawFinding): AuditFinding {
  return {
    rule,
    level: raw.level ?? auditRule(rule).level,
    // Names may have line breaks: a finding is one sentence in one line.
    message: message.replace(/[\n\v\f\r\u2028\u2029]+/g, ' '),
    path: raw.path,
    line: raw.line,
    subject: raw.subject,
    package: raw.package,
    layer: raw.layer === undefined ? undefined : raw.layer + 1,
    allowed: undefined,
  };
}

const weights = { error: 0, warning: 1, info: 2 } as const;
const places: ReadonlyMap<string, number> = new Map(auditRules.map(({ id }, index) => [id, index]));

function byWeight(a: AuditFinding, b: AuditFinding): number {
  return (
    weights[a.level] - weights[b.level] ||
    (places.get(a.rule) ?? 0) - (places.get(b.rule) ?? 0) ||
    compareStrings(a.path ?? '', b.path ?? '') ||
    (a.line ?? 0) - (b.line ?? 0) ||
    compareStrings(a.message, b.message)
  );
}
