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
  assert.deepEqual(commands(`a=x b=\${c:-$a.y} d="$a$b"; f $a $b $d`), ['f|x|x.y|xx.y']);
  assert.deepEqual(commands('local a=x b=$a; if c=$b d=$c e; then f $d a=1 $a; fi'), ['e', 'f|x|a=1|x']);
  assert.deepEqual(commands('U=$(cat /x)\nadduser $U `b`'), ['adduser|?|?']);
});

test('loops over literal words are written out, others run once', () => {
  assert.deepEqual(commands('for U in x y; do adduser $U; done; ls "$U"'), [
    'for|U|in|x|y',
    'adduser|x',
    'adduser|y',
    'ls|y',
  ]);
  assert.deepEqual(commands('L="a b"\nfor x in $L c\ndo\n  for y in 1 2; do f $x$y; done\ndone >/dev/null').slice(1), [
    'for|y|in|1|2',
    'f|a1',
    'f|a2',
    'for|y|in|1|2',
    'f|b1',
    'f|b2',
    'for|y|in|1|2',
    'f|c1',
    'f|c2',
  ]);
  assert.deepEqual(commands('for f in /etc/*.d; do a $f; done; for f in $(ls); do b $f; done; for f; do c $f; done'), [
    'for|f|in|/etc/*.d',
    'a|?',
    'for|f|in|?',
    'b|?',
    'for|f',
    'c|?',
  ]);
  assert.deepEqual(commands('while read x; do for y in 1 2; do a $x$y; done; done; done; b'), [
    'read|x',
    'for|y|in|1|2',
    'a|?1',
    'a|?2',
    'b',
  ]);
});

test('functions count where they are called, with their arguments', () => {
  const script = `
divert() {
  local file to
  file=$1
  to=\${2-$file.single}
  if test "$x" = install || { true; }; then dpkg-divert --divert "$to" "$file"; fi
} # end
never () { adduser nobody; }
divert /a; divert /b /c
for f in d e; do divert "/$f"; done
echo $1 $file`;
  assert.deepEqual(
    commands(script).filter((line) => /^(dpkg-divert|adduser|echo)/.test(line)),
    [
      'dpkg-divert|--divert|/a.single|/a',
      'dpkg-divert|--divert|/c|/b',
      'dpkg-divert|--divert|/d.single|/d',
      'dpkg-divert|--divert|/e.single|/e',
      'echo|?|/e',
    ],
  );
  assert.deepEqual(commands('f() { a $1; shift; b $1; }\nf x'), ['f|x', 'a|x', 'shift', 'b|?']);
  assert.deepEqual(commands('f() { a'), ['a'], 'a body without end is listed where it stands');
});

test('what multiplies has an end', () => {
  const doubling = `X=aaaa\n${'X=$X$X\n'.repeat(1000)}a $X`;
  assert.deepEqual(commands(doubling), ['a|?']);
  const nested = `${'for i in 1 2 3 4 5 6 7 8 9; do '.repeat(30)}a;${'done;'.repeat(30)}`;
  assert.ok(commands(nested).length < 200_000);
  assert.ok(commands(`f() { a; f; f; }\nf\n${'g() { '.repeat(20_000)}`).length < 200_000);
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
    '\n{ ',
    '\n} ',
    ' () { ',
    'for a in b c;',
    'do ',
    ';done\n',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      assert.ok(shellCommands(pieces.join('')).length < 200_000);
    }),
    { numRuns: 10_000 },
  );
});
