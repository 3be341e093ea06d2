import { compareStrings } from '../util/text.ts';
import type { LayerEntry } from './entry.ts';

interface Member {
  readonly node: { readonly entry: LayerEntry };
}

/**
 * What lies right in a folder, by path. Most tars list it in order, so that a list is enough: it becomes a map where somebody asks for
 * more than its end.
 */
export class FolderMembers<Cell extends Member> {
  /** In order of the paths, which of one folder is that of the names; undefined where only the map knows. */
  #sorted: Cell[] | undefined = [];
  /** All of them; undefined where only the list knows. */
  #byPath: Map<string, Cell> | undefined;
  /** The path that was last asked for and stands behind all of the list: texts take long to compare twice. */
  #next: string | undefined;

  get(path: string): Cell | undefined {
    if (this.#byPath === undefined && this.#isAtEnd(path)) {
      this.#next = path;
      return undefined;
    }
    return this.#index().get(path);
  }

  /** To be called where no other has its path. */
  add(cell: Cell): void {
    const { path } = cell.node.entry;
    if (path === this.#next || this.#isAtEnd(path)) {
      this.#sorted?.push(cell);
      this.#byPath?.set(path, cell);
    } else {
      this.#index().set(path, cell);
      this.#sorted = undefined;
    }
    this.#next = undefined;
  }

  delete(cell: Cell): void {
    this.#index().delete(cell.node.entry.path);
    this.#sorted = undefined;
  }

  /** By name, in code-unit order. */
  sorted(): readonly Cell[] {
    this.#sorted ??= [...this.#index().values()].sort((a, b) => compareStrings(a.node.entry.path, b.node.entry.path));
    return this.#sorted;
  }

  #isAtEnd(path: string): boolean {
    const last = this.#sorted?.at(-1);
    return this.#sorted !== undefined && (last === undefined || last.node.entry.path < path);
  }

  #index(): Map<string, Cell> {
    this.#byPath ??= new Map(this.#sorted?.map((cell) => [cell.node.entry.path, cell]));
    return this.#byPath;
  }
}
