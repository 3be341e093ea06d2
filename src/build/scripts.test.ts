import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Content } from '../content/types.ts';
import { isSlimimageError } from '../errors.ts';
import { judgeScripts, type ScriptsInput } from './scripts.ts';
import { ImageTree, type TreeNode } from './tree.ts';

/**
 * Packages by name with their postinst, or all scripts; paths of the image: `file /etc/x`, `configured /etc/y`,
 * `packaged /etc/z`, `link /usr/lib/x TARGET`.
 */
function input(
  postinsts: Readonly<Record<string, string | Readonly<Record<string, string>>>>,
  paths: readonly string[] = [],
): ScriptsInput {
  const tree = new ImageTree();
  for (const text of paths) {
    const [kind, path = '', linkTarget] = text.split(' ');
    const isPackaged = kind === 'packaged' || kind === 'link';
    const source = isPackaged
      ? { type: 'package', package: 'app', origin: { sha256: path }, intact: true }
      : { type: 'bytes', bytes: new Uint8Array(0), rule: kind === 'configured' ? 'paths:' : 'script files' };
    const type = kind === 'link' ? 'symlink' : kind === 'folder' ? 'directory' : 'file';
    const entry = { path: path.slice(1), type, mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0, linkTarget };
    tree.set({ entry, source } as TreeNode);
  }
  const packages = Object.entries(postinsts).map(([name, texts]) => {
    const scripts = typeof texts === 'string' ? { postinst: texts } : texts;
    const content = { index: { name, scripts } } as unknown as Content;
    return [name, { content }] as const;
  });
  return { architecture: 'amd64', packages: new Map(packages), tree };
}

const none = { accept: [] };

test('scripts that effects cover or that nobody needs are told and stop nothing', () => {
  const { reports, warnings } = judgeScripts(none, input({ web: 'adduser --system web', app: 'update-menus' }));
  assert.deepEqual(
    reports.map(({ package: name, verdict }) => `${name} ${verdict}`),
    ['app irrelevant', 'web covered'],
  );
  assert.deepEqual(warnings, []);
});

