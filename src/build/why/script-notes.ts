import type { ImageSpec } from '../../config/spec.ts';
import { preparePackages } from '../contents.ts';
import type { ResolvedPlatform } from '../resolve.ts';
import { scriptReports } from '../script-effects.ts';
import type { Session } from '../session.ts';

/**
 * What becomes of the maintainer scripts of a package, as sentences without their full stops. Only where its .deb is in
 * the store: an answer to why fetches none for it.
 */
export async function scriptNotes(
  name: string,
  {
    spec,
    resolved,
    session,
  }: { readonly spec: ImageSpec; readonly resolved: ResolvedPlatform; readonly session: Session },
): Promise<readonly string[]> {
  const one = resolved.resolution.packages.find(({ record }) => record.name === name);
  if (one === undefined || !(await session.store.has(`sha256:${one.record.sha256}`))) return [];
  const resolution = { ...resolved.resolution, packages: [one] };
  const { packages } = await preparePackages(
    spec,
    { ...resolved, resolution, donors: [], lateDonor: () => [] },
    session,
  );
  const content = packages.get(name)?.content;
  return content === undefined ? [] : scriptReports(content, resolved.architecture).map(noteOf);
}

function noteOf({ package: name, script, verdict, lines }: ReturnType<typeof scriptReports>[number]): string {
  const reasons = [...new Set(lines.filter((line) => line.verdict === verdict).map(({ because }) => because))].join(
    ', ',
  );
  switch (verdict) {
    case 'nothing':
      return `Its ${script} has nothing to do`;
    case 'covered':
      return `What its ${script} would have left is covered by effects: ${reasons}`;
    case 'irrelevant':
      return `What its ${script} does is irrelevant in a container: ${reasons}`;
    case 'not-reproduced':
      return `Not all that its ${script} does is reproduced: ${reasons}; "slimimage effects ${name}" shows it`;
  }
}
