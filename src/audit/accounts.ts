import { decodeUtf8 } from '../util/text.ts';
import { type AuditScene, placeOf, type RawFinding } from './scene.ts';

/** Lines in which names and numbers are compared with each other: whoever has more is no system. */
const maxCompared = 100_000;

/** passwd(5), shadow(5), group(5): who can log in, and who is root. */
export function* accounts(scene: AuditScene): Generator<RawFinding> {
  for (const line of linesOf(scene, 'etc/passwd')) {
    yield* password(line, { elsewhere: 'x' });
    const { fields, place } = line;
    const [name = '', , uid = ''] = fields;
    if (/^0+$/.test(uid) && name !== 'root') {
      yield { rule: 'second-root', message: `the account ${name} has uid 0, as root has`, subject: name, ...place };
    }
  }
  for (const line of linesOf(scene, 'etc/shadow')) yield* password(line, {});
  for (const line of linesOf(scene, 'etc/gshadow')) yield* password(line, { kind: 'group' });
  yield* duplicates(linesOf(scene, 'etc/passwd').take(maxCompared), 'account');
  yield* duplicates(linesOf(scene, 'etc/group').take(maxCompared), 'group');
  yield* readable(scene);
}

interface Line {
  readonly fields: readonly string[];
  readonly place: Pick<RawFinding, 'path' | 'package' | 'layer' | 'line'>;
}

/** One at a time: a hostile image may have millions. */
function* linesOf(scene: AuditScene, path: string): Generator<Line> {
  const node = scene.view.rootfs.resolve(path);
  const bytes = node === undefined ? undefined : scene.view.textOf(node);
  if (node === undefined || bytes === undefined) return;
  const place = { ...placeOf(scene, node), path: `/${path}` };
  const isNumbered = !path.includes('shadow');
  const text = decodeUtf8(bytes);
  let number = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? text.length : end);
    start += line.length + 1;
    number++;
    const fields = line.split(':', maxFields);
    if (fields.length < 3 || line.startsWith('#')) continue;
    if (isNumbered && !/^[0-9]{1,10}$/.test(fields[2] ?? '')) continue;
    yield { fields, place: { ...place, line: number } };
  }
}

/** Of shadow(5), which has the most. */
const maxFields = 9;

/** A hash of crypt(5) begins with `$`, `_` or is one of the 13 characters of DES; with `!` or `*` before it it is locked. */
function* password(
  { fields, place }: Line,
  { elsewhere, kind = 'account' }: { readonly elsewhere?: string; readonly kind?: 'account' | 'group' },
): Generator<RawFinding> {
  const [name = '', text = ''] = fields;
  if (text === '' && name !== '' && kind === 'account' && !/^[+-]/.test(name))
    yield { rule: 'empty-password', message: `the account ${name} has an empty password`, subject: name, ...place };
  else if (text !== elsewhere && /^(?:\$[^$]+\$.|_[./0-9A-Za-z]{19}$|[./0-9A-Za-z]{13}$)/.test(text))
    yield { rule: 'account-password', message: `the ${kind} ${name} has a password`, subject: name, ...place };
}

function* duplicates(lines: Iterable<Line>, kind: string): Generator<RawFinding> {
  const names = new Set<string>();
  const numbers = new Map<string, string>();
  for (const { fields, place } of lines) {
    const [name = '', , number = ''] = fields;
    const other = numbers.get(number);
    if (names.has(name))
      yield { rule: 'duplicate-id', message: `the ${kind} ${name} is there twice`, subject: name, ...place };
    // Two roots are told of as such.
    else if (other !== undefined && (kind === 'group' || !/^0+$/.test(number))) {
      const what = kind === 'group' ? 'gid' : 'uid';
      const message = `the ${kind}s ${other} and ${name} have the same ${what}, ${number}`;
      yield { rule: 'duplicate-id', message, subject: name, ...place };
    }
    names.add(name);
    if (/^[0-9]+$/.test(number) && !numbers.has(number)) numbers.set(number, name);
  }
}

/** passwd and group are for everybody to read, and for nobody but root to write: that is world-writable-file's. */
function* readable(scene: AuditScene): Generator<RawFinding> {
  for (const path of ['etc/shadow', 'etc/gshadow', 'etc/shadow-', 'etc/gshadow-']) {
    const node = scene.view.rootfs.resolve(path);
    if (node?.entry.type !== 'file' || (node.entry.mode & 0o006) === 0) continue;
    const message = `everybody may ${(node.entry.mode & 0o002) === 0 ? 'read' : 'write'} /${path}`;
    yield { rule: 'readable-shadow', message, ...placeOf(scene, node) };
  }
}
