import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSecurity } from './choices.ts';

test('what a security suite is called', () => {
  const release = { suite: 'stable', codename: 'bookworm', version: '', origin: 'Debian', label: 'Debian' };
  assert.ok(isSecurity({ suite: 'trixie-security' }));
  assert.ok(isSecurity({ suite: 'x', release: { ...release, suite: 'stable-security' } }));
  assert.ok(isSecurity({ suite: 'buster/updates', release: { ...release, label: 'Debian-Security' } }));
  assert.ok(!isSecurity({ suite: 'bookworm', release }));
  assert.ok(!isSecurity({ suite: 'bookworm-security-extra' }));
});
