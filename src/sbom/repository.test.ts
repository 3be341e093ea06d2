import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repositoryUrl, webAddress } from './repository.ts';

const remotes: readonly (readonly [remote: string, url: string | undefined])[] = [
  ['https://git.example.org/team/app.git', 'https://git.example.org/team/app.git'],
  ['git@git.example.org:team/app.git', 'ssh://git.example.org/team/app.git'],
  ['ssh://anna@git.example.org:2222/app.git', 'ssh://git.example.org:2222/app.git'],
  ['https://anna:secret@git.example.org/app.git', 'https://git.example.org/app.git'],
  ['/srv/git/app.git', undefined],
  ['../app.git', undefined],
  ['file:///srv/git/app.git', undefined],
  ['https://git.example.org/50%', undefined],
];

for (const [remote, url] of remotes) {
  test(`the remote ${remote} is ${url ?? 'no address'}`, () => assert.equal(repositoryUrl(remote), url));
}

test('a homepage is an address of the web or nothing', () => {
  assert.equal(webAddress('https://example.org/a b'), undefined);
  assert.equal(webAddress('see README'), undefined);
  assert.equal(webAddress('javascript:alert(1)'), undefined);
  assert.equal(webAddress('https://example.org/ä'), 'https://example.org/%C3%A4');
});
