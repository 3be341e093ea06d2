/** What looks like a secret, as docs/auditing.md lists it. */
export interface SecretRule {
  /** Stable, in kebab case: `private-key`. */
  readonly id: string;
  /** A noun phrase: `a private key without a passphrase`. */
  readonly title: string;
  /** `info`: a secret that is protected by another one. */
  readonly level: 'error' | 'info';
  /** What the text has to be like, in words. */
  readonly looksFor: string;
}

/** Where a text stands: what a name says counts for more in an environment than in a program's source. */
export type SecretPlace = 'file' | 'env' | 'label' | 'history';

/** A part of a file in memory: at least `behind` bytes before `at` and `ahead` bytes after it, where the file has them. */
export interface Window {
  readonly bytes: Uint8Array;
  /** Bytes from here on are not of the file. */
  readonly end: number;
  readonly where: SecretPlace;
  /** Of the file, relative to the root; '' for other texts. */
  readonly path: string;
}

/** A secret in a window: offsets of its bytes, and what may be shown of it. */
export interface FoundSecret {
  readonly rule: string;
  readonly start: number;
  readonly end: number;
  /** Without the secret. */
  readonly excerpt: string;
}

/** Judges the places where one of its keywords stands. */
export interface Detector {
  /** Of at least four bytes, ASCII. */
  readonly keywords: readonly string[];
  /** Whether capitals count as small letters; keywords are written in small ones then. */
  readonly foldCase: boolean;
  /** Also in files that are no text. */
  readonly inBinaries?: boolean;
  find(window: Window, at: number): FoundSecret | undefined;
}

/** Bytes that a detector looks back and ahead of its keyword at most. */
export const reach = { behind: 512, ahead: 16 * 1024 } as const;
