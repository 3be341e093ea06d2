import type { Finding } from '../../check/types.ts';
import { SlimimageError } from '../../errors.ts';
import { formatPlatform, type Platform } from '../../oci/platform.ts';
import { cutPackages } from './cut-fixes.ts';

/** The image would not run. Carries what is wrong with it. */
export class BrokenImageError extends SlimimageError {
  readonly platform: string;
  readonly findings: readonly Finding[];

  constructor(options: {
    readonly message: string;
    readonly hint: string;
    readonly platform: string;
    readonly findings: readonly Finding[];
  }) {
    const { message, hint } = options;
    super({ code: 'IMAGE_BROKEN', message, hint });
    this.platform = options.platform;
    this.findings = options.findings;
  }
}

/** Faults that are written out. */
const shown = 10;

/** The refusal of an image: what is missing, what needs it, what to add. @param findings errors alone */
export function refuseBroken(findings: readonly Finding[], platform: Platform): BrokenImageError {
  const groups = groupFindings(findings);
  const lines = groups.slice(0, shown).map((group) => `\n  ${describeGroup(group)}`);
  if (groups.length > shown) lines.push(`\n  ... and ${groups.length - shown} more`);
  const text = formatPlatform(platform);
  return new BrokenImageError({
    message: `The image for ${text} would not run:${lines.join('')}`,
    hint: hintOf(groups),
    platform: text,
    findings,
  });
}

/** One fault has many victims: a library that is missing is told once, with the first file that needs it. */
export function groupFindings(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { type, path, missing } = finding;
    const isShared =
      type === 'library' || type === 'architecture' || type === 'symbol-version' || type === 'interpreter';
    const key = isShared ? `${type} ${missing}` : `${type} ${missing} ${path}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()];
}

/** `libzstd.so.1, needed by libcrypto.so.3 of libssl3t64, needed by Python's ssl module, is in libzstd1: add it to packages:` */
export function describeGroup(group: readonly Finding[]): string {
  const [first] = group as readonly [Finding, ...Finding[]];
  const others = group.length > 1 ? ` (and by ${group.length - 1} more ${group.length === 2 ? 'file' : 'files'})` : '';
  if (first.type === 'library' && first.fix !== undefined)
    return `${[first.missing, ...first.chain].join(', ')}${others}, ${first.fix}`;
  const chain = first.chain.length === 0 ? '' : ` (${first.chain.join(', ')})`;
  const remedy = first.fix === undefined ? '' : first.fix.startsWith('is in ') ? `; it ${first.fix}` : `; ${first.fix}`;
  return `${first.message}${chain}${others}${remedy}`;
}

function hintOf(groups: readonly (readonly Finding[])[]): string {
  const packages = groups.flatMap(([first]) => /^is in (\S+):/.exec(first?.fix ?? '')?.[1] ?? []);
  const names = [...new Set(packages)];
  const missing = groups[0]?.[0]?.missing ?? '';
  const allow = `allow: [{ missing: ${JSON.stringify(missing)}, because: ... }] lets it pass.`;
  const cuts = cutPackages(groups.flatMap((group) => group.slice(0, 1)));
  const remedies = [
    ...(names.length === 0 ? [] : [`Add ${names.join(', ')} to packages:. `]),
    ...(cuts.length === 0 ? [] : [`keep: [${cuts.join(', ')}] takes back what was cut. `]),
  ];
  return `${remedies.join('')}Where it does not matter, ${allow}`;
}
