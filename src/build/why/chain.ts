import type { WhyPackage, WhyReason, WhyStep } from './types.ts';

/** A package and the edges that lead to it, requests first. */
export interface ReasonedPackage {
  readonly name: string;
  readonly version: string;
  readonly requestedBy: readonly WhyReason[];
}

/** The shortest way from a request to a package; of equally short ones the one whose names come first. */
export function explainPackage(
  target: ReasonedPackage,
  packages: ReadonlyMap<string, ReasonedPackage>,
  provides?: string,
): WhyPackage {
  const { name, version, requestedBy } = target;
  return { name, version, provides, chain: shortestChain(target, packages), requestedBy };
}

/** [] where there is no package of that name. */
export function explainNamed(name: string, packages: ReadonlyMap<string, ReasonedPackage>): readonly WhyPackage[] {
  const one = packages.get(name);
  return one === undefined ? [] : [explainPackage(one, packages)];
}

interface Visit {
  readonly one: ReasonedPackage;
  /** The edge from this package to the one below, and that one's visit. */
  readonly edge: WhyReason | undefined;
  readonly below: Visit | undefined;
}

function shortestChain(target: ReasonedPackage, packages: ReadonlyMap<string, ReasonedPackage>): readonly WhyStep[] {
  // What the user asked for says more than what every image has.
  const chain =
    chainTo(target, packages, (reason) => reason.type === 'request') ??
    chainTo(target, packages, (reason) => !('from' in reason));
  // Nothing above it is a request: packages that need each other, and nothing else does.
  return chain ?? [{ name: target.name, version: target.version, reason: { type: 'unneeded' } }];
}

/** Breadth first, from the package up to what asks for it. */
function chainTo(
  target: ReasonedPackage,
  packages: ReadonlyMap<string, ReasonedPackage>,
  isRoot: (reason: WhyReason) => boolean,
): readonly WhyStep[] | undefined {
  const queue: Visit[] = [{ one: target, edge: undefined, below: undefined }];
  const seen = new Set([target.name]);
  for (let at = 0; at < queue.length; at++) {
    const visit = queue[at] as Visit;
    const root = visit.one.requestedBy.find(isRoot);
    if (root !== undefined) return stepsOf(visit, root);
    for (const edge of visit.one.requestedBy) {
      const above = 'from' in edge ? packages.get(edge.from) : undefined;
      if (above === undefined || seen.has(above.name)) continue;
      seen.add(above.name);
      queue.push({ one: above, edge, below: visit });
    }
  }
  return undefined;
}

function stepsOf(top: Visit, root: WhyReason): readonly WhyStep[] {
  const steps: WhyStep[] = [];
  let reason = root;
  for (let visit: Visit | undefined = top; visit !== undefined; visit = visit.below) {
    steps.push({ name: visit.one.name, version: visit.one.version, reason });
    if (visit.edge !== undefined) reason = visit.edge;
  }
  return steps;
}
