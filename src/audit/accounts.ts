import { decodeUtf8 } from '../util/text.ts';
import { type AuditScene, placeOf, type RawFinding } from './scene.ts';

/** Lines of an account file that are believed: whoever has more is no system. */
const maxLines = 100_000;

/** passwd(5), shadow(5), group(5): who can log in, and who is root. */
export function* accounts(scene: AuditScene): Generator<RawFinding> {
  const passwd = readTable(scene, 'etc/passwd');
  const shadow = readTable(scene, 'etc/shadow');
  yield* passwords(passwd, 'x');
  yield* passwords(shadow, undefined);
  yield* passwords(readTable(scene, 'etc/gshadow'), undefined, 'group');
  for (const { fields, place } of passwd) {
    const [name = '', , uid = ''] = fields;
    if (/^0+$/.test(uid) && name !== 'root') {
      yield { rule: 'second-root', message: `the account ${name} has uid 0, as root has`, subject: name, ...place };
    }
  }
  yield* duplicates(passwd, 'account');
  yield* duplicates(readTable(scene, 'etc/group'), 'group');
  yield* readable(scene);
}

interface Line {
  readonly fields: readonly string[];
  readonly place: Pick<RawFinding, 'path' | 'package' | 'layer' | 'line'>;
}

function readTable(scene: AuditScene, path: string): readonly Line[] {
  const node = scene.view.rootfs.resolve(path);
  const bytes = node === undefined ? undefined : scene.view.textOf(node);
  if (node === undefined || bytes === undefined) return [];
  const place = { ...placeOf(scene, node), path: `/${path}` };
  return decodeUtf8(bytes)
    .split('\n', maxLines)
    .flatMap((text, index) => {
      const fields = text.split(':');
      const isNumbered = path.includes('shadow') || /^[0-9]{1,10}$/.test(fields[2] ?? '');
      return fields.length < 3 || !isNumbered || text.startsWith('#')
        ? []
        : [{ fields, place: { ...place, line: index + 1 } }];
    });
}

/** A hash of crypt(5) begins with `$`, `_` or is one of the 13 characters of DES; with `!` or `*` before it it is locked. */
function* passwords(lines: readonly Line[], elsewhere: string | undefined, kind = 'account'): Generator<RawFinding> {
  for (const { fields, place } of lines) {
    const [name = '', password = ''] = fields;
    if (password === '' && name !== '' && kind === 'account' && !/^[+-]/.test(name))
      yield { rule: 'empty-password', message: `the account ${name} has an empty password`, subject: name, ...place };
    else if (password !== elsewhere && /^(?:\$[0-9a-z]+\$.|_[./0-9A-Za-z]{19}$|[./0-9A-Za-z]{13}$)/.test(password))
      yield { rule: 'account-password', message: `the ${kind} ${name} has a password`, subject: name, ...place };
  }
}

function* duplicates(lines: readonly Line[], kind: string): Generator<RawFinding> {
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
