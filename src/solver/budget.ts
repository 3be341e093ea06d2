import { SlimimageError } from '../errors.ts';

/**
 * Steps that one request may take. A step is something looked at: an option, an enemy, a clause, a literal of one. Of all
 * packages of bookworm and trixie the one that takes most needs 900,000, with its Recommends; the whole budget is some
 * seconds.
 */
const requestSteps = 100_000_000;

/** Parts that are kept for the explanation, each for one of its stages: a refusal without a reason helps nobody. */
const keptShares = 2;
const share = 0.1;

/**
 * What is left of the work that a request may cause, in steps and not in seconds: the same request ends in the same way
 * on every machine. Memory is bounded with it, for whatever is kept was a step to make.
 */
export class Budget {
  readonly #total: number;
  #allowed: number;
  #spent = 0;
  #requests: readonly string[] = [];

  /** @param total steps of one request */
  constructor(total: number = requestSteps) {
    this.#total = total;
    this.#allowed = total;
  }

  /** Begins anew. @param requests what the user asked for, as written, for the message */
  begin(requests: readonly string[]): void {
    this.#requests = requests;
    this.#spent = 0;
    this.#allowed = this.#total * (1 - keptShares * share);
  }

  /** Adds one of the parts that were kept back: each of the stages of an explanation does so once. */
  beginStage(): void {
    this.#allowed = Math.max(this.#allowed, this.#spent) + this.#total * share;
  }

  /** Since the request began. */
  get spent(): number {
    return this.#spent;
  }

  get isSpent(): boolean {
    return this.#spent > this.#allowed;
  }

  /** @throws SlimimageError LIMIT_EXCEEDED */
  spend(steps: number): void {
    this.#spent += steps;
    if (this.#spent > this.#allowed) throw givenUp(this.#requests);
  }

  /** Undefined where the work was given up before it was done. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (this.isSpent && error instanceof SlimimageError && error.code === 'LIMIT_EXCEEDED') return undefined;
      throw error;
    }
  }
}

const mostNamed = 6;

function givenUp(requests: readonly string[]): SlimimageError {
  const more = requests.length - mostNamed;
  const named = more > 1 ? `${requests.slice(0, mostNamed).join(', ')} and ${more} more` : requests.join(', ');
  return new SlimimageError({
    code: 'LIMIT_EXCEEDED',
    message: `Choosing packages for ${named} was given up: there are too many ways to combine them`,
    hint:
      requests.length > 1
        ? 'Ask for fewer packages at once to find out which it is, or settle choices: name=version, name-.'
        : `Settle choices that ${named} leaves open: name one of the alternatives too, name=version, or name- to leave it out.`,
  });
}
