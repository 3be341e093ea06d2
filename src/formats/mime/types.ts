import type { StringTable } from '../glib/string-table.ts';
import type { XmlElement } from '../xml/read-xml.ts';

/** The namespace of the Shared MIME-info Database specification. */
export const mimeNamespace = 'http://www.freedesktop.org/standards/shared-mime-info';

/** What the files of usr/share/mime/packages say, in the order in which update-mime-database(1) keeps it. */
export interface MimeDatabase {
  readonly types: StringTable<MimeType>;
  /** `URI local-name` -> type. */
  readonly namespaces: StringTable<string>;
  /** Pattern -> what it means; `__NOGLOBS__` -> types whose earlier patterns do not count. */
  readonly globs: StringTable<Glob[]>;
  readonly magic: Magic[];
  readonly treeMagic: TreeMagic[];
  readonly parents: StringTable<string[]>;
  readonly aliases: StringTable<string>;
  readonly icons: StringTable<string>;
  readonly genericIcons: StringTable<string>;
  /** What was left out, each with its reason. */
  readonly problems: string[];
}

export interface MimeType {
  /** `text/plain` */
  readonly name: string;
  /**
   * What its own file says: comments, patterns, aliases, parents, icons. By any key, in the order of the file; comments by
   * their language.
   */
  readonly elements: Map<string, XmlElement>;
}

export interface Glob {
  readonly pattern: string;
  readonly type: string;
  /** 0 to 100. */
  readonly weight: number;
  readonly caseSensitive: boolean;
  /** Deletes earlier patterns of its type. */
  readonly deletes: boolean;
}

export interface Magic {
  /** 0 to 100. */
  readonly priority: number;
  readonly type: string;
  readonly matches: readonly Match[];
  /** Deletes earlier magic of its type. */
  readonly deletes: boolean;
}

export interface Match {
  /** First byte of the file where the value may begin. */
  readonly start: number;
  /** Bytes after it where it may begin, itself among them. */
  readonly length: number;
  /** Bytes of a number in the host's byte order; 1 for everything else. */
  readonly wordSize: number;
  readonly data: Uint8Array;
  readonly mask: Uint8Array | undefined;
  readonly matches: readonly Match[];
}

export interface TreeMagic {
  readonly priority: number;
  readonly type: string;
  readonly matches: readonly TreeMatch[];
}

export interface TreeMatch {
  readonly path: string;
  readonly kind: 'any' | 'file' | 'directory' | 'link';
  readonly options: readonly string[];
  readonly matches: readonly TreeMatch[];
}
