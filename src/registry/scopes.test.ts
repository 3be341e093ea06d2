import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coversScopes, formatScopes, joinScopes, parseScopes, scopesFor } from './scopes.ts';

test('what a request needs', () => {
  const repository = 'team/app';
  assert.deepEqual(formatScopes(scopesFor({ repository, actions: ['pull'] })), ['repository:team/app:pull']);
  assert.deepEqual(formatScopes(scopesFor({ repository, actions: ['push'] })), ['repository:team/app:pull,push']);
  assert.deepEqual(formatScopes(scopesFor({ repository, actions: ['delete'] })), ['repository:team/app:delete']);
  assert.deepEqual(formatScopes(scopesFor({ repository, actions: ['push'], mountFrom: 'team/base' })), [
    'repository:team/app:pull,push',
    'repository:team/base:pull',
  ]);
});

test('a challenge may want more, in its own form; nonsense in it is left out', () => {
  const own = scopesFor({ repository: 'a', actions: ['push'] });
  const joined = joinScopes(
    own,
    parseScopes('repository:a:pull,delete registry:catalog:* \r\nx nonsense repository:b:'),
  );
  assert.deepEqual(formatScopes(joined), ['repository:a:pull,push,delete', 'registry:catalog:*']);
});

test('a token for more serves for less', () => {
  const push = scopesFor({ repository: 'a', actions: ['push'] });
  const pull = scopesFor({ repository: 'a', actions: ['pull'] });
  assert.ok(coversScopes(push, pull));
  assert.ok(!coversScopes(pull, push));
  assert.ok(coversScopes(parseScopes('repository:a:*'), push));
  assert.ok(!coversScopes(parseScopes('repository:b:*'), push));
  assert.ok(!coversScopes(push, scopesFor({ repository: 'b', actions: ['pull'] })));
  assert.ok(!coversScopes(push, scopesFor({ repository: 'a', actions: ['push'], mountFrom: 'b' })));
});
