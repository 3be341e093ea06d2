import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyScripts } from './classify.ts';
import { debconfAnswers } from './debconf-answers.ts';

const templates = `Template: app/port
Type: string
Default: 80
Description: Port

Template: app/name
Type: string

Template: app/on
Type: boolean
Default: true
`;

test('the answers of debconf are the defaults of the templates', () => {
  assert.deepEqual(Object.fromEntries(debconfAnswers({ templates })), {
    'app/port': '80',
    'app/name': '',
    'app/on': 'true',
  });
});

test('what the config script sets takes their place, and is no answer where only running it would tell', () => {
  const config = 'db_set app/port 8080\ndb_set app/name "$(hostname -f)"\n[ -e /unknown ] && db_set app/on false';
  assert.deepEqual([...debconfAnswers({ templates, config })], [['app/port', '8080']]);
  assert.equal(debconfAnswers({ templates, config: 'db_set "$(cat /x)" 1' }).size, 0);
  assert.equal(debconfAnswers({ templates, config: '#!/usr/bin/perl\n' }).size, 0);
});

test('an answer or account that a script may have given leaves both branches open', () => {
  const postinst = `[ -e /unknown ] && db_set app/on false
db_get app/on
if [ "$RET" = true ]; then frobnicate; fi
[ -e /unknown ] && adduser --system web
getent passwd web || defrobnicate`;
  const [report] = classifyScripts({ name: 'app', scripts: { postinst, templates } });
  const found = report?.lines.filter(({ verdict }) => verdict === 'not-reproduced');
  assert.deepEqual(
    found?.map(({ text, certainty }) => `${certainty} ${text}`),
    ['may-run frobnicate', 'may-run defrobnicate'],
  );
});
