import { SlimimageError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { decodeUtf8 } from '../../util/text.ts';

export interface Field {
  /** As written. */
  readonly name: string;
  /** First line without surrounding blanks; each continuation line follows after "\n" as written, blank first. */
  readonly value: string;
}

/** One paragraph of a deb822 file: fields in their order, looked up without regard to case. */
export class Stanza {
  readonly fields: readonly Field[];
  readonly #byName = new Map<string, string>();

  constructor(fields: readonly Field[]) {
    this.fields = fields;
    for (const field of fields) this.#byName.set(field.name.toLowerCase(), field.value);
  }

  get(name: string): string | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** The lines of a multi-line field without surrounding blanks, empty ones left out; [] where there is no field. */
  lines(name: string): readonly string[] {
    const value = this.get(name);
    if (value === undefined) return [];
    return value
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  }
}

export interface StanzaOptions {
  /** Lines that begin with `#` are comments (sources lists, source control files; never in binary indexes). */
  readonly comments?: boolean | undefined;
  /** What the bytes are, for messages: `control file of app.deb`. */
  readonly what?: string | undefined;
  /** Bytes of one stanza. */
  readonly limits?: { readonly stanzaBytes: number } | undefined;
}

/**
 * Reads exactly one stanza (Debian Policy, chapter 5.1; deb822(5)).
 * @throws SlimimageError DEB822_INVALID for anything else than one well-formed stanza, LIMIT_EXCEEDED for a huge one.
 */
export function parseStanza(input: Uint8Array | string, options: StanzaOptions = {}): Stanza {
  const stanzas = parseStanzas(input, options);
  const [first] = stanzas;
  if (first === undefined) throw invalid(options, 'has no fields');
  if (stanzas.length > 1) throw invalid(options, 'has a blank line between its fields');
  return first;
}

/**
 * Reads all stanzas of a file; [] for an empty one.
 * @throws SlimimageError DEB822_INVALID with the line's number, LIMIT_EXCEEDED for a stanza above the limit.
 */
export function parseStanzas(input: Uint8Array | string, options: StanzaOptions = {}): readonly Stanza[] {
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  const largest = options.limits?.stanzaBytes ?? limits.stanzaBytes;
  const stanzas: Stanza[] = [];
  let open = new OpenStanza(options);
  let stanzaStart = 0;
  let number = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    number++;
    if (end - stanzaStart > largest) throw tooLarge(options, largest);
    const line =
      text.charCodeAt(end - 1) === carriageReturn && end > start ? text.slice(start, end - 1) : text.slice(start, end);
    start = end + 1;
    if (options.comments === true && line.startsWith('#')) continue;
    if (!isBlank(line)) {
      open.line(line, number);
      continue;
    }
    stanzaStart = start;
    if (open.fields.length === 0) continue;
    stanzas.push(new Stanza(open.fields));
    open = new OpenStanza(options);
  }
  if (open.fields.length > 0) stanzas.push(new Stanza(open.fields));
  return stanzas;
}

/** The text of a stanza, ending in a newline; `parseStanza` reads it back. */
export function formatStanza(fields: readonly Field[]): string {
  return fields
    .map(({ name, value }) => `${name}:${value === '' || value.startsWith('\n') ? '' : ' '}${value}\n`)
    .join('');
}

const carriageReturn = 13;
/** Printable ASCII without colon and blank; the first character is neither `#` nor `-`. */
const fieldName = /^[!"$-,./0-9;-~][!-9;-~]*$/;

class OpenStanza {
  readonly fields: { name: string; value: string }[] = [];
  readonly #seen = new Set<string>();
  readonly #options: StanzaOptions;

  constructor(options: StanzaOptions) {
    this.#options = options;
  }

  line(line: string, number: number): void {
    const first = line.charCodeAt(0);
    if (first === 32 || first === 9) {
      const last = this.fields.at(-1);
      if (last === undefined) throw invalid(this.#options, `continues no field in line ${number}`);
      last.value += `\n${line.trimEnd()}`;
      return;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trimEnd();
    if (!fieldName.test(name)) throw invalid(this.#options, `has no field name in line ${number}: "${excerpt(line)}"`);
    const key = name.toLowerCase();
    if (this.#seen.has(key))
      throw invalid(this.#options, `has the field ${excerpt(name)} twice, again in line ${number}`);
    this.#seen.add(key);
    this.fields.push({ name, value: line.slice(colon + 1).trim() });
  }
}

function isBlank(line: string): boolean {
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code !== 32 && code !== 9) return false;
  }
  return true;
}

function excerpt(line: string): string {
  return line.length > 60 ? `${line.slice(0, 60)}...` : line;
}

function invalid(options: StanzaOptions, problem: string): SlimimageError {
  return new SlimimageError({ code: 'DEB822_INVALID', message: `${options.what ?? 'A stanza'} ${problem}` });
}

function tooLarge(options: StanzaOptions, largest: number): SlimimageError {
  return new SlimimageError({
    code: 'LIMIT_EXCEEDED',
    message: `${options.what ?? 'A stanza'} has a stanza of more than ${largest} bytes`,
  });
}
