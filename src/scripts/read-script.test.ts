import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ReadScriptOptions, readScript } from './read-script.ts';
import type { ScriptCommand } from './types.ts';

/** Words joined by `|`, `?` for what is unknown; `~` before what may run. */
function commands(text: string, options: ReadScriptOptions = {}): readonly string[] {
  return readScript(text, options).commands.map(shown);
}

function shown({ words, redirects, certainty }: ScriptCommand): string {
  const files = redirects
    .map(({ descriptor, operator, target }) => ` ${descriptor ?? ''}${operator}${target}`)
    .join('');
  return (certainty === 'runs' ? '' : '~') + (words.join('|') + files).replaceAll('\0', '?');
}

/** The commands that are named a letter: those that a test is about. */
function letters(text: string, options: ReadScriptOptions = {}): string {
  return commands(text, options)
    .filter((line) => /^~?[a-z](\||$)/.test(line))
    .join(' ');
}

test('words, quotes, continuation lines and comments', () => {
  assert.deepEqual(
    commands(`set -e # why\nadduser --system \\\n  --gecos "Daemon, the 1st" \\\n  --home '/var/lib/x' x\n`),
    ['set|-e', 'adduser|--system|--gecos|Daemon, the 1st|--home|/var/lib/x|x'],
  );
  assert.deepEqual(commands('a "" \\$b "\\$c \\x" b=$d "*"'), ['a||$b|$c \\x|b=|*']);
});

test('files are those of the folder in which the script is', () => {
  assert.deepEqual(
    commands('cd /etc/app\ncp /usr/x.conf x.conf; echo a > y; ln -s ../z z\n(cd sub && touch a); chmod 600 x.conf'),
    [
      'cd|/etc/app',
      'cp|/usr/x.conf|/etc/app/x.conf',
      'echo|a >/etc/app/y',
      'ln|-s|../z|/etc/app/z',
      'cd|sub',
      'touch|/etc/app/sub/a',
      'chmod|600|/etc/app/x.conf',
    ],
  );
  assert.deepEqual(
    commands('touch a; cd $X; touch a; cd /b || true; [ -e c ] && touch c').filter((line) => /touch/.test(line)),
    ['touch|/a', 'touch|a', '~touch|/b/c'],
  );
});

test('a loop over names and patterns runs for the names, and may run for what a pattern finds', () => {
  assert.deepEqual(commands('for f in /etc/x /etc/x.d/*; do chmod 640 $f; done; a'), [
    'chmod|640|/etc/x',
    '~chmod|640|?',
    'a',
  ]);
});

test('variables are replaced and split, what is not known stays in its place', () => {
  assert.deepEqual(commands('U=redis; H="/var/lib/$U"\nadduser --home $H "$U" $HOME'), [
    'adduser|--home|/var/lib/redis|redis|?',
  ]);
  assert.deepEqual(commands(`a \${X:-/etc/x} \${DPKG_ROOT:+--root="$DPKG_ROOT"} \${DPKG_ROOT}/b $DPKG_ROOT`), [
    'a|/etc/x|/b',
  ]);
  assert.deepEqual(commands('L="a b"; f $L "$L"; U=$(cat /x); g $U "x`b`"'), ['f|a|b|a b', 'cat|/x', 'b', 'g|?|x?']);
  assert.equal(
    letters(`x=/usr/lib/a.so; a \${x%.so} \${x##*/} \${x#/usr} \${#x} \${x/a.so/b.so}`),
    'a|/usr/lib/a|a.so|/lib/a.so|13|/usr/lib/b.so',
  );
  assert.equal(letters('a $x; . /etc/default/y; b $x'), 'a b|?');
  assert.equal(letters('if c; then X=1; fi; a $X; if c; then X=2; fi; b $X'), 'c a|1 c b|?');
});

test('what some programs print is known', () => {
  const script = `M=$(dpkg-architecture -qDEB_HOST_MULTIARCH); a /usr/lib/$M $(dpkg --print-architecture)
b "$(dpkg-divert --truename /usr/bin/x)" $(basename /a/b) "$(dirname /a/b)" \`echo x\``;
  assert.equal(letters(script, { architecture: 'arm64' }), 'a|/usr/lib/aarch64-linux-gnu|arm64 b|/usr/bin/x|b|/a|x');
});

