import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paperImage, paperKey, paperPath } from './configured-places.ts';

const spec = { directory: '/home/user/web' };

test('of paths below the configuration the way there, of others the name alone', () => {
  assert.equal(paperPath('/home/user/web/site/index.html', spec), './site/index.html');
  assert.equal(paperPath('/home/user/web', spec), '.');
  assert.equal(paperPath('/home/user/secret-project/app', spec), 'app');
  assert.equal(paperPath('/opt/app', spec), 'app');
});

test('images and keys likewise; names of registries and of key sets as they are', () => {
  assert.equal(paperImage('oci:/home/user/web/base:1', spec), 'oci:./base:1');
  assert.equal(paperImage('docker-archive:/home/user/base.tar', spec), 'docker-archive:base.tar');
  assert.equal(paperImage('docker://registry.example/base:1', spec), 'docker://registry.example/base:1');
  assert.equal(paperImage('store:base', spec), 'store:base');
  assert.equal(paperKey('debian', spec), 'debian');
  assert.equal(paperKey('/etc/keys/own.asc', spec), 'own.asc');
});
