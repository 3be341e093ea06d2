import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../support/source-code.ts';

const tracked = trackedTexts();
const noGit = tracked === undefined ? 'the files are not in a git repository' : false;

/** Public names that the product and its texts speak of by right. */
const publicHosts =
  /(?:^|\.)(?:debian\.org|debian\.net|ubuntu\.com|npmjs\.org|npmjs\.com|nodejs\.org|github\.com|githubusercontent\.com|docker\.com|docker\.io|pypi\.org|crates\.io|golang\.org|apache\.org|example\.(?:org|com|net))$|^localhost$|^[\d.:[\]]+$/;

test("no host of this machine's package configuration is in a tracked file", { skip: noGit }, () => {
  const hosts = configuredHosts();
  const wrong = linesWith((line) => hosts.some((host) => line.includes(host)));
  // The host itself stays out of the message.
  assert.deepEqual(wrong, []);
});

test('no path of a development machine is in a tracked file', { skip: noGit }, () => {
  const workplace = ['', 'work', ''].join('/');
  const elsewhere = new RegExp(`(?<![\\w.~}-])${workplace}`);
  const here = dirname(projectRoot) === '/' ? undefined : projectRoot;
  assert.deepEqual(
    linesWith((line) => elsewhere.test(line) || (here !== undefined && line.includes(here))),
    [],
  );
});

test('no private key or token is in a tracked file', { skip: noGit }, () => {
  // A header alone is harmless: tests write one to see it refused.
  const key = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s+(?:[\w-]+: .*\s+)*[A-Za-z0-9+/=]{40}/;
  const token = /\b(?:npm|ghp|github_pat)_[A-Za-z0-9_]{30,}|_authToken\s*=\s*[^\s$]/;
  const wrong = (tracked ?? []).filter(({ text }) => key.test(text) || token.test(text));
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  );
});

test('the lock file names no registry, and no dependency has an install script', () => {
  const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string; integrity?: string; hasInstallScript?: boolean }>;
  };
  const entries = Object.entries(lock.packages).filter(([path]) => path !== '');
  assert.ok(entries.length > 0);
  assert.deepEqual(
    entries.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path),
    [],
  );
  assert.deepEqual(
    entries.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path),
    [],
  );
  assert.deepEqual(
    entries.filter(([, entry]) => entry.hasInstallScript === true).map(([path]) => path),
    [],
  );
});

function trackedTexts(): readonly { readonly path: string; readonly text: string }[] | undefined {
  const answer = spawnSync('git', ['ls-files', '-z'], { cwd: projectRoot, encoding: 'utf8' });
  if (answer.status !== 0) return undefined;
  const paths = answer.stdout.split('\0').filter((path) => path !== '' && existsSync(join(projectRoot, path)));
  return paths.map((path) => ({ path, text: readFileSync(join(projectRoot, path), 'latin1') }));
}

function linesWith(wrong: (line: string) => boolean): readonly string[] {
  return (tracked ?? []).flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (wrong(line) ? [`${path}:${index + 1}`] : [])),
  );
}

/** Hosts in the configuration of apt, npm and pip on this machine that are nobody else's. */
function configuredHosts(): readonly string[] {
  const files = [
    ...globSync('/etc/apt/{sources.list,sources.list.d/*,apt.conf,apt.conf.d/*}'),
    ...['/etc/npmrc', '/usr/etc/npmrc', '/usr/local/etc/npmrc', '/etc/pip.conf', join(homedir(), '.npmrc')],
    ...[join(homedir(), '.config/pip/pip.conf'), join(homedir(), '.pip/pip.conf')],
  ].filter((path) => existsSync(path));
  const environment = Object.entries(process.env).filter(([name]) => /proxy|registry|index_url|mirror/i.test(name));
  const texts = [...files.map((path) => readFileSync(path, 'utf8')), ...environment.map(([, value]) => value ?? '')];
  const hosts = texts.flatMap((text) =>
    [...text.matchAll(/https?:\/\/(?:[^@/\s"']*@)?([\w.-]+)/g)].map((m) => m[1] ?? ''),
  );
  return [...new Set(hosts)].filter((host) => host !== '' && !publicHosts.test(host));
}
