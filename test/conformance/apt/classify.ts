import type { Answer, DifferenceClass } from './types.ts';

/** Of `apt_answers.py`: the request itself is refused, before anything is chosen. */
const requestRefusals = /^(?:unknown|no such version|virtual): /;

export function isEqual(apt: Answer, ours: Answer): boolean {
  if ('refused' in apt || 'refused' in ours) return 'refused' in apt && 'refused' in ours;
  return apt.install.toSorted().join() === ours.install.toSorted().join();
}

/**
 * The class of a difference, with the evidence for it. Only what `docs/resolving.md` explains has a class.
 * @param question.packages as on apt-get's command line
 * @param fault what is wrong with a set of packages, or with its versions; undefined: nothing
 */
export async function classify(
  question: { readonly apt: Answer; readonly ours: Answer; readonly packages: readonly string[] },
  fault: (chosen: readonly string[], anyVersion: boolean) => Promise<string | undefined>,
): Promise<{ readonly class: DifferenceClass; readonly evidence: string }> {
  const { apt, ours, packages } = question;
  const unexplained = (evidence: string) => ({ class: 'unexplained' as const, evidence });
  if ('refused' in ours) return unexplained(`we refuse: ${ours.refused}`);
  const wrong = wrongRequest(packages, ours.install) ?? (await fault(ours.install, packages.some(choosesVersion)));
  if (wrong !== undefined) return unexplained(wrong);
  if ('refused' in apt) {
    if (requestRefusals.test(apt.refused)) return unexplained(`apt refuses: ${apt.refused}`);
    return { class: 'apt-gives-up', evidence: `apt: ${apt.refused}; dose-debcheck accepts our answer` };
  }
  const [less, more] = [apt.install.length, ours.install.length];
  if (more > less) return unexplained(`our answer has ${more} packages, apt's ${less}`);
  return { class: 'equally-valid', evidence: `dose-debcheck accepts our ${more} packages; apt has ${less}` };
}

function wrongRequest(packages: readonly string[], install: readonly string[]): string | undefined {
  const names = new Set(install.map((text) => text.slice(0, text.indexOf('='))));
  const isThere = (text: string) => names.has(text.replace(/[=/].*|-$/, ''));
  const wrong = packages.find((text) => (text.endsWith('-') ? isThere(text) : !isThere(text)));
  return wrong === undefined ? undefined : `the answer is not one to ${wrong}`;
}

/** What is asked for by version or suite may need others than the candidates. */
function choosesVersion(text: string): boolean {
  return /[=/]/.test(text);
}