test('branches that a first installation does not enter are left out', () => {
  const postinst = `case "$1" in
  configure) a "$2" ;;
  abort-upgrade|abort-remove) b ;;
  *) c; exit 1 ;;
esac
if [ "$1" = configure ] && [ -z "$2" ]; then d; elif true; then e; else f; fi
if dpkg --compare-versions "$2" lt-nl 1.2; then g; fi
if dpkg --compare-versions "$2" lt 1.2; then h; fi
if [ -d /run/systemd/system ]; then i; fi
if [ -n "$DPKG_ROOT" ] || [ ! -z "$2" -a 1 = 1 ]; then j; fi
if ! [ "$1" != "configure" ]; then k; fi`;
  assert.equal(letters(postinst), 'a| d h k');
  assert.equal(letters('if [ "$1" = install ]; then a; fi; [ "$1" = upgrade ] && b; c', { script: 'preinst' }), 'a c');
  assert.equal(letters('if [ "$1" = triggered ]; then a $2; fi', { arguments: ['triggered', '/usr/x'] }), 'a|/usr/x');
});

test('questions about files are answered by whoever knows the image', () => {
  const script = 'if [ -x /usr/bin/x ]; then a; else b; fi; which y && c; [ -f /etc/x ] || d; command -v /bin/z || e';
  assert.equal(letters(script), '~a ~b ~c ~d ~e');
  assert.equal(letters(script, { exists: () => false }), 'b d e');
  assert.equal(letters(script, { exists: () => true }), 'a c');
  const made = 'mkdir -p /var/lib/x; if [ -d /var/lib/x/y ]; then a; fi; [ -e /var/lib/z ] || b';
  assert.equal(letters(made, { exists: () => false }), '~a b', 'what the script itself made may be there');
});

test('accounts are there when Debian or the script itself made them', () => {
  const script = `if ! getent passwd redis >/dev/null 2>&1; then adduser --system redis; fi
if id -u redis; then a; fi
getent group adm && b
if X=$(getent passwd redis3); then e; fi
grep -q '^redis2:' /etc/passwd || c`;
  assert.equal(letters(script), 'a b c');
});

test('lists, early ends and failures', () => {
  assert.equal(letters('true && a || b; false && c || d; e || f; g && h || true; ! true || i'), 'a ~b d e ~f g ~h i');
  assert.equal(letters('a; exit 0; b'), 'a');
  assert.equal(letters('a || exit 1; b; c || exit 0; d'), 'a b c ~d');
  assert.equal(letters('if x; then exit 0; else exit 0; fi; b'), 'x');
  assert.equal(letters('(a; exit 0; b); c | d; e & f'), 'a c d e f');
  assert.equal(letters('f() { a; return 0; b; }; f; g() { x || return 0; c; }; g; d'), 'a x ~c d');
  assert.equal(letters('exec a; b'), 'a');
});

test('loops over known words are written out, others run once', () => {
  assert.equal(letters('for U in x y; do a $U; done; b "$U"'), 'a|x a|y b|y');
  assert.equal(
    letters('L="a b"; for x in $L c; do for y in 1 2; do f $x$y; done; done'),
    'f|a1 f|a2 f|b1 f|b2 f|c1 f|c2',
  );
  assert.equal(
    letters('for f in /etc/*.d; do a $f; done; for f in $(ls); do b $f; done; set -- p q; for f; do c $f; done'),
    '~a|? ~b|? c|p c|q',
  );
  assert.equal(
    letters('set -- a b; while [ $# -gt 0 ]; do f $1; shift; done; while read x; do g $x; done'),
    'f|a f|b ~g|?',
  );
  assert.equal(
    letters('for i in 1 2 3; do a $i; if [ $i = 2 ]; then break; fi; done; while true; do b; break; done'),
    'a|1 a|2 b',
  );
});

