import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { startMisbehavingRegistry } from '../../test/support/misbehaving-registry.ts';
import { always, changesHeaders } from '../../test/support/registry-faults.ts';
import { digestOf } from '../util/digest.ts';
import { openRegistries } from './open.ts';
import { warningsOf } from './warnings.ts';

describe('a warning of a registry', () => {
  it('is told once in a run, whatever it comes with', async () => {
    await using registry = await startMisbehavingRegistry();
    const both = '299 - "Tags older than 90 days go.", 299 - "Say \\"hello\\"."';
    registry.inject(changesHeaders('GET tags/list', { warning: both }, always));
    const messages: string[] = [];
    const registries = openRegistries({
      env: {},
      onEvent: (event) => event.type === 'warning' && messages.push(event.message),
    });
    try {
      for (const repository of ['one', 'two']) {
        registry.repository(repository).blobs.set(digestOf('x'), Buffer.from('x'));
        await (await registries.repository({ registry: registry.host, repository })).listTags();
      }
      assert.deepEqual(messages, [
        `the registry ${registry.host} says: Tags older than 90 days go.`,
        `the registry ${registry.host} says: Say "hello".`,
      ]);
    } finally {
      await registries.close();
    }
  });

  it('has code 299, some text, and no more than a line', () => {
    for (const [warning, expected] of [
      [undefined, []],
      ['', []],
      ['199 - "other"', []],
      ['299 agent "other"', []],
      ['299 - ""', []],
      ['299 - "open', []],
      ['299 - "a\u001b[2Jb\u009b"', ['a\u{fffd}[2Jb\u{fffd}']],
      [`299 - "${'x'.repeat(1000)}"`, [`${'x'.repeat(300)}...`]],
    ] as const) {
      assert.deepEqual(warningsOf({ headers: { warning } }), expected, warning);
    }
  });

  it('never has what a terminal would obey', () => {
    const text = fc.string({ unit: 'binary' });
    const header = fc
      .array(
        fc.oneof(
          text,
          text.map((inner) => `299 - "${inner}"`),
        ),
      )
      .map((parts) => parts.join(', '));
    fc.assert(
      fc.property(header, (warning) => {
        for (const found of warningsOf({ headers: { warning } })) assert.match(found, /^[\x20-\x7e\u{fffd}]+$/u);
      }),
    );
  });
});
