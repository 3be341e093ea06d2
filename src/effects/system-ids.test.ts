import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deriveId, systemRange } from './derive-id.ts';
import { systemIds } from './system-ids.ts';

/** Debian's fixed accounts (base-passwd 3.6.7), which the table must leave alone. */
const fixed =
  `root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc _apt nobody adm tty disk kmem
dialout fax voice cdrom floppy tape sudo audio dip operator src shadow utmp video sasl plugdev staff users nogroup`.split(
    /\s+/,
  );

test('the table: every number once, between 200 and 899, none of Debian’s own names', () => {
  const ids = Object.values(systemIds);
  assert.equal(new Set(ids).size, ids.length);
  for (const [name, id] of Object.entries(systemIds)) {
    assert.ok(id >= 200 && id <= 899, name);
    assert.ok(!fixed.includes(name) && name !== 'nonroot', name);
    assert.match(name, /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/);
  }
});

test('numbers that were released stay', () => {
  const { postgres, mysql, redis, memcache, rabbitmq, haproxy, messagebus } = systemIds;
  assert.deepEqual(
    { postgres, mysql, redis, memcache, rabbitmq, haproxy, messagebus },
    { postgres: 200, mysql: 201, redis: 202, memcache: 204, rabbitmq: 220, haproxy: 230, messagebus: 310 },
  );
});

test('an id from the name moves on only where it is taken', () => {
  const free = deriveId('zebra', { range: systemRange, taken: new Set() });
  assert.equal(free, deriveId('zebra', { range: systemRange, taken: new Set([(free ?? 0) + 1]) }));
  const next = deriveId('zebra', { range: systemRange, taken: new Set([free ?? 0]) });
  assert.equal(next, 200 + (((free ?? 0) - 200 + 1) % 700));
  const all = new Set(Array.from({ length: 700 }, (_, index) => 200 + index));
  assert.equal(deriveId('zebra', { range: systemRange, taken: all }), undefined);
});
