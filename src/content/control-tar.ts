import { SlimimageError } from '../errors.ts';
import { parseStanza } from '../formats/deb822/stanza.ts';
import type { TarHandler } from '../formats/tar/reader.ts';
import type { TarHeader } from '../formats/tar/types.ts';
import { confinePath } from '../rootfs/path.ts';
import { decodeUtf8 } from '../util/text.ts';
import type { UsrLayout } from './types.ts';
import { placePath } from './usr-merge.ts';

export interface ControlFacts {
  readonly control: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Placed path -> hexadecimal MD5. */
  readonly md5sums: ReadonlyMap<string, string>;
  /** Placed paths. */
  readonly conffiles: readonly string[];
  /** Every other member, by name: preinst, postinst, triggers, shlibs, ... */
  readonly scripts: Readonly<Record<string, string>>;
}

/** Receives a package's control.tar: every member as text, by name (deb-control(5)). */
export class ControlTar implements TarHandler {
  readonly #members = new Map<string, string>();
  readonly #label: string;
  #name = '';
  #chunks: Uint8Array[] = [];

  constructor(label: string) {
    this.#label = label;
  }

  entry(header: TarHeader): void {
    this.#name = header.type === 'file' ? confinePath(header.path, { absolute: 'strip', what: this.#label }) : '';
    this.#chunks = [];
  }

  data(bytes: Uint8Array): void {
    // The decompressor may reuse nothing, but a control member outlives its chunk by far.
    this.#chunks.push(bytes.slice());
  }

  entryEnd(): void {
    if (this.#name !== '') this.#members.set(this.#name, decodeUtf8(join(this.#chunks)));
  }

  /** @throws SlimimageError DEB_INVALID where there is no usable `control`. */
  facts(layout: UsrLayout): ControlFacts {
    const control = this.#members.get('control');
    if (control === undefined) throw this.#invalid('its control tar has no "control"');
    const stanza = parseStanza(control, { what: `${this.#label}: its control file` });
    const field = (name: string): string => {
      const value = stanza.get(name)?.trim();
      if (value === undefined || value === '') throw this.#invalid(`its control file has no ${name}`);
      return value;
    };
    const separate = new Set(['control', 'md5sums', 'conffiles']);
    return {
      control,
      name: field('Package'),
      version: field('Version'),
      architecture: field('Architecture'),
      md5sums: parseMd5sums(this.#members.get('md5sums') ?? '', layout),
      conffiles: parseConffiles(this.#members.get('conffiles') ?? '', layout),
      scripts: Object.fromEntries(
        [...this.#members].filter(([name]) => !separate.has(name)).sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    };
  }

  #invalid(what: string): SlimimageError {
    return new SlimimageError({ code: 'DEB_INVALID', message: `${this.#label}: ${what}` });
  }
}

function parseMd5sums(text: string, layout: UsrLayout): ReadonlyMap<string, string> {
  const sums = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([0-9a-f]{32})[ *]+(?:\.?\/)?(.+)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) sums.set(placePath(match[2], layout), match[1]);
  }
  return sums;
}

/** A line may start with flags such as `remove-on-upgrade`: that path is not in the package. */
function parseConffiles(text: string, layout: UsrLayout): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('/'))
    .map((line) => placePath(line.trim().slice(1), layout));
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
