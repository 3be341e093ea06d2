import type { FileChange } from './types.ts';

const states = '/var/lib/dpkg/alternatives/';
const links = '/etc/alternatives/';

/** What update-alternatives(1) keeps of a name changes with the link of that name: the package that explains one explains both. */
export function explainAlternatives(changes: readonly FileChange[]): readonly FileChange[] {
  const reasons = new Map(
    changes.filter(({ path }) => path.startsWith(links)).map(({ path, explainedBy }) => [path, explainedBy]),
  );
  return changes.map((change) => {
    const { path, explainedBy } = change;
    if (explainedBy !== undefined || !path.startsWith(states)) return change;
    const by = reasons.get(`${links}${path.slice(states.length)}`);
    return by === undefined ? change : { ...change, explainedBy: by };
  });
}
