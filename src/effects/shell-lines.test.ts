import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shellCommands } from './shell-lines.ts';

function commands(script: string): readonly string[] {
  return shellCommands(script).map((words) => words.map((word) => word.replaceAll('\0', '?')).join('|'));
}

test('words, quotes, continuation lines and comments', () => {
  assert.deepEqual(
    commands(`set -e # why\nadduser --system \\\n  --gecos "Daemon, the 1st" \\\n  --home '/var/lib/x' x\n`),
    ['set|-e', 'adduser|--system|--gecos|Daemon, the 1st|--home|/var/lib/x|x'],
  );
  assert.deepEqual(commands('a "" \\$b "\\$c \\x"'), ['a||$b|$c \\x']);
});

test('commands in conditions, lists, cases and substitutions', () => {
  const script = `
if ! getent passwd redis >/dev/null 2>&1; then adduser redis || true; fi
case "$1" in
  configure|reconfigure)
    addgroup --system x && { echo done; }
  ;;
esac
x="$(id -u || echo "(0)")"; chown "$x" /a`;
  assert.deepEqual(commands(script), [
    'getent|passwd|redis',
    'adduser|redis',
    'true',
    'case|?|in',
    'configure',
    'reconfigure',
    'addgroup|--system|x',
    'echo|done',
    'esac',
    'chown|?|/a',
  ]);
});

test('literal assignments are resolved, the rest is unknown', () => {
  assert.deepEqual(commands('U=redis\nexport H="/var/lib/$U"\nadduser --home $H "$U" $nothing'), [
    'adduser|--home|/var/lib/redis|redis|?',
  ]);
  assert.deepEqual(commands(`a \${X:-/etc/x} \${DPKG_ROOT:+--root="$DPKG_ROOT"} \${DPKG_ROOT}/b $DPKG_ROOT`), [
    'a|/etc/x|/b',
  ]);
  assert.deepEqual(commands('U=a\nfor U in x y; do adduser $U; done')[1], 'adduser|?');
  assert.deepEqual(commands('U=$(cat /x)\nadduser $U `b`'), ['adduser|?|?']);
});

test('here-documents are not commands', () => {
  assert.deepEqual(commands('cat <<EOF >/etc/x\nadduser nobody\nEOF\ntrue\ncat <<-"E"\n\tadduser\n\tE\nfalse'), [
    'cat',
    'true',
    'cat',
    'false',
  ]);
});

test('any text ends', () => {
  const piece = fc.constantFrom(
    '$',
    '{',
    '(',
    '`',
    '"',
    "'",
    '\\',
    '\n',
    '<<',
    'EOF',
    ' ',
    'a',
    'X=',
    '${',
    ')',
    '}',
    '|',
    '#',
    '>',
    ':-',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      assert.ok(shellCommands(pieces.join('')).length <= 61);
    }),
    { numRuns: 10_000 },
  );
});
