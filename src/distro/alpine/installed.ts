import { decodeByteText } from '../../util/byte-text.ts';

/** A package of Alpine's `lib/apk/db/installed`. */
export interface ApkPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Name of the aport that it was built from. */
  readonly origin: string | undefined;
  /** Bytes. */
  readonly installedSize: number | undefined;
  /** Folders and files, relative to the root. */
  readonly files: readonly string[];
  /** Names of what it needs and offers, without versions: packages, `so:libc.musl-x86_64.so.1`, `cmd:python3`. */
  readonly depends: readonly string[];
  readonly provides: readonly string[];
}

export interface ApkDatabase {
  readonly packages: readonly ApkPackage[];
  /** One sentence for each package that can't be read. */
  readonly problems: readonly string[];
}

/**
 * Reads apk's database: lines `K:value`, a blank line after each package; `F:` opens a folder, `R:` names a file in it
 * (https://wiki.alpinelinux.org/wiki/Apk_spec, "Installed Database V2"). Keys that are not known are passed over.
 * @param what name of the file, for `problems`
 */
export function readApkDatabase(bytes: Uint8Array, what: string): ApkDatabase {
  const packages: ApkPackage[] = [];
  const problems: string[] = [];
  for (const block of decodeByteText(bytes).split(/\n{2,}/)) {
    if (block.trim() === '') continue;
    const found = packageOf(block);
    if (found === undefined) problems.push(`${what} has a package without name or version: ${excerpt(block)}`);
    else packages.push(found);
  }
  return { packages, problems };
}

function packageOf(block: string): ApkPackage | undefined {
  const fields = new Map<string, string>();
  const files: string[] = [];
  let folder = '';
  for (const line of block.split('\n')) {
    if (line.charAt(1) !== ':') continue;
    const key = line.charAt(0);
    const value = line.slice(2).trimEnd();
    if (key === 'F') {
      folder = relative(value);
      if (folder !== '') files.push(folder);
    } else if (key === 'R') files.push(folder === '' ? value : `${folder}/${value}`);
    else if (!fields.has(key)) fields.set(key, value);
  }
  const name = fields.get('P');
  const version = fields.get('V');
  if (name === undefined || version === undefined || !word.test(name) || !word.test(version)) return undefined;
  const size = fields.get('I') ?? '';
  return {
    name,
    version,
    architecture: fields.get('A') ?? '',
    origin: fields.get('o'),
    installedSize: /^\d{1,15}$/.test(size) ? Number(size) : undefined,
    files,
    depends: namesIn(fields.get('D')),
    provides: namesIn(fields.get('p')),
  };
}

/** `so:libssl.so.3=3.5 python3>=3.12 python3~3.12 pkg@edge`; what begins with `!` is a conflict. */
function namesIn(text = ''): readonly string[] {
  return text.split(' ').flatMap((word) => /^([^!<>=~@][^<>=~@]*)/.exec(word)?.[1] ?? []);
}

const word = /^[!-~]{1,255}$/;

function relative(path: string): string {
  return path.replace(/^\/+/, '').replace(/(?<!\/)\/+$/, '');
}

function excerpt(block: string): string {
  return JSON.stringify(block.slice(0, 40));
}
