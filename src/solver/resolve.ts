import type { PackageRecord, Universe, VersionOrder } from '../distro/types.ts';
import { Catalog } from './catalog.ts';
import { explain } from './explain.ts';
import { checkExclusion, select } from './requests.ts';
import { makeResolution, type Root } from './resolution.ts';
import { search } from './search.ts';
import type { Conflict, PackageRequest, SolverAnswer, SolverPolicy } from './types.ts';

export interface ResolveOptions {
  readonly policy: SolverPolicy;
  readonly versions: VersionOrder;
}

/**
 * Chooses the packages that satisfy all requests, the same ones for the same input, as apt would choose them where apt
 * finds an answer; the search itself is complete. Only the candidate version of each package is considered, as apt does.
 * Where a request names a version or a suite and the candidates do not go with it, other versions are tried as well.
 * @throws SlimimageError LIMIT_EXCEEDED where the search was given up, and what the universe throws when asked
 */
export function resolve(
  universe: Universe,
  requests: readonly PackageRequest[],
  options: ResolveOptions,
): SolverAnswer {
  const { policy, versions } = options;
  const common = { universe, versions, policy };
  const plain = new Catalog({ ...common, pinned: new Map(), excluded: new Set(), allVersions: true });
  const { roots, excluded, pinned, conflicts } = readRequests(universe, requests, plain);
  if (conflicts.length > 0) return { ok: false, conflicts };
  const answer = (allVersions: boolean): SolverAnswer | undefined => {
    const catalog = new Catalog({ ...common, pinned, excluded, allVersions });
    const chosen = search(
      catalog,
      roots.map(({ record }) => [record]),
    );
    return chosen && { ok: true, resolution: makeResolution(catalog, roots, chosen) };
  };
  return (
    answer(false) ??
    (pinned.size > 0 ? answer(true) : undefined) ?? {
      ok: false,
      conflicts: explain(new Catalog({ ...common, pinned, excluded, allVersions: pinned.size > 0 }), roots),
    }
  );
}

interface ReadRequests {
  readonly roots: readonly Root[];
  readonly excluded: ReadonlySet<string>;
  readonly pinned: ReadonlyMap<string, PackageRecord>;
  readonly conflicts: readonly Conflict[];
}

function readRequests(universe: Universe, requests: readonly PackageRequest[], catalog: Catalog): ReadRequests {
  const roots: Root[] = [];
  const excluded = new Set<string>();
  const pinned = new Map<string, PackageRecord>();
  const conflicts: Conflict[] = [];
  for (const request of requests) {
    if (request.exclude === true) {
      const conflict = checkExclusion(request, catalog, universe);
      if (conflict !== undefined) conflicts.push(conflict);
      excluded.add(request.name);
      continue;
    }
    const selection = select(request, catalog, universe);
    if (!selection.ok) {
      conflicts.push(selection.conflict);
      continue;
    }
    const { record } = selection;
    const earlier = pinned.get(record.name);
    if (selection.pinned && earlier !== undefined && earlier !== record) {
      conflicts.push({ type: 'version', request: request.text, name: record.name, available: [earlier.version] });
    }
    if (selection.pinned) pinned.set(record.name, record);
    roots.push({ request, record });
  }
  for (const { record } of roots) excluded.delete(record.name);
  // A plain request for a name that another one pins means the pinned version.
  const settled = roots.map(({ request, record }) => ({ request, record: pinned.get(record.name) ?? record }));
  return { roots: settled, excluded, pinned, conflicts };
}
