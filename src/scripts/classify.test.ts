import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classifyScripts } from './classify.ts';
import type { InstallScript } from './types.ts';

/** `verdict because paths`, a line of a script each; `~` before what may run. */
function lines(text: string, { script = 'postinst', name = 'p' }: { script?: InstallScript; name?: string } = {}) {
  const [report] = classifyScripts({ name, scripts: { [script]: text } });
  return report?.lines.map(({ verdict, because, paths, certainty }) =>
    [`${certainty === 'runs' ? '' : '~'}${verdict}`, `(${because})`, ...paths].join(' '),
  );
}

test('commands that only read do nothing, services and their like are irrelevant', () => {
  assert.deepEqual(lines('set -e\n[ -f /etc/x ] && echo yes >&2\ncat /etc/y | grep -q z 2>/dev/null || true'), []);
  assert.deepEqual(lines('deb-systemd-helper enable x.service >/dev/null || true\npy3compile -p x\nupdate-menus'), [
    'irrelevant (services)',
    'irrelevant (byte code and caches that programs make for themselves)',
    'irrelevant (manuals, menus and the desktop)',
  ]);
  assert.deepEqual(lines('mkdir -p /run/x; rm -f /var/cache/x/y; T=$(mktemp); echo a > $T'), [
    'irrelevant (paths of no use in an image)',
  ]);
});

test('what effects leave is covered, with its paths', () => {
  assert.deepEqual(
    lines(`adduser --system x
install -d -o x -g x -m 0750 /var/lib/x /var/log/x
chown -R x:x /var/lib/x
update-alternatives --install /usr/bin/a a /usr/bin/b 10
ucf --three-way /usr/share/x/x.conf /etc/x.conf
echo "a=b" > /etc/x/y
cat > /etc/x/z <<EOF
text
EOF`),
    [
      'covered (accounts)',
      'covered (script files) /var/lib/x /var/log/x',
      'covered (script files) /var/lib/x',
      'covered (alternatives) /usr/bin/a /usr/bin/b',
      'covered (script files) /etc/x.conf',
      'covered (script files) /etc/x/y',
      'covered (script files) /etc/x/z',
    ],
  );
});

test('what nobody does is not reproduced, with what it would touch', () => {
  assert.deepEqual(
    lines(`frobnicate /etc/x
sed -i 's/a/b/' /etc/x/x.conf
hostname > /etc/x/name
cp "$(find / -name y)" /etc/x/y
chown "$(cat /etc/owner)" /var/lib/x
sh -c "frobnicate --all"
if [ -e /etc/z ]; then openssl genrsa -out /etc/x/key; fi`),
    [
      'not-reproduced (unknown command frobnicate) /etc/x',
      'not-reproduced (a file edited in place) /etc/x/x.conf',
      'not-reproduced (a file whose text only running it would tell) /etc/x/name',
      'not-reproduced (a copy of what only running it would tell) /etc/x/y',
      'not-reproduced (permissions that only running it would tell) /var/lib/x',
      'not-reproduced (unknown command frobnicate)',
      '~irrelevant (private keys, which no image has) /etc/x/key',
    ],
  );
  assert.deepEqual(lines('#!/usr/bin/perl\nunlink;'), ['not-reproduced (it is written for perl)']);
  assert.deepEqual(lines('#!/usr/bin/perl\n', { script: 'config' }), ['irrelevant (debconf)']);
});

test('accounts of which a word is unknown, and changes of accounts, are made by no effect', () => {
  const changed = 'not-reproduced (another shell, home or number)';
  assert.deepEqual(lines('usermod -a -G ssl-cert web\nusermod -L web'), ['covered (accounts)', 'covered (accounts)']);
  assert.deepEqual(
    lines('chsh -s /bin/zsh root\nusermod -d /srv web\nusermod --shell /bin/sh web\ngroupmod -g 5 web'),
    [changed, changed, changed, changed],
  );
  assert.deepEqual(lines('useradd --home "$(cat /etc/home)" web'), [
    'not-reproduced (an account that only running it would tell)',
  ]);
});

test('a file of commands may do anything: what is known to hold settings or functions alone is told from it', () => {
  assert.deepEqual(lines('. /usr/share/debconf/confmodule\n. /etc/default/web\n. /usr/share/web/lib.sh'), [
    '~not-reproduced (commands of another file, which nobody reads)',
  ]);
});

