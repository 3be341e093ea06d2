import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareTrees } from './effects/compare.ts';
import { shortfalls } from './effects/demands.ts';
import { packagedPaths } from './effects/packaged-paths.ts';
import type { SetResult } from './effects/run.ts';
import { silentlyWrong } from './effects/silent.ts';
import type { ListedPath, Oracle, OurTree } from './effects/types.ts';

/** `TYPE MODE USER:GROUP VALUE`: of a file the text, of a link the target. */
type Picture = Readonly<Record<string, string>>;

test('every kind of difference is found, and what is irrelevant or unsteady is none', async () => {
  const theirs = {
    'etc/passwd':
      'file 644 root:root root:x:0:0::/root:/bin/sh\ngames:x:5:60::/usr/games:/bin/sh\nweb:x:100:101::/srv:/bin/sh\n',
    'etc/group': 'file 644 root:root root:x:0:\ngames:x:60:\nweb:x:101:\nadm:x:4:web\n',
    'etc/same': 'file 644 root:root text',
    'etc/content': 'file 644 root:root a\nb\n',
    'etc/mode': 'file 640 root:root text',
    'etc/alternatives/awk': 'symlink 777 root:root /usr/bin/mawk',
    'etc/gone': 'file 644 root:root text',
    'etc/unsteady': 'file 644 root:root once',
    'etc/machine-id': 'file 444 root:root 1234',
    'usr/share/x/__pycache__/a.pyc': 'file 644 root:root code',
    'var/lib/web': 'directory 700 web:web',
    'var/log/web.log': 'file 644 root:root line',
  };
  const ours = {
    'etc/passwd':
      'file 644 root:root root:x:0:0::/root:/bin/sh\nweb:x:300:300::/srv:/usr/sbin/nologin\nnonroot:x:65532:65532::/:/\n',
    'etc/group': 'file 644 root:root root:x:0:\nweb:x:300:\nadm:x:4:web\nnonroot:x:65532:\n',
    'etc/same': 'file 644 root:root text',
    'etc/content': 'file 644 root:root a\nc\n',
    'etc/mode': 'file 644 root:root text',
    'etc/alternatives/awk': 'symlink 777 root:root /usr/bin/gawk',
    'etc/unsteady': 'file 644 root:root twice',
    'etc/more': 'file 644 root:root text',
    'var/lib/web': 'directory 700 root:web',
  };
  const { items, irrelevant, unsteady } = await compareTrees(
    { ...sideOf(theirs), packages: [], packaged: new Set(['etc/mode']), unsteady: new Set(['etc/unsteady']) },
    { ...sideOf(ours), warnings: [], stops: [], scripts: [] },
  );
  assert.deepEqual(
    items.map((item) => `${item.class}, ${item.outcome}: ${item.path} ${item.detail}`.trimEnd()),
    [
      'alternatives, different: etc/alternatives/awk link /usr/bin/mawk | /usr/bin/gawk',
      'settings in /etc, different: etc/content content 4 | 4 bytes (-1 +1 lines: -b ⏎ +c)',
      'settings in /etc, missing: etc/gone file 0644 4 bytes',
      'accounts, equal: etc/group',
      'packaged, different: etc/mode mode 0640 | 0644',
      'settings in /etc, extra: etc/more file 0644 4 bytes',
      'accounts, equal: etc/passwd',
      'settings in /etc, equal: etc/same',
      'folders of services, different: var/lib/web owner web:web | root:web',
      'accounts, equal: user root',
      'accounts, different: user web /srv /bin/sh adm,web | /srv /usr/sbin/nologin adm,web',
      'accounts, equal: group root',
      'accounts, equal: group web',
      'accounts, equal: group adm',
    ],
  );
  assert.deepEqual(irrelevant, { 'identities and keys': 1, 'byte code of Python': 1, logs: 1 });
  assert.deepEqual(unsteady, ['etc/unsteady']);
});

test('locks, copies and states of alternatives count as other files do; /etc/motd counts where slimimage makes one', async () => {
  const all = { 'var/lib/web/lock': 'file 644 root:root 1', 'var/lib/web/name-old': 'file 644 root:root 1' };
  const theirs = {
    ...all,
    'etc/motd': 'file 644 root:root theirs',
    'var/lib/dpkg/alternatives/awk': 'file 644 root:root auto',
    'var/lib/dpkg/status': 'file 644 root:root database',
  };
  const compared = async (ours: Picture) => {
    const { items } = await compareTrees(
      { ...sideOf(theirs), packages: [], packaged: new Set(), unsteady: undefined },
      { ...sideOf(ours), warnings: [], stops: [], scripts: [] },
    );
    return items.map(({ class: kind, outcome, path }) => `${kind}, ${outcome}: ${path}`);
  };
  assert.deepEqual(await compared({}), [
    'alternatives, missing: var/lib/dpkg/alternatives/awk',
    'other, missing: var/lib/web/lock',
    'other, missing: var/lib/web/name-old',
  ]);
  assert.deepEqual(await compared({ ...theirs, 'etc/motd': 'file 644 root:root ours' }), [
    'settings in /etc, different: etc/motd',
    'alternatives, equal: var/lib/dpkg/alternatives/awk',
    'other, equal: var/lib/web/lock',
    'other, equal: var/lib/web/name-old',
  ]);
});

