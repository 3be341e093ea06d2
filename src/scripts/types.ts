/** The maintainer scripts that an installation runs (Policy chapter 6). prerm and postrm never run in a new image. */
export type InstallScript = 'preinst' | 'postinst' | 'config' | 'triggers';

/**
 * What becomes of a line of a maintainer script, or of a whole script (its worst line):
 * - `nothing`: it does nothing at a first installation;
 * - `covered`: an effect (src/effects) leaves what it would have left;
 * - `irrelevant`: services, debconf, man-db and the like, which a container has no use for;
 * - `not-reproduced`: nobody does it.
 */
export type ScriptVerdict = 'nothing' | 'covered' | 'irrelevant' | 'not-reproduced';

export interface ScriptLine {
  /** From 1, in the script as it is in the .deb. */
  readonly line: number;
  /** The command as written, one line, at most 200 characters. */
  readonly text: string;
  /** `may-run`: it hangs on a condition that nobody knows before the script runs. */
  readonly certainty: 'runs' | 'may-run';
  readonly verdict: ScriptVerdict;
  /** The rule that judged it: `alternatives`, `services`, `unknown command foo`. */
  readonly because: string;
  /** Absolute paths that it would make, change or remove, as far as the script tells; [] where it can't be told. */
  readonly paths: readonly string[];
}

/** One script of one package. */
export interface ScriptReport {
  readonly package: string;
  readonly script: InstallScript;
  readonly verdict: ScriptVerdict;
  /** Those that do something, in the order of the script. */
  readonly lines: readonly ScriptLine[];
}

/** A simple command of a maintainer script that a first installation would run, or may. */
export interface ScriptCommand {
  /**
   * Quotes removed, parameters replaced; `unknown` (U+0000) stands where only running the script would tell. None where
   * a redirection alone makes a file: `> /etc/x`, `{ ...; } > /etc/x`.
   */
  readonly words: readonly string[];
  readonly redirects: readonly ScriptRedirect[];
  /** `may-run`: it hangs on a condition that nobody knows before the script runs. */
  readonly certainty: 'runs' | 'may-run';
  /** From 1. */
  readonly line: number;
  /** The command as written, one line, at most 200 characters, control characters as `?`. */
  readonly text: string;
  /** It is asked for its status (`if`, `while`, before `&&` and `||`) or its output (`$(...)`). */
  readonly asked: boolean;
  /** It reads what the command before it writes, or writes for the next one. */
  readonly piped: boolean;
}

export interface ScriptRedirect {
  /** `>`, `>>`, `<`, `>&`, ...; `<<` of a here-document or here-string. */
  readonly operator: string;
  /** Undefined: standard output, or input. */
  readonly descriptor: number | undefined;
  /** File; the text of a here-document. May hold `unknown`. */
  readonly target: string;
}

export interface ScriptReading {
  readonly commands: readonly ScriptCommand[];
  /** Why there may be more commands than these: another language, a syntax error, a limit. */
  readonly unreadable?: string | undefined;
}
