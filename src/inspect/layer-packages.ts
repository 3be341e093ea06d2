import type { RootfsNode } from '../rootfs/rootfs.ts';
import { compareStrings, decodeUtf8 } from '../util/text.ts';
import type { ImageView } from '../view/types.ts';

/** What a layer did to the packages that the databases speak of. */
export interface PackageChanges {
  readonly added: readonly NamedVersion[];
  readonly removed: readonly NamedVersion[];
  /** Another version than below. */
  readonly changed: readonly VersionChange[];
}

export interface NamedVersion {
  readonly name: string;
  readonly version: string;
}

export interface VersionChange {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

const databases =
  /^(?:var\/lib\/dpkg\/status|(?:usr\/)?lib\/apk\/db\/installed|var\/lib\/dpkg\/status\.d\/(?!.*\.md5sums$)[^/]+)$/;

/** Of each layer, lowest first. Only layers that touch a database are read again, and of these only what they touch. */
export function layerPackages(view: ImageView): readonly PackageChanges[] {
  const current = new Map<string, ReadonlyMap<string, string>>();
  return view.rootfs.changes.map((changes) => {
    const added = new Map<string, string>();
    const removed = new Map<string, string>();
    for (const { path, after } of changes) {
      if (!path.includes('/dpkg/status') && !path.endsWith('apk/db/installed')) continue;
      if (!databases.test(path)) continue;
      const now = after === undefined ? new Map<string, string>() : read(after, view);
      for (const [key, version] of current.get(path) ?? []) removed.set(key, version);
      for (const [key, version] of now) added.set(key, version);
      current.set(path, now);
    }
    return difference(removed, added);
  });
}

function difference(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): PackageChanges {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort(compareStrings);
  const added: NamedVersion[] = [];
  const removed: NamedVersion[] = [];
  const changed: VersionChange[] = [];
  for (const name of names) {
    const [from, to] = [before.get(name), after.get(name)];
    if (from === to) continue;
    if (from === undefined) added.push({ name, version: to ?? '' });
    else if (to === undefined) removed.push({ name, version: from });
    else changed.push({ name, from, to });
  }
  return { added, removed, changed };
}

/** Name -> version of a database's stanzas; a name that stands there for two architectures has both: `libc6:i386`. */
function read(node: Pick<RootfsNode, 'origin'>, view: ImageView): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const bytes = view.textOf(node);
  if (bytes === undefined) return found;
  const text = decodeUtf8(bytes);
  let stanza: Stanza = {};
  // Few of a database's many lines matter: the others are passed over where they lie.
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    if (end === at) {
      finish(stanza, found);
      stanza = {};
    } else if (initials.includes(text[at] as string)) readLine(text.slice(at, end), stanza);
    at = end + 1;
  }
  finish(stanza, found);
  return found;
}

/** Of the fields that `readLine` knows. */
const initials = 'PVAS';

interface Stanza {
  name?: string;
  version?: string;
  architecture?: string;
  gone?: boolean;
}

/** dpkg's fields and apk's letters. */
function readLine(line: string, stanza: Stanza): void {
  if (line.startsWith('Package: ') || line.startsWith('P:')) stanza.name = valueAfterColon(line);
  else if (line.startsWith('Version: ') || line.startsWith('V:')) stanza.version = valueAfterColon(line);
  else if (line.startsWith('Architecture: ') || line.startsWith('A:')) stanza.architecture = valueAfterColon(line);
  else if (line.startsWith('Status: ')) stanza.gone = /(?:not-installed|config-files)$/.test(line.trimEnd());
}

function valueAfterColon(line: string): string {
  return line.slice(line.indexOf(':') + 1).trim();
}

function finish({ name, version, architecture, gone }: Stanza, found: Map<string, string>): void {
  if (name === undefined || version === undefined || gone === true) return;
  found.set(found.has(name) && architecture !== undefined ? `${name}:${architecture}` : name, version);
}