test('one account that differs falls short, and so do an empty ld.so.cache and a refusal of what works', () => {
  const differing = { class: 'accounts', path: 'user web', outcome: 'missing', detail: '' } as const;
  const result = (set: string, parts: Partial<SetResult>): SetResult => ({
    ...{ set, kind: 'drawn', packages: 1, irrelevant: {}, unsteady: [], warnings: [], libraries: 9, stops: [] },
    ...{ equal: { accounts: 199 }, differences: [], ...parts },
  });
  assert.deepEqual(shortfalls([result('a', { stops: ['SCRIPT_NOT_REPRODUCED: of a'] })]), []);
  assert.deepEqual(
    shortfalls([
      result('a', { differences: [differing] }),
      result('b', { equal: {}, libraries: 0 }),
      result('c', { equal: {}, stops: ['IMAGE_BROKEN: libx.so.1 is missing'] }),
    ]),
    [
      'accounts: 99.50 % are equal, 100 % have to be',
      'b: no library in its ld.so.cache',
      'the check is wrong of what works: c: IMAGE_BROKEN: libx.so.1 is missing',
    ],
  );
});

test('set-id bits that no image is given are masked, and told; other permissions count', async () => {
  const { items, masked } = await compareTrees(
    {
      ...sideOf({ 'usr/bin/crontab': 'file 2755 root:root x', 'var/x': 'directory 3770 root:root' }),
      packages: [],
      packaged: new Set(),
      unsteady: undefined,
    },
    {
      ...sideOf({ 'usr/bin/crontab': 'file 755 root:root x', 'var/x': 'directory 770 root:root' }),
      warnings: [],
      stops: [],
      scripts: [],
    },
  );
  assert.deepEqual(masked, ['usr/bin/crontab', 'var/x']);
  assert.deepEqual(
    items.filter(({ outcome }) => outcome === 'different').map(({ path, detail }) => `${path} ${detail}`),
    ['var/x mode 1770 | 0770'],
  );
});

test('a difference is silently wrong where no line that is not reproduced tells of it', () => {
  const line = { line: 1, certainty: 'runs', because: 'a rule' } as const;
  const scripts = [
    {
      package: 'web',
      script: 'postinst',
      verdict: 'not-reproduced',
      lines: [
        { ...line, text: 'sed -i s/a/b/ /etc/web/web.conf', verdict: 'not-reproduced', paths: ['/etc/web/web.conf'] },
        { ...line, text: 'touch /etc/told', verdict: 'covered', paths: ['/etc/told'] },
      ],
    },
  ] as const;
  const missing = (path: string) => ({ class: 'other', path, outcome: 'missing', detail: '' }) as const;
  const paths = ['etc/web/web.conf', 'etc/web/more', 'var/lib/web/data', 'etc/told', 'usr/lib/app/cache'];
  const extra = { ...missing('etc/extra'), outcome: 'extra' } as const;
  assert.deepEqual(silentlyWrong([...paths.map(missing), extra], scripts), ['etc/told', 'usr/lib/app/cache']);
});

test('what dpkg lists is looked for where it is: behind the links of a merged /usr, and diverted', () => {
  const paths = [...sideOf({ lib: 'symlink 777 root:root usr/lib', 'usr/lib': 'directory 755 root:root' }).paths];
  const lists = new Map(
    Object.entries({
      'var/lib/dpkg/info/a.list': '/.\n/lib/a\n/usr/bin/sh\n',
      'var/lib/dpkg/info/b:amd64.list': '/usr/bin/sh\n',
      'var/lib/dpkg/diversions': '/usr/bin/sh\n/usr/bin/sh.distrib\nb\n',
    }).map(([path, text]) => [path, new TextEncoder().encode(text)] as const),
  );
  assert.deepEqual([...packagedPaths(paths, lists)].sort(), ['usr/bin/sh', 'usr/bin/sh.distrib', 'usr/lib/a']);
});

function sideOf(pictures: Picture): Pick<Oracle, 'paths'> & Pick<OurTree, 'content'> {
  const texts = new Map(
    Object.entries(pictures).map(([path, picture]) => [path, /^\S+ \S+ \S+ ?(.*)$/s.exec(picture)?.[1] ?? '']),
  );
  return {
    paths: Object.entries(pictures).map(([path, picture]) => listed(path, picture)),
    content: (path) => new TextEncoder().encode(texts.get(path) ?? ''),
  };
}

function listed(path: string, picture: string): ListedPath {
  const [, type = '', mode = '', user = '', group = '', value = ''] =
    /^(\S+) (\S+) (\S+):(\S+) ?(.*)$/s.exec(picture) ?? [];
  const common = { path, type: type as ListedPath['type'], mode: Number.parseInt(mode, 8), user, group };
  if (type === 'symlink') return { ...common, target: value };
  return type === 'file' ? { ...common, sha256: value, size: value.length } : common;
}
