import type { ClosurePackage, ResolvedPackages } from '../../index.ts';
import { compareStrings } from '../../util/text.ts';
import { closureTotals } from './closure-table.ts';
import { formatBytes } from './units.ts';

interface Child {
  readonly to: ClosurePackage;
  readonly type: 'depends' | 'pre-depends' | 'recommends';
  readonly dependency: string;
}

/**
 * What was asked for, and below each package what it needs. A package opens where it stands first; everywhere else it
 * is marked, so that the tree is no longer than its edges and cycles end.
 */
export function renderClosureTree({ platform, packages }: ResolvedPackages): string {
  const children = childrenOf(packages);
  const lines = [`${platform}  ${closureTotals(packages)}`];
  const seen = new Set<string>();
  const draw = (one: ClosurePackage, { lead, note, rest }: DrawOptions) => {
    const below = children.get(one.name) ?? [];
    const again = seen.has(one.name);
    seen.add(one.name);
    if (again) {
      lines.push(`${lead}${one.name} (see above)${note}`);
      return;
    }
    lines.push(`${lead}${one.name} ${one.version}  ${formatBytes(one.installedSize)}${note}`);
    for (const [at, child] of below.entries()) {
      const last = at === below.length - 1;
      draw(child.to, {
        lead: `${rest}${last ? '└── ' : '├── '}`,
        rest: `${rest}${last ? '    ' : '│   '}`,
        note: edgeNote(child),
      });
    }
  };
  for (const root of packages) {
    const asked = root.requestedBy.filter((reason) => reason.type === 'request' || reason.type === 'base');
    if (asked.length === 0) continue;
    const texts = asked.map((reason) => (reason.type === 'request' ? reason.text : 'base'));
    const note = texts.some((text) => text === root.name) ? '' : `  [${texts.join(', ')}]`;
    draw(root, { lead: '', rest: '', note });
  }
  return lines.join('\n');
}

interface DrawOptions {
  /** Before the name, and before what hangs below it. */
  readonly lead: string;
  readonly rest: string;
  /** After the size. */
  readonly note: string;
}

/** Packages by who needs them, sorted by name, each one once. */
function childrenOf(packages: readonly ClosurePackage[]): ReadonlyMap<string, readonly Child[]> {
  const children = new Map<string, Child[]>();
  for (const to of packages) {
    for (const reason of to.requestedBy) {
      if (!('from' in reason)) continue;
      const { from, type, dependency } = reason;
      const siblings = children.get(from) ?? [];
      if (siblings.at(-1)?.to !== to) siblings.push({ to, type, dependency });
      children.set(from, siblings);
    }
  }
  for (const siblings of children.values()) siblings.sort((a, b) => compareStrings(a.to.name, b.to.name));
  return children;
}

/** Of alternatives or a virtual name, what the package was chosen for. */
function edgeNote({ to, type, dependency }: Child): string {
  const named = dependency.replace(/[:\s].*$/, '') === to.name && !dependency.includes('|');
  const notes = [...(type === 'recommends' ? ['recommended'] : []), ...(named ? [] : [`for ${dependency}`])];
  return notes.length === 0 ? '' : `  [${notes.join(', ')}]`;
}
