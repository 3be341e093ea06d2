import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCaptured } from './testing.ts';

const has = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

test('the bash script is one that bash accepts', { skip: !has('bash') && 'no bash here' }, async () => {
  const { stdout } = await runCaptured(['completion', 'bash']);
  const { status, stderr } = spawnSync('bash', ['-n'], { input: stdout, encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
});

test('bash completes commands, flags and values', { skip: !has('bash') && 'no bash here' }, async () => {
  const { stdout: script } = await runCaptured(['completion', 'bash']);
  const complete = (...words: readonly string[]) => {
    const line = ['slimimage', ...words].map((word) => `'${word}'`).join(' ');
    const program = `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _slimimage; echo "\${COMPREPLY[*]}"`;
    return spawnSync('bash', ['--norc'], { input: program, encoding: 'utf8' }).stdout.trim().split(' ');
  };
  assert.deepEqual(complete('bu'), ['build']);
  assert.deepEqual(complete('build', '--pla'), ['--platform']);
  assert.deepEqual(complete('build', '-p', 'nginx', '--ent'), ['--entrypoint']);
  assert.deepEqual(complete('build', '--format', ''), ['text', 'json']);
  assert.deepEqual(complete('build', '--base', 'n'), ['none']);
  assert.deepEqual(complete('cache', ''), ['ls', 'prune', 'verify', '--help', '-h']);
  assert.deepEqual(complete('cache', 'prune', '--max'), ['--max-size']);
  assert.deepEqual(complete('completion', 'z'), ['zsh']);
  assert.deepEqual(complete('build', './sl'), ['']);
});

for (const shell of ['zsh', 'fish']) {
  test(`the ${shell} script is one that ${shell} accepts`, { skip: !has(shell) && `no ${shell} here` }, async () => {
    const { status, stderr } = await withScript(shell, (file) => spawnSync(shell, ['-n', file], { encoding: 'utf8' }));
    assert.deepEqual([status, stderr], [0, '']);
  });

  test(`the ${shell} script knows every command`, async () => {
    const { stdout } = await runCaptured(['completion', shell]);
    for (const word of ['build', 'ls', 'cache', 'prune', 'schema', 'platform', 'max-size'])
      assert.ok(stdout.includes(word), word);
  });
}

test('fish completes commands and flags', { skip: !has('fish') && 'no fish here' }, async () => {
  const complete = (line: string) =>
    withScript('fish', (file) => {
      const program = `source ${file}; complete -C '${line}'`;
      const { stdout } = spawnSync('fish', ['--no-config', '-c', program], { encoding: 'utf8' });
      return stdout.split('\n').map((text) => text.split('\t')[0]);
    });
  assert.deepEqual(await complete('slimimage bu'), ['build', '']);
  assert.deepEqual(await complete('slimimage build --pla'), ['--platform', '']);
  assert.deepEqual(await complete('slimimage completion z'), ['zsh', '']);
});

test('another shell is refused', async () => {
  const { status, stderr } = await runCaptured(['completion', 'tcsh']);
  assert.equal(status, 2);
  assert.match(stderr, /Allowed choices are bash, zsh, fish/);
});

/** fish reads no script from a socket, as Node's pipes are: from a file. */
async function withScript<T>(shell: string, use: (file: string) => T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'slimimage-completion-'));
  try {
    const file = join(folder, `slimimage.${shell}`);
    writeFileSync(file, (await runCaptured(['completion', shell])).stdout);
    return use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
