/** The rules of secrets are quiet on what Debian ships: a base, servers, interpreters, libraries, and their documentation. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { hostMirrors, readHostSources } from '../../src/archive/mirrors.ts';
import { SecretScanner } from '../../src/secrets/secret-scanner.ts';
import { findCommand } from '../../tools/system-packages.ts';
import { lacking } from '../support/need.ts';

const packages = [
  ...['python3', 'python3-pip', 'python3-cryptography', 'nginx', 'openssl', 'perl', 'nodejs', 'openssh-client', 'git'],
  ...['git-doc', 'curl', 'ca-certificates', 'gnupg', 'libnss3', 'default-jre-headless'],
];

test('nothing that Debian ships looks like a secret', {
  skip: lacking({ commands: ['mmdebstrap'], root: true }),
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-secrets-'));
  try {
    const root = join(folder, 'root');
    const mirror = hostMirrors('debian', await readHostSources())[0] ?? 'http://deb.debian.org/debian';
    execFileSync(
      findCommand('mmdebstrap') ?? 'mmdebstrap',
      ['--quiet', '--variant=extract', `--include=${packages.join(',')}`, 'trixie', root, mirror],
      { stdio: ['ignore', 'ignore', 'inherit'], env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' } },
    );
    const scanner = new SecretScanner();
    const found: string[] = [];
    let files = 0;
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      files++;
      const path = join(entry.parentPath, entry.name);
      scanner.begin(relative(root, path));
      scanner.data(await readFile(path));
      for (const { rule, line } of scanner.end()) found.push(`${rule} in line ${line} of ${relative(root, path)}`);
    }
    assert.ok(files > 5000, `${files} files`);
    assert.deepEqual(found, []);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
