import type { RootfsNode } from '../rootfs/rootfs.ts';
import type { ImagePackage, ImagePackages } from '../view/packages.ts';
import type { ImageView, ProgramFacts } from '../view/types.ts';
import type { AuditRuleId } from './rules.ts';
import { type Shipped, shippedIn } from './shipped.ts';
import type { AuditLevel } from './types.ts';

/** What every rule sees. */
export interface AuditScene {
  readonly view: ImageView;
  readonly packages: ImagePackages;
  /** `2026-11-21`. */
  readonly today: string;
  /** Every path of the final tree that is no folder, each file once, however many names it has. */
  readonly files: readonly AuditedFile[];
  /** Those of them that a kernel or a loader takes for something. */
  readonly programs: readonly AuditedProgram[];
  readonly folders: readonly RootfsNode[];
  ownerOf(path: string): ImagePackage | undefined;
  readonly shipped: Shipped;
}

export interface AuditedFile {
  /** The first name in the order of the tree. */
  readonly node: RootfsNode;
  /** Further hard links: absolute paths. */
  readonly otherNames: readonly string[];
}

export interface AuditedProgram extends AuditedFile {
  readonly program: ProgramFacts;
}

/** A finding before the allow-list. */
export interface RawFinding {
  readonly rule: AuditRuleId;
  /** Undefined: the rule's. */
  readonly level?: AuditLevel | undefined;
  readonly message: string;
  readonly path?: string | undefined;
  readonly line?: number | undefined;
  readonly subject?: string | undefined;
  readonly package?: string | undefined;
  /** Index of the layer: the report counts from 1. */
  readonly layer?: number | undefined;
}

/** Looks at one matter. */
export type AuditMatter = (scene: AuditScene) => Iterable<RawFinding>;

export interface SceneOptions {
  readonly packages: ImagePackages;
  readonly today: string;
}

/** One for all: nearly every file has a single name. */
const noNames: string[] = [];

export function makeScene(view: ImageView, { packages, today }: SceneOptions): AuditScene {
  const folders: RootfsNode[] = [];
  const files: { readonly node: RootfsNode; otherNames: string[] }[] = [];
  const places: number[] = [];
  for (const node of view.rootfs.walk()) {
    if (node.entry.type === 'directory') {
      folders.push(node);
      continue;
    }
    const known = files[places[node.inode] ?? -1];
    if (known === undefined) places[node.inode] = files.push({ node, otherNames: noNames }) - 1;
    else if (known.otherNames === noNames) known.otherNames = [`/${node.entry.path}`];
    else known.otherNames.push(`/${node.entry.path}`);
  }
  const programs = files.flatMap((file) => {
    const program = file.node.entry.type === 'file' ? view.program(file.node) : undefined;
    return program === undefined ? [] : [{ ...file, program }];
  });
  return {
    view,
    packages,
    today,
    folders,
    files,
    programs,
    ownerOf: (path) => packages.ownersOf(path)[0],
    shipped: shippedIn(view, packages),
  };
}

/** Whose file it is, and which layer wrote it: what every finding about a path says. */
export function placeOf(scene: AuditScene, node: RootfsNode): Pick<RawFinding, 'path' | 'package' | 'layer'> {
  const { path } = node.entry;
  return { path: `/${path}`, package: scene.ownerOf(path)?.name, layer: node.layer };
}

/** `/usr/bin/perl (also /usr/bin/perl5.40.1)`. */
export function namesOf({ node, otherNames }: AuditedFile): string {
  const also = otherNames.length > 3 ? [...otherNames.slice(0, 3), `${otherNames.length - 3} more`] : otherNames;
  return `/${node.entry.path}${also.length === 0 ? '' : ` (also ${also.join(', ')})`}`;
}
