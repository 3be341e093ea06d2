import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import { parseRequest, parseRequests } from './requests.ts';

function shortForm(text: string): string {
  const { name, architecture, version, suite, exclude } = parseRequest(text);
  return [name, architecture, version, suite, exclude ? 'not' : undefined].map((part) => part ?? '.').join(' ');
}

test('every way to name a package', () => {
  assert.equal(shortForm('python3'), 'python3 . . . .');
  assert.equal(shortForm('libstdc++6'), 'libstdc++6 . . . .');
  assert.equal(shortForm('nginx=1.26.3-3+deb13u1'), 'nginx . 1.26.3-3+deb13u1 . .');
  assert.equal(shortForm('a=2:1.0~rc1-1'), 'a . 2:1.0~rc1-1 . .');
  assert.equal(shortForm('nginx=1.26*'), 'nginx . 1.26* . .');
  assert.equal(shortForm('curl/trixie-security'), 'curl . . trixie-security .');
  assert.equal(shortForm('libc6:arm64'), 'libc6 arm64 . . .');
  assert.equal(shortForm('debconf-'), 'debconf . . . not');
});

test('what is no package is refused with the forms that are', () => {
  for (const text of ['', 'Python', 'a b', '-x', 'a=', 'a/', 'a:', '$(id)']) {
    assert.throws(
      () => parseRequest(text),
      (error) => isSlimimageError(error, 'CONFIG_INVALID') && error.message.includes('./file.deb'),
    );
  }
});

test('files and folders are found beside the configuration', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slimimage-requests-'));
  try {
    await writeFile(join(folder, 'app.deb'), '');
    const { named, paths } = await parseRequests(['a', './app.deb', './'], folder);
    assert.deepEqual(
      named.map(({ name }) => name),
      ['a'],
    );
    assert.deepEqual(
      paths.map(({ folder: isFolder }) => isFolder),
      [false, true],
    );
    await assert.rejects(parseRequests(['./none.deb'], folder), (error) => isSlimimageError(error, 'SOURCE_INVALID'));
  } finally {
    await rm(folder, { recursive: true });
  }
});
