import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type BaseBlock, fromBER, Sequence } from 'asn1js';
import fc from 'fast-check';
import { lacking } from '../../../test/support/need.ts';
import { nameHash } from './name-hash.ts';
import { certificateSubject } from './subject.ts';

/** Debian's own trusted certificates, where the machine has them. */
const folder = '/usr/share/ca-certificates/mozilla';
const skip = existsSync(folder) ? false : `${folder} is not there`;

test('subjects of Debian’s certificates are those that a full reader of ASN.1 finds', { skip }, () => {
  const names = readdirSync(folder);
  assert.ok(names.length > 100, `${names.length} certificates`);
  for (const name of names) {
    const der = derOf(`${folder}/${name}`);
    const own = certificateSubject(der);
    assert.ok(own !== undefined, name);
    assert.equal(hex(own), hex(subjectByOracle(der) ?? new Uint8Array(0)), name);
  }
});

test('bytes changed anywhere: a subject is found where the full reader finds the same one, or there is none', {
  skip,
}, () => {
  const [first = '', second = ''] = readdirSync(folder);
  const certificates = [first, second].map((name) => derOf(`${folder}/${name}`));
  const change = fc.record({ at: fc.nat(400), value: fc.nat(255) });
  fc.assert(
    fc.property(fc.constantFrom(...certificates), fc.array(change, { minLength: 1, maxLength: 3 }), (der, changes) => {
      const changed = Uint8Array.from(der);
      for (const { at, value } of changes) changed[at] = value;
      const own = certificateSubject(changed);
      const other = subjectByOracle(changed);
      if (own !== undefined && other !== undefined) assert.equal(hex(own), hex(other));
    }),
    { numRuns: 300 },
  );
});

test('OpenSSL links each of them by the same hash', { skip: skip || lacking({ commands: ['openssl'] }) }, () => {
  const links = mkdtempSync(join(tmpdir(), 'slimimage-rehash-'));
  try {
    for (const name of readdirSync(folder)) copyFileSync(`${folder}/${name}`, join(links, name));
    assert.equal(spawnSync('openssl', ['rehash', links]).status, 0);
    const found = readdirSync(links).filter((name) => /^[0-9a-f]{8}\.[0-9]+$/.test(name));
    const own = readdirSync(folder).map((name) =>
      nameHash(certificateSubject(derOf(`${folder}/${name}`)) as Uint8Array),
    );
    assert.deepEqual(own.toSorted(), found.map((name) => name.slice(0, 8)).toSorted());
  } finally {
    rmSync(links, { recursive: true });
  }
});

function derOf(file: string): Uint8Array {
  const [, body = ''] = /-----BEGIN CERTIFICATE-----([^-]+)/.exec(readFileSync(file, 'utf8')) ?? [];
  return new Uint8Array(Buffer.from(body, 'base64'));
}

/**
 * RFC 5280: tbsCertificate is the first element; its version may be missing. Undefined for damaged bytes as well: what the
 * reader makes of them is not written again as it was.
 */
function subjectByOracle(der: Uint8Array): Uint8Array | undefined {
  const { offset, result } = readByOracle(der);
  if (result === undefined || offset < 0 || hex(new Uint8Array(result.toBER())) !== hex(der)) return undefined;
  const signed = childrenOf(result)[0];
  const fields = childrenOf(signed);
  const { tagClass, tagNumber, isConstructed } = fields[0]?.idBlock ?? {};
  const place = tagClass === 3 && tagNumber === 0 && isConstructed ? 5 : 4;
  const subject = fields[place];
  return subject instanceof Sequence ? new Uint8Array(subject.valueBeforeDecodeView) : undefined;
}

/** asn1js throws at times and dates that are none. */
function readByOracle(der: Uint8Array): { readonly offset: number; readonly result?: BaseBlock } {
  try {
    return fromBER(der);
  } catch {
    return { offset: -1 };
  }
}

function childrenOf(block: BaseBlock | undefined): readonly BaseBlock[] {
  return block instanceof Sequence ? block.valueBlock.value : [];
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
