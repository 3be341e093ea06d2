import type { RequestedBy } from '../types.ts';

/** Why something is in an image, or that it is not: plain data (schema/why.schema.json). */
export interface WhyAnswer {
  /** As asked. */
  readonly thing: string;
  readonly place: {
    readonly type: 'configuration' | 'lock' | 'image';
    /** The file, or the image's location; undefined for a configuration made of flags. */
    readonly name: string | undefined;
    /** `linux/amd64`; undefined for a bare file tree. */
    readonly platform: string | undefined;
  };
  /** Is it in the image? */
  readonly found: boolean;
  /** The package that was asked for, the ones that satisfy a virtual name, or the owner of the path. */
  readonly packages: readonly WhyPackage[];
  /** Undefined where a package was asked for. */
  readonly path: WhyPath | undefined;
  /** Of what is not there: names or paths that may have been meant. */
  readonly nearest: readonly string[];
  /** What else a person should know, a sentence each. */
  readonly notes: readonly string[];
}

export interface WhyPackage {
  readonly name: string;
  readonly version: string;
  /** The virtual name that was asked for and that it provides. */
  readonly provides: string | undefined;
  /** The shortest way from a request, the package itself last. */
  readonly chain: readonly WhyStep[];
  /** Every edge that leads to it: requests first, then packages by name. */
  readonly requestedBy: readonly WhyReason[];
}

export interface WhyStep {
  readonly name: string;
  readonly version: string;
  /** The edge from the step before; of the first step, why it is there at all. */
  readonly reason: WhyReason;
}

export type WhyReason =
  | RequestedBy
  /** Installed by hand, says apt of the image. */
  | { readonly type: 'manual' }
  /** It is there, and nothing in the image needs it: it was asked for, or is left over. */
  | { readonly type: 'unneeded' };

export interface WhyPath {
  /** Absolute, all links followed. */
  readonly path: string;
  /** Links on the way, in the order in which they were followed. */
  readonly links: readonly WhyLink[];
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo' | undefined;
  readonly origin: WhyOrigin;
}

export interface WhyLink {
  /** Absolute path of the link, and what it says. */
  readonly path: string;
  readonly target: string;
  readonly origin: WhyOrigin;
}

/** Where a path comes from, or why it is not there. */
export type WhyOrigin =
  | {
      readonly type: 'package';
      readonly package: string;
      /** Absolute path that it has in the .deb, where that is another one. */
      readonly packagedAs: string | undefined;
    }
  /** A folder, of everything that lies in it. */
  | { readonly type: 'folder'; readonly packages: readonly string[] }
  /** Made by a rule in the place of a maintainer script (docs/effects.md). */
  | { readonly type: 'rule'; readonly rule: string; readonly because: string }
  /** An entry of `files:` or `paths:`; `source` is the file of this machine, or of `image` where the entry names one. */
  | {
      readonly type: 'configured';
      readonly entry: string;
      readonly source: string | undefined;
      readonly image: string | undefined;
    }
  /** Of the image of `on:`. */
  | { readonly type: 'below'; readonly image: string }
  /** No package's: written by this layer (from 1, lowest first). */
  | { readonly type: 'layer'; readonly layer: number; readonly createdBy: string | undefined }
  /** Left out of the image: the package has it. */
  | { readonly type: 'omitted'; readonly package: string; readonly because: string }
  | { readonly type: 'missing' };
