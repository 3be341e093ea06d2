import type { Answer, Difference, DifferenceClass, Tally } from './types.ts';

const classes: readonly DifferenceClass[] = ['equally-valid', 'apt-gives-up', 'unexplained'];

/** Counts, percentages and classes, a line each. */
export function tableOf(tallies: readonly Tally[]): readonly string[] {
  const header = ['', 'asked', 'identical', '%', 'refused by both', ...classes];
  const rows = tallies.map((tally) => rowOf(`${tally.group}, ${tally.kind}`, [tally]));
  const kinds = [...new Set(tallies.map(({ kind }) => kind))];
  const sums = kinds.map((kind) =>
    rowOf(
      `all ${kind}`,
      tallies.filter((tally) => tally.kind === kind),
    ),
  );
  const main = rowOf('singles, pairs and hard ones', tallies.filter(isMain));
  return aligned([header, ...rows, ...sums, main, rowOf('all', tallies)]);
}

/** Percent of identical answers. */
export function agreement(tallies: readonly Tally[]): number {
  const asked = sum(tallies, (tally) => tally.asked);
  return asked === 0 ? 100 : (100 * (asked - sum(tallies, ({ differences }) => differences.length))) / asked;
}

export function isMain({ kind }: Tally): boolean {
  return ['single', 'pair', 'hard'].includes(kind);
}

/** A difference: its request, its class, and what only one side has. */
export function describe({ group, draw, class: kind, evidence, apt, ours }: Difference): readonly string[] {
  return [
    `${kind}: ${draw.packages.join(' ')} (${group}, ${draw.kind})`,
    `  ${evidence}`,
    `  only apt:  ${onlyIn(apt, ours)}`,
    `  only ours: ${onlyIn(ours, apt)}`,
  ];
}

function rowOf(name: string, tallies: readonly Tally[]): readonly string[] {
  const asked = sum(tallies, ({ asked }) => asked);
  const differences = tallies.flatMap((tally) => tally.differences);
  const identical = asked - differences.length;
  return [
    name,
    String(asked),
    String(identical),
    agreement(tallies).toFixed(2),
    String(sum(tallies, ({ refusedByBoth }) => refusedByBoth)),
    ...classes.map((name) => String(differences.filter((difference) => difference.class === name).length)),
  ];
}

function sum(tallies: readonly Tally[], count: (tally: Tally) => number): number {
  return tallies.reduce((total, tally) => total + count(tally), 0);
}

function onlyIn(a: Answer, b: Answer): string {
  if ('refused' in a) return 'refuses';
  const others = new Set('refused' in b ? [] : b.install);
  if (others.size === 0) return `an answer of ${a.install.length} packages`;
  return a.install.filter((text) => !others.has(text)).join(' ') || 'nothing';
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows.reduce<readonly number[]>(
    (widest, row) => row.map((cell, at) => Math.max(cell.length, widest[at] ?? 0)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
