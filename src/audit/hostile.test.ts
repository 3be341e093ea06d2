import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { found } from '../../test/support/audited.ts';
import { capabilityText } from './capability.ts';

test('no bytes of an image make the audit stumble', () => {
  const text = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 300, unit: 'binary' }));
  const word = fc.string({ maxLength: 60, unit: 'binary' });
  fc.assert(
    fc.property(
      fc.record({ passwd: text, shadow: text, release: text, attribute: fc.uint8Array({ maxLength: 30 }) }),
      fc.record({ runpath: word, shebang: word, user: word, port: word, volume: word, command: word, env: word }),
      ({ passwd, shadow, release, attribute }, { runpath, shebang, user, port, volume, command, env }) => {
        const layer = {
          'etc/passwd': { text: passwd },
          'etc/group': { text: passwd },
          'etc/shadow': { text: shadow },
          'etc/os-release': { text: release },
          'var/lib/dpkg/status': { text: release },
          'opt/x': { elf: { runpath }, mode: 0o6777, xattrs: { 'security.capability': attribute } },
          'opt/y': `#!${shebang.replaceAll('\n', '')}\n`,
          'usr/bin/python3': { elf: {} },
        };
        const runtime = {
          User: user,
          ExposedPorts: { [port]: {} },
          Volumes: { [volume]: {} },
          Env: [env],
          Cmd: [command],
        };
        const { report } = found([layer], { runtime, history: [{ created_by: command }] });
        assert.ok(report.findings.length > 0);
      },
    ),
    { numRuns: 30 },
  );
});

test('a capability is read from any bytes or from none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
      assert.ok(['string', 'undefined'].includes(typeof capabilityText(bytes)));
    }),
  );
});

test('20,000 accounts, shells and links take no time that grows with their square', () => {
  const many = Array.from({ length: 20_000 }, (_, index) => index);
  const layer = {
    'etc/passwd': many.map((index) => `a${index}::0:0::/:`).join('\n'),
    'bin/busybox': { elf: {} },
    'bin/perl': { elf: {} },
    ...Object.fromEntries(many.map((index) => [`opt/${index}/bin/sh`, '->/bin/busybox'])),
  };
  const runtime = {
    Env: [`PATH=${many.map((index) => `/opt/${index}`).join(':')}`],
    Cmd: [many.join(' '), ...many.map((index) => `a${index}`)],
  };
  const { report } = found([layer], { skip: ['unowned-executable'], runtime });
  assert.equal(report.omitted.find(({ rule }) => rule === 'empty-password')?.count, 19_000);
});
