import type { Api, Io } from './io.ts';

/** What a verb gets beside its arguments. */
export interface Context {
  readonly io: Io;
  readonly api: Api;
  /** For a verb whose answer is "no": the exit status becomes 1. */
  answerNo(): void;
}