test('what certainly runs and nobody does stops, with package, line and ways out', () => {
  const scripts = { web: '#!/bin/sh\nfrobnicate --all', app: 'sed -i s/a/b/ /etc/app.conf' };
  assert.throws(
    () => judgeScripts(none, input(scripts)),
    (error) => {
      assert.ok(isSlimimageError(error, 'SCRIPT_NOT_REPRODUCED'));
      assert.equal(
        error.message,
        'The maintainer scripts of app do what is not reproduced:\n' +
          '  postinst, line 1: sed -i s/a/b/ /etc/app.conf (a file edited in place)\n' +
          'So do those of web',
      );
      assert.match(
        error.hint ?? '',
        /paths: or files:.*accept: \[\{ package: app, because: "[a-z ]+" \}, \{ package: web,/,
      );
      return true;
    },
  );
});

test('a package that is accepted, and a path that the configuration brings, stop nothing', () => {
  const accept = [{ package: 'web', because: 'only for the demo' }];
  assert.deepEqual(judgeScripts({ accept }, input({ web: 'frobnicate' })).warnings, []);
  const configured = input({ app: 'sed -i s/a/b/ /etc/app.conf' }, ['configured /etc/app.conf']);
  assert.equal(judgeScripts(none, configured).reports[0]?.verdict, 'not-reproduced');
});

test('what hangs on the unknown stops where it touches a file of the image, and warns where it does not', () => {
  const scripts = { app: 'if grep -q x /etc/y; then sed -i s/a/b/ /etc/app.conf; fi' };
  assert.match(judgeScripts(none, input(scripts)).warnings.join(), /^maintainer scripts of app do, under conditions/);
  assert.throws(
    () => judgeScripts(none, input(scripts, ['file /etc/app.conf'])),
    (error) => isSlimimageError(error, 'SCRIPT_NOT_REPRODUCED'),
  );
});

test('what is in the image decides conditions', () => {
  const scripts = { app: 'if [ -x /usr/bin/frobnicate ]; then frobnicate; fi' };
  assert.deepEqual(judgeScripts(none, input(scripts)).reports[0]?.lines, []);
});

test('what scripts made was not there for a config script, and may have been for the others', () => {
  const app = {
    templates: 'Template: app/strict\nType: boolean\nDefault: true\n',
    config: '[ -f /etc/app.conf ] && db_set app/strict false',
    postinst:
      'db_get app/strict\n[ "$RET" = true ] || sed -i s/a/b/ /etc/app.conf\nif [ -f /etc/app.conf ]; then frobnicate; fi',
  };
  const { reports } = judgeScripts(
    { accept: [{ package: 'app', because: 'a test' }] },
    input({ app }, ['file /etc/app.conf']),
  );
  assert.deepEqual(
    reports.flatMap(({ lines }) => lines.map(({ text, certainty, verdict }) => `${certainty} ${text}: ${verdict}`)),
    ['runs db_get app/strict: irrelevant', 'may-run frobnicate: not-reproduced'],
  );
});

test('accept: that is not needed is told', () => {
  const accept = ['app', 'nobody'].map((name) => ({ package: name, because: 'why not' }));
  assert.deepEqual(judgeScripts({ accept }, input({ app: 'true' })).warnings, [
    'accept: app is not needed, its maintainer scripts do nothing that is missing',
    'accept: nobody is not in the image',
  ]);
});

test('what certainly is made and is not in the image was not covered: no effect has made it', () => {
  const web = 'mkdir -p /srv/web\ncp /usr/share/doc/web/x /etc/web\ntouch /srv/gone\nrm /srv/gone';
  assert.throws(
    () => judgeScripts(none, input({ web }, ['file /srv/web'])),
    (error) => {
      assert.ok(isSlimimageError(error, 'SCRIPT_NOT_REPRODUCED'));
      assert.match(
        error.message,
        /postinst, line 2: cp \/usr\/share\/doc\/web\/x \/etc\/web \(no effect has made it\)$/,
      );
      return true;
    },
  );
  assert.equal(judgeScripts(none, input({ web }, ['file /srv/web', 'file /etc/web'])).reports[0]?.verdict, 'covered');
});

test('what certainly changes or removes a packaged file is not covered: effects leave packages as they are', () => {
  const paths = ['packaged /etc/app/a', 'packaged /etc/app/b', 'link /etc/app/l x', 'folder /etc/app'];
  const judged = (script: string, kind = 'postinst') => {
    const accept = [{ package: 'app', because: 'a test' }];
    const { reports } = judgeScripts({ accept }, input({ app: { [kind]: script } }, paths));
    return reports[0]?.lines.find(({ verdict }) => verdict === 'not-reproduced')?.because;
  };
  const changes = 'changes a file of app';
  const removes = 'removes a file of app';
  assert.equal(judged('echo added >> /etc/app/a'), changes);
  assert.equal(judged('echo over > /etc/app/a'), changes);
  assert.equal(judged('ln -sf y /etc/app/l'), changes);
  assert.equal(judged('cp /etc/app/a /etc/app/b'), changes);
  assert.equal(judged('cp /srv/b /etc/app'), changes);
  assert.equal(judged('rm -f /etc/app/a'), removes);
  assert.equal(judged('rm -f /etc/app/?'), removes);
  assert.equal(judged('rm -rf /etc/app'), removes);
  assert.equal(judged("find /etc/app -name 'a*' -delete"), removes);
  assert.equal(judged("find /etc/app -name '*.bak' -delete"), undefined);
  assert.equal(judged('mv /etc/app/a /etc/app/c'), removes);
  assert.equal(judged('touch /srv/x\nmv /srv/x /srv/y'), 'no effect has made it');
});

test('what leaves packaged files as they are is covered', () => {
  const paths = ['packaged /etc/app/a', 'link /etc/app/l x', 'folder /etc/app'];
  const app = [
    'ln -sf x /etc/app/l',
    'ln -s y /etc/app/l || true',
    'cp -n /srv/a /etc/app/a',
    'cp /etc/app/a /etc/app/a',
    'touch /etc/app/a',
    'mkdir -p /etc/app',
    'mv /etc/app/none /etc/app/c || true',
    'rm -f /etc/app/old /etc/app/*.bak',
    'if grep -q old /etc/app/a; then rm /etc/app/a; fi',
  ].join('\n');
  assert.equal(
    judgeScripts(none, input({ app: { preinst: 'rm -f /etc/app/a', postinst: app } }, paths)).reports.length,
    2,
  );
});
