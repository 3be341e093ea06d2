import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { found } from '../../test/support/audited.ts';
import type { AuditReport } from '../index.ts';
import type { Api } from './io.ts';
import { runCaptured } from './testing.ts';

const { report } = found(
  [
    {
      'etc/passwd': 'root:x:0:0::/:\nto\u001b[2Jor:x:0:0::/:\n',
      'usr/bin/dash': { elf: {} },
      'usr/bin/bash': { elf: {} },
    },
    { 'opt/x': { mode: 0o4755 }, 'opt/y': { mode: 0o4755 } },
  ],
  {
    name: 'store:web',
    only: ['second-root', 'setuid-file', 'shell', 'no-healthcheck'],
    runtime: {},
    today: '2026-06-30',
    allow: [
      {
        rule: 'setuid-file',
        path: '/opt/y',
        package: undefined,
        subject: undefined,
        because: 'a test',
        until: undefined,
      },
    ],
  },
);

async function ask(argv: readonly string[], answer: AuditReport = report) {
  const asked: Parameters<Api['auditImage']>[1][] = [];
  const auditImage: Api['auditImage'] = async (_, options) => {
    asked.push(options);
    return answer;
  };
  return { ...(await runCaptured(['audit', ...argv], { api: { auditImage } })), asked: asked[0] };
}

test('errors and warnings with reason and fix once a rule, infos in a line', async () => {
  const { status, stdout } = await ask(['store:web']);
  assert.equal(status, 1);
  assert.equal(
    stdout,
    `store:web (linux/amd64): 1 error, 1 warning, 3 infos

error second-root: an account with uid 0 beside root (CWE-250)
  - the account to\u{fffd}[2Jor has uid 0, as root has [line 2, layer 1]
  why: It is root under another name, and easily overlooked.
  fix: Give the account a uid of its own, or remove it.

warning setuid-file: a set-user-id program (CIS-DI-0008, CWE-250)
  - /opt/x runs as its owner, uid 0 (mode 4755) [layer 2]
  why: Whoever runs it runs it with its owner's rights; a fault in it gives
       these away.
  fix: chmod u-s, or remove the package. Where nothing needs it, run containers
       with no-new-privileges.

info shell: /usr/bin/bash, /usr/bin/dash
  It is what an intruder runs first. Leave it out where the application starts
  without one.

info no-healthcheck: the image has no health check
  An engine can not tell whether the program in a running container still
  answers. Add a HEALTHCHECK, unless an orchestrator brings its own probes.

1 finding allowed

Exit status 1: 1 error (--fail-on error)
4 rules asked; --verbose tells more of each finding
`,
  );
});

test('--verbose tells everything', async () => {
  const { stdout } = await ask(['store:web', '--verbose']);
  assert.match(stdout, /info shell: a shell \(CIS-DI-0003\)\n {2}- \/usr\/bin\/bash is a shell \[layer 1\]/);
  assert.match(stdout, /1 finding allowed\n {2}- setuid-file: \/opt\/y .*; allowed: a test/);
});

test('the level that fails', async () => {
  const statuses = await Promise.all(
    ['error', 'warning', 'info', 'none'].map(async (level) => (await ask(['store:web', '--fail-on', level])).status),
  );
  assert.deepEqual(statuses, [1, 1, 1, 0]);
  const sound = { ...report, counts: { error: 0, warning: 2, info: 3 } };
  assert.deepEqual(
    [(await ask(['x'], sound)).status, (await ask(['x', '--fail-on', 'warning'], sound)).status],
    [0, 1],
  );
});

test('flags reach the API', async () => {
  const argv = [
    'x',
    '--only',
    'shell',
    '--only',
    'sudo',
    '--skip',
    'sudo',
    '--allow',
    'a.yaml',
    '--date',
    '2027-01-01',
  ];
  const { asked } = await ask([...argv, '--platform', 'linux/arm64']);
  const { only, skip, allow, date, platform } = asked ?? {};
  assert.deepEqual(
    [only, skip, allow, date, platform],
    [['shell', 'sudo'], ['sudo'], 'a.yaml', '2027-01-01', 'linux/arm64'],
  );
});

test('the other formats', async () => {
  assert.deepEqual(JSON.parse((await ask(['x', '--format', 'json'])).stdout).counts, report.counts);
  assert.equal(JSON.parse((await ask(['x', '--format', 'sarif'])).stdout).version, '2.1.0');
  assert.match((await ask(['x', '--format', 'junit'])).stdout, /^<\?xml [\s\S]*<failure type="error"/);
});

test('the rules are listed without an image', async () => {
  const { status, stdout } = await ask(['--rules']);
  assert.equal(status, 0);
  assert.match(stdout, /^error {4}private-key /);
  assert.ok(Array.isArray(JSON.parse((await ask(['--rules', '--format', 'json'])).stdout).rules));
  const { status: none, stderr } = await ask([]);
  assert.deepEqual([none, /audit needs the name of an image/.test(stderr)], [2, true]);
});

describe('with the real API', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slimimage-audit-'));
    await writeFile(join(folder, 'id_rsa'), 'x');
    await writeFile(
      join(folder, 'allow.yaml'),
      '- { rule: unowned-executable, because: x, until: 2026-01-01 }\n- { rule: shell, because: x }\n',
    );
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const audit = (...argv: readonly string[]) =>
    runCaptured(['audit', 'dir:.', '--store', join(folder, '.store'), ...argv], {
      cwd: folder,
      env: { SOURCE_DATE_EPOCH: '1782000000' },
    });

  test('entries that are over or fit nothing are told', async () => {
    const { status, stderr } = await audit('--allow', 'allow.yaml');
    assert.equal(status, 0);
    assert.match(stderr, /the allowance of unowned-executable ended on 2026-01-01/);
    assert.match(stderr, /the allowance of shell fits nothing in the image/);
  });

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--only', 'shel'], /there is no rule "shel"[\s\S]*Did you mean shell\?/],
    [['--only', 'shell', '--skip', 'shell'], /no rule is left to ask/],
    [['--skip', 'everything'], /there is no rule "everything"[\s\S]*audit --rules/],
    [['--date', 'tomorrow'], /"tomorrow" is no date/],
    [['--allow', 'none.yaml'], /allow-list none\.yaml can't be read/],
  ];
  for (const [argv, message] of wrong) {
    test(argv.join(' '), async () => {
      const { status, stderr } = await audit(...argv);
      assert.equal(status, 2);
      assert.match(stderr, message);
    });
  }
});
