import type { Cut, KeptCandidate, Pruning } from '../../prune/types.ts';

/** What pruning has to say of a package, as sentences without their full stops; [] where it never was a candidate. */
export function pruningNotes(name: string, { cuts, kept }: Pruning): readonly string[] {
  const cut = cuts.find((one) => one.package === name);
  if (cut !== undefined) return cutNotes(cut, reasonOf(cut));
  const stays = kept.find((one) => one.package === name);
  return stays === undefined ? [] : [keptNote(stays)];
}

/** @param reason why it may be cut at all */
export function cutNotes(
  { package: name, version, grade, because }: Omit<Cut, 'candidacy' | 'bytes'>,
  reason: string,
): readonly string[] {
  const certainty = grade === 'proven' ? 'proven' : 'no evidence of use';
  return [
    `${version === '' ? name : `${name} ${version}`} was cut (dependencies: runtime): ${reason}`,
    `${certainty}: ${because}`,
    `To keep it: keep: [${name}], or --keep ${name}`,
  ];
}

function reasonOf({ candidacy }: Cut): string {
  return {
    listed: 'packages depend on it for their maintainer scripts',
    scripts: `only maintainer scripts call it${of(candidacy)}`,
    orphan: `only packages that were cut depend on it${of(candidacy)}`,
  }[candidacy.type];
}

function of(candidacy: Cut['candidacy']): string {
  return candidacy.type === 'listed' || candidacy.packages.length === 0 ? '' : `: ${candidacy.packages.join(', ')}`;
}

function keptNote({ package: name, evidence }: KeptCandidate): string {
  return `${name} could have been cut (dependencies: runtime), and stays: ${evidence.because}`;
}