test('commands that run others are judged by those', () => {
  assert.deepEqual(lines('env LC_ALL=C nice -n 5 ldconfig; su -s /bin/sh x -c "mkdir /run/x"; find /tmp -delete'), [
    'covered (library cache)',
    'irrelevant (paths of no use in an image)',
  ]);
});

test('what effects do of commands that scripts name they do not do of commands within others', () => {
  assert.deepEqual(lines('env LC_ALL=C adduser x\nrunuser -u x -- mkdir /srv/x'), [
    'not-reproduced (adduser within another command)',
    'not-reproduced (mkdir within another command) /srv/x',
  ]);
});

test('the files that are edited in place are told from the program that edits them', () => {
  assert.deepEqual(
    lines("sed -i 's,a,b,' /etc/default/app\nsed -i -e /x/d /etc/app\nperl -pi -e 's/a/b/' /etc/a.conf"),
    [
      'not-reproduced (a file edited in place) /etc/default/app',
      'not-reproduced (a file edited in place) /etc/app',
      'not-reproduced (a file edited in place) /etc/a.conf',
    ],
  );
});

test('a program that is only asked how it went may do anything', () => {
  assert.deepEqual(lines('python3 /usr/share/app/setup.py || true\nX=$(python3 -c "print(1)")'), [
    'not-reproduced (a program in python) /usr/share/app/setup.py',
  ]);
});

test('triggers: who listens is judged by what it does then, who pulls one is not', () => {
  const reports = classifyScripts({
    name: 'p',
    scripts: {
      triggers: 'interest-noawait /usr/share/x # why\nactivate-noawait ldconfig\n',
      postinst: 'case "$1" in triggered) update-x /usr/share/x/cache ;; configure) ldconfig ;; esac',
    },
  });
  assert.deepEqual(
    reports.map(({ script, verdict, lines: found }) => [script, verdict, ...found.map(({ because }) => because)]),
    [
      ['postinst', 'not-reproduced', 'library cache', 'unknown command update-x'],
      ['triggers', 'covered', 'library cache'],
    ],
  );
});

test('answers are the defaults of the templates', () => {
  const scripts = {
    templates: 'Template: x/run\nType: boolean\nDefault: false\nDescription: Run?\n',
    postinst: '. /usr/share/debconf/confmodule\ndb_get x/run\nif [ "$RET" = true ]; then frobnicate; fi',
  };
  assert.deepEqual(
    classifyScripts({ name: 'p', scripts }).map(({ verdict }) => verdict),
    ['irrelevant'],
  );
});

test('scripts that people have read are in a table', () => {
  assert.deepEqual(lines('\x7fELF\x02', { name: 'base-passwd', script: 'preinst' }), ['covered (accounts)']);
});

test('any script gets an answer', () => {
  const word = fc.constantFrom(
    'sed',
    '-i',
    'su',
    '-c',
    'env',
    'find',
    '-exec',
    'xargs',
    '/a',
    '"$x"',
    '>',
    ';',
    'ucf',
    'cp',
    '--',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      assert.equal(classifyScripts({ name: 'p', scripts: { postinst: words.join(' ') } }).length, 1);
    }),
    { numRuns: 1000 },
  );
});

test('a copy of a temporary file is covered where all that is done with that file is known', () => {
  const copied =
    'T=$(mktemp); cp -a /usr/share/app/x "$T"; chmod 644 $T; ucf --sum-file /usr/share/app/sums "$T" /etc/app.conf; rm $T';
  assert.deepEqual(lines(copied), ['irrelevant (paths of no use in an image)', 'covered (script files) /etc/app.conf']);
  const edited = copied.replace('chmod', '[ -e /unknown ] && sed -i s/a/b/ $T; chmod');
  assert.deepEqual(lines(edited), [
    'irrelevant (paths of no use in an image)',
    'not-reproduced (a copy of what only running it would tell) /etc/app.conf',
  ]);
});

test('names that objects have are names of unknown commands', () => {
  assert.deepEqual(lines('constructor\n__proto__ a\n/usr/bin/toString\n[ $__proto__ -constructor a ]; x -toString y'), [
    'not-reproduced (unknown command constructor)',
    'not-reproduced (unknown command __proto__)',
    'not-reproduced (unknown command toString)',
    'not-reproduced (unknown command x)',
  ]);
});
