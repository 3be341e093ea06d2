/**
 * A password or token. It shows itself only to who calls `reveal()`: logs, errors, JSON, `inspect` and string
 * concatenation get a placeholder, so a forgotten log line cannot leak it.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return placeholder;
  }

  toJSON(): string {
    return placeholder;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return placeholder;
  }
}

const placeholder = '[secret]';
