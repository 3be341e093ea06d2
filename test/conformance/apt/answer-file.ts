import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Answers that were dear to get, one JSON line each: a run that was stopped goes on where it was. */
export class AnswerFile {
  readonly #path: string;
  readonly #answers = new Map<string, unknown>();

  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) return;
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      // The last line of a run that was killed may be a piece.
      if (line.endsWith('}')) this.#remember(line);
    }
  }

  async answer<T>(key: string, ask: () => Promise<T>): Promise<T> {
    if (this.#answers.has(key)) return this.#answers.get(key) as T;
    const answer = await ask();
    this.#answers.set(key, answer);
    appendFileSync(this.#path, `${JSON.stringify({ key, answer })}\n`);
    return answer;
  }

  #remember(line: string): void {
    try {
      const { key, answer } = JSON.parse(line) as { key: string; answer: unknown };
      this.#answers.set(key, answer);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
}