test('functions count where they are called, with their arguments', () => {
  assert.equal(
    letters(`f() { a "$1" \${2:-x}; shift; b $1 "$@"; }; f 1; f 1 2; c $1`),
    'a|1|x b a|1|2 b|2|2 c|configure',
  );
  assert.equal(letters('never() { a; }; eval "b c"; eval "$(d)"'), 'b|c d');
});

test('redirections and here-documents', () => {
  assert.deepEqual(
    commands('U=x\ncat > /etc/$U <<EOF\nuser=$U\nEOF\ncat >>/a <<-"E" 2>/dev/null\n\t$U\n\tE\n> /b; { c; } > /d'),
    ['cat >/etc/x <<user=x\n', 'cat >>/a <<$U\n 2>/dev/null', ' >/b', ' >/d', 'c'],
  );
});

test('a command knows its line, its text, and whether it is only asked', () => {
  const { commands: found } = readScript('#!/bin/sh\n\nif a \\\n  x; then\n  b | c "$(d)"\nfi\n');
  assert.deepEqual(
    found.map(({ line, text, asked, piped }) => [line, text, asked, piped]),
    [
      [3, 'a x', true, false],
      [5, 'b', false, true],
      [5, 'd', true, true],
      [5, 'c "$(d)"', false, true],
    ],
  );
});

test('debconf answers are the defaults of the templates', () => {
  const answers = new Map([['x/y', 'true']]);
  const script =
    '. /usr/share/debconf/confmodule\ndb_get x/y\nif [ "$RET" = true ]; then a; fi; db_get z || true; [ "$RET" = no ] && b';
  assert.equal(letters(script, { answers }), 'a ~b');
});

test('other languages, mistakes and monsters are unreadable', () => {
  const unreadable = (text: string) => readScript(text).unreadable ?? '';
  assert.match(unreadable('#!/usr/bin/perl -w\nexit 0;'), /written for perl/);
  assert.match(unreadable('#! /usr/bin/env python3\n'), /written for python3/);
  assert.match(unreadable('\x7fELF\x02'), /binary program/);
  assert.match(unreadable('if a; then b'), /syntax is not understood/);
  assert.match(unreadable(`a ${'x'.repeat(2 ** 20)}`), /more than 1048576 characters/);
  for (const monster of [
    `${'for i in 1 2 3 4 5 6 7 8 9; do '.repeat(30)}a;${'done;'.repeat(30)}`,
    'f() { f; f; }; f',
    'while true; do a; done',
    `${Array.from({ length: 5000 }, (_, at) => `v${at}=1`).join(';')};${'if x; then y=$z; fi;'.repeat(20_000)}`,
  ]) {
    assert.match(unreadable(monster), /longer, deeper or more repetitive/);
  }
  assert.equal(
    letters('f() { a; if x; then f; fi; b; }; f'),
    'a x ~a ~x ~b b',
    'what calls itself under conditions ends',
  );
  const doubling = `X=aaaa\n${'X=$X$X\n'.repeat(1000)}a $X`;
  assert.equal(letters(doubling), 'a|?');
});

test('any text ends', () => {
  const pieces = ['$', '{', '(', '`', '"', "'", '\\', '\n', '<<', 'EOF', ' ', 'a', 'X=', '${', ')', '}', '|', '#', '>'];
  const more = [
    ':-',
    '\n{ ',
    '\n} ',
    ' () { ',
    'for a in b c;',
    'do ',
    ';done\n',
    'case $1 in ',
    ';;',
    'esac\n',
    '[ ',
    ' ]',
  ];
  const words = [
    'if ',
    'then ',
    'fi\n',
    'while ',
    'eval ',
    '&&',
    '||',
    '$(',
    '((',
    '[[',
    ']]',
    '%',
    '*',
    '?',
    '!',
    '-n',
  ];
  const piece = fc.constantFrom(...pieces, ...more, ...words);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (parts) => {
      assert.ok(Array.isArray(readScript(parts.join('')).commands));
    }),
    { numRuns: 1500 },
  );
});
