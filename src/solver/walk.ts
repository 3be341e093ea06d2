import type { Budget } from './budget.ts';
import type { Edge, PackageGraph, Vertex } from './graph.ts';

/**
 * Decides what `search` would decide, in the same order, as long as nothing has to be taken back: nine hundred and
 * ninety-nine requests of a thousand. Every root is there from the start; a package that is visited keeps its enemies
 * out; a dependency takes the first option that is not kept out.
 * @returns the turn in which all chosen vertices were chosen, or undefined where `search` has to be asked.
 * @throws SlimimageError LIMIT_EXCEEDED where the budget is spent
 */
export function walk(graph: PackageGraph, roots: readonly Vertex[]): number | undefined {
  const turn = graph.nextTurn();
  for (const root of roots) root.chosenIn = turn;
  for (const root of roots) if (!visit(root, { turn, budget: graph.budget })) return undefined;
  return turn;
}

interface Walk {
  readonly turn: number;
  readonly budget: Budget;
}

function visit(start: Vertex, walk: Walk): boolean {
  const { turn, budget } = walk;
  if (!keepOut(start, walk)) return false;
  const path: { readonly edges: readonly Edge[]; next: number }[] = [{ edges: start.edges, next: 0 }];
  for (let place = path.at(-1); place !== undefined; place = path.at(-1)) {
    const edge = place.edges[place.next++];
    if (edge === undefined) {
      path.pop();
      continue;
    }
    budget.spend(edge.options.length + 1);
    if (edge.met || isChosen(edge, turn)) continue;
    const option = edge.options.find((vertex) => vertex.deniedIn !== turn);
    if (option === undefined) {
      if (edge.required) return false;
      continue;
    }
    option.chosenIn = turn;
    if (!keepOut(option, walk)) return false;
    path.push({ edges: option.edges, next: 0 });
  }
  return true;
}

/** False where an enemy is there already. */
function keepOut(vertex: Vertex, { turn, budget }: Walk): boolean {
  budget.spend(vertex.enemies.length + 1);
  for (const enemy of vertex.enemies) {
    if (enemy.chosenIn === turn || enemy.isInstalled) return false;
    enemy.deniedIn = turn;
  }
  return true;
}

function isChosen({ options }: Edge, turn: number): boolean {
  for (const option of options) if (option.chosenIn === turn) return true;
  return false;
}
