import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSlimimageError } from '../errors.ts';
import { debianOfPlatform, platformOfDebian } from './debian-architecture.ts';
import { formatPlatform, parsePlatform, samePlatform, selectPlatform } from './platform.ts';

describe('parsePlatform', () => {
  it('gives one form to every way of writing a platform', () => {
    const forms = {
      'linux/amd64': ['linux/amd64', 'amd64', 'linux/x86_64', 'linux/amd64/v1', 'Linux/AMD64', 'x86-64'],
      'linux/amd64/v3': ['linux/amd64/v3'],
      'linux/arm64': ['linux/arm64', 'linux/arm64/v8', 'linux/aarch64', 'arm64/v8'.slice(0, 5), 'linux/arm64/8'],
      'linux/arm/v7': ['linux/arm', 'linux/arm/v7', 'armhf', 'linux/arm/7'],
      'linux/arm/v6': ['linux/arm/v6'],
      'linux/arm/v5': ['armel'],
      'linux/386': ['linux/i386', 'i686'],
      'linux/ppc64le': ['ppc64el', 'linux/ppc64le'],
      'windows/amd64': ['windows/amd64'],
    };
    for (const [expected, texts] of Object.entries(forms)) {
      for (const text of texts) assert.equal(formatPlatform(parsePlatform(text)), expected, text);
    }
    assert.ok(samePlatform({ os: 'linux', architecture: 'arm64', variant: 'v8' }, parsePlatform('arm64')));
  });

  it('refuses other texts', () => {
    for (const text of [
      '',
      '/',
      'linux/',
      'linux//v7',
      'a/b/c/d',
      'linux/am d64',
      '../x',
      `linux/${'a'.repeat(99)}`,
      'constructor/',
    ]) {
      assert.throws(
        () => parsePlatform(text),
        (error) => isSlimimageError(error, 'USAGE'),
        text,
      );
    }
    assert.equal(formatPlatform(parsePlatform('constructor')), 'linux/constructor');
  });
});

describe('selectPlatform', () => {
  const items = ['linux/amd64', 'linux/arm/v6', 'linux/arm64/v8', 'linux/arm/v5'].map((text) => {
    const [os = '', architecture = '', variant] = text.split('/');
    return { text, platform: { os, architecture, variant } };
  });

  it('finds equal platforms, and for arm the newest that runs', () => {
    assert.equal(selectPlatform(items, parsePlatform('arm64'))?.text, 'linux/arm64/v8');
    assert.equal(selectPlatform(items, parsePlatform('linux/arm/v7'))?.text, 'linux/arm/v6');
    assert.equal(selectPlatform(items, parsePlatform('armel'))?.text, 'linux/arm/v5');
    assert.equal(selectPlatform(items, parsePlatform('s390x')), undefined);
    assert.equal(selectPlatform([{}], parsePlatform('amd64')), undefined);
  });
});

describe('Debian architectures', () => {
  it('have a platform each, and back', () => {
    const map = {
      amd64: 'linux/amd64',
      arm64: 'linux/arm64',
      armhf: 'linux/arm/v7',
      armel: 'linux/arm/v5',
      i386: 'linux/386',
      ppc64el: 'linux/ppc64le',
      s390x: 'linux/s390x',
      riscv64: 'linux/riscv64',
    };
    for (const [debian, platform] of Object.entries(map)) {
      assert.equal(formatPlatform(platformOfDebian(debian)), platform);
      assert.equal(debianOfPlatform(parsePlatform(platform)), debian);
    }
    assert.equal(debianOfPlatform({ os: 'linux', architecture: 'arm64', variant: 'v8' }), 'arm64');
    const unknown = [
      () => platformOfDebian('hurd-i386'),
      () => platformOfDebian('toString'),
      () => debianOfPlatform(parsePlatform('windows/amd64')),
    ];
    for (const action of unknown) assert.throws(action, (error) => isSlimimageError(error, 'PLATFORM_UNAVAILABLE'));
  });
});
