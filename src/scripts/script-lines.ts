/** Positions of a script as lines and text, for people. */
export class ScriptLines {
  readonly #text: string;
  readonly #starts: readonly number[];
  /** Line of the command that holds this text (`eval`, backquotes with escapes), instead of its own. */
  readonly #line: number | undefined;

  constructor(text: string, line?: number) {
    this.#text = text;
    this.#line = line;
    const starts = [0];
    for (let at = text.indexOf('\n'); at >= 0 && line === undefined; at = text.indexOf('\n', at + 1))
      starts.push(at + 1);
    this.#starts = starts;
  }

  /** Lines of a text that stands in this one at `position`. */
  within(text: string, position: number): ScriptLines {
    return new ScriptLines(text, this.lineOf(position));
  }

  /** From 1. */
  lineOf(position: number): number {
    if (this.#line !== undefined) return this.#line;
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= position) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  /** One line of at most 200 characters, control characters as `?`. */
  textOf(from: number, to: number): string {
    const text = this.#text
      .slice(from, Math.min(to, from + 1000))
      .replace(/\s*\\?\n\s*|\t+/g, ' ')
      .trim();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
    return (text.length > 200 ? `${text.slice(0, 199)}…` : text).replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
  }
}
