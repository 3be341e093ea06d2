import type { PackageRecord } from '../distro/types.ts';
import { compareStrings } from '../util/text.ts';
import type { PackageGraph, Vertex } from './graph.ts';
import { dependencyOrder } from './order.ts';
import type { PackageRequest, Reason, Resolution, ResolvedPackage } from './types.ts';

export interface Root {
  readonly request: PackageRequest;
  readonly record: PackageRecord;
}

/**
 * What of the chosen packages is needed, and why. A search may choose a package that a later choice made needless; like
 * apt's automatic removal, this keeps what a root reaches, through every alternative that is satisfied.
 * @param chosenIn the turn that the chosen vertices bear.
 */
export function makeResolution(graph: PackageGraph, roots: readonly Root[], chosenIn: number): Resolution {
  const turn = graph.nextTurn();
  const asked = roots.map(({ request, record }) => ({ request, vertex: graph.vertex(record) }));
  const needed = reach(
    asked.map(({ vertex }) => vertex),
    { chosenIn, turn },
  );
  const reasons: Reason[][] = [];
  const needs: number[][] = [];
  for (const [place, vertex] of needed.entries()) {
    vertex.place = place;
    reasons.push([]);
    needs.push([]);
  }
  for (const type of ['request', 'base'] as const) {
    for (const { request, vertex } of asked) {
      const reason = rootReason(request);
      if (reason.type === type && !vertex.isInstalled) reasons[vertex.place]?.push(reason);
    }
  }
  // By name of what needs, what is required before what is recommended: the order in which reasons are listed.
  for (const required of [true, false]) {
    for (const vertex of needed) {
      for (const edge of vertex.edges) {
        if (edge.required !== required) continue;
        for (const option of edge.options) {
          if (option.neededIn !== turn || option === vertex) continue;
          reasons[option.place]?.push(edge.reason);
          if (required) needs[vertex.place]?.push(option.place);
        }
      }
    }
  }
  return {
    packages: needed.map(({ record }, place): ResolvedPackage => ({ record, reasons: reasons[place] ?? [] })),
    order: dependencyOrder(needs).map((place) => needed[place]?.record.name ?? ''),
  };
}

/** What the roots reach, sorted by name. */
function reach(
  roots: readonly Vertex[],
  { chosenIn, turn }: { readonly chosenIn: number; readonly turn: number },
): readonly Vertex[] {
  const found: Vertex[] = [];
  const add = (vertex: Vertex): void => {
    if (vertex.neededIn === turn || vertex.chosenIn !== chosenIn || vertex.isInstalled) return;
    vertex.neededIn = turn;
    found.push(vertex);
  };
  for (const root of roots) add(root);
  for (let at = 0; at < found.length; at++) {
    for (const { options } of found[at]?.edges ?? []) for (const option of options) add(option);
  }
  return found.sort((a, b) => compareStrings(a.record.name, b.record.name));
}

function rootReason(request: PackageRequest): Reason {
  return request.base === true ? { type: 'base' } : { type: 'request', text: request.text };
}
