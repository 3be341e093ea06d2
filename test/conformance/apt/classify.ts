import type { Answer, DifferenceClass } from './types.ts';

export function isEqual(apt: Answer, ours: Answer): boolean {
  if ('refused' in apt || 'refused' in ours) return 'refused' in apt && 'refused' in ours;
  return apt.install.toSorted().join() === ours.install.toSorted().join();
}

/**
 * The class of a difference, with the evidence for it. Only what `docs/resolving.md` explains has a class.
 * @param fault what is wrong with a set of packages; undefined: nothing
 */
export async function classify(
  { apt, ours, requested }: { readonly apt: Answer; readonly ours: Answer; readonly requested: readonly string[] },
  fault: (chosen: readonly string[]) => Promise<string | undefined>,
): Promise<{ readonly class: DifferenceClass; readonly evidence: string }> {
  const unexplained = (evidence: string) => ({ class: 'unexplained' as const, evidence });
  if ('refused' in ours) return unexplained(`we refuse: ${ours.refused}`);
  const names = new Set(ours.install.map((text) => text.slice(0, text.indexOf('='))));
  const missing = requested.find((name) => !names.has(name));
  if (missing !== undefined && !('refused' in apt)) return unexplained(`${missing} was asked for and is not there`);
  const wrong = await fault(ours.install);
  if (wrong !== undefined) return unexplained(wrong);
  if ('refused' in apt) {
    if (!apt.refused.startsWith('broken')) return unexplained(`apt refuses: ${apt.refused}`);
    return { class: 'apt-gives-up', evidence: `apt: ${apt.refused}; dose-debcheck accepts our answer` };
  }
  const [less, more] = [apt.install.length, ours.install.length];
  if (more > less) return unexplained(`our answer has ${more} packages, apt's ${less}`);
  return { class: 'equally-valid', evidence: `dose-debcheck accepts our ${more} packages; apt has ${less}` };
}
