import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { makeTar } from '../../test/support/deb.ts';
import { isSlimimageError, type SlimimageError } from '../errors.ts';
import { TarReader } from '../formats/tar/reader.ts';
import { confinePath } from '../rootfs/path.ts';
import { listMembers } from './tar-members.ts';

const sample = makeTar([
  ['oci-layout', '{}'],
  ['blobs/', ''],
  ['blobs/a', 'a'.repeat(3000)],
  ['blobs/link', { type: 'symlink', linkTarget: 'a' }],
  [`blobs/${'long'.repeat(60)}`, 'b'.repeat(512)],
  ['blobs/empty', ''],
  ['blobs/big', 'c'.repeat(100_000)],
  ['blobs/a', 'again'],
]);

function list(bytes: Uint8Array) {
  return listMembers(
    {
      size: bytes.length,
      async read(buffer, position) {
        const part = bytes.subarray(position, position + Math.min(buffer.length, 10_000));
        buffer.set(part);
        return part.length;
      },
    },
    'sample',
  );
}

/** What the parser says that reads everything: path to size and content. */
function readAll(bytes: Uint8Array): Map<string, string> {
  const found = new Map<string, string>();
  let name = '';
  let text = '';
  const reader = new TarReader(
    {
      entry(header) {
        name = `${header.type} ${confinePath(header.path, { absolute: 'strip' })}`;
        text = '';
      },
      data: (data) => {
        text += Buffer.from(data).toString('latin1');
      },
      entryEnd: () => found.set(name, text),
    },
    { endOptional: true },
  );
  reader.push(bytes);
  reader.end();
  return found;
}

describe('listMembers', () => {
  it('finds every content without reading it', async () => {
    const members = await list(sample);
    assert.equal(members.get('blobs/big')?.size, 100_000);
    for (const [path, { type, offset, size }] of members) {
      const content = sample.subarray(offset, offset + size).toString('latin1');
      assert.equal(content, readAll(sample).get(`${type} ${path}`), path);
    }
    assert.equal(members.get('blobs/link')?.linkTarget, 'a');
    assert.equal(members.get('blobs/a')?.size, 5);
  });

  it('agrees with the parser on damaged tars, and ends in a value or a typed error', async () => {
    const headers = fc.constantFrom(0, 512, 1024, 1536, 5120, 6144, 7680, 8192);
    const edit = fc.tuple(headers, fc.nat(511), fc.nat(255));
    const input = fc.tuple(fc.array(edit, { maxLength: 3 }), fc.nat(sample.length), fc.boolean());
    await fc.assert(
      fc.asyncProperty(input, async ([edits, end, cut]) => {
        const bytes = Buffer.from(sample.subarray(0, cut ? end : 12_000));
        for (const [header, at, byte] of edits) if (header + at < bytes.length) bytes[header + at] = byte;
        const [listed, read] = [await outcome(() => list(bytes)), await outcome(async () => readAll(bytes))];
        assert.equal(listed instanceof Map, read instanceof Map, `${listed}: ${read}`);
        if (!(listed instanceof Map) || !(read instanceof Map)) return;
        for (const [path, { type, offset, size }] of listed) {
          assert.equal(bytes.subarray(offset, offset + size).toString('latin1'), read.get(`${type} ${path}`));
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

async function outcome<T>(action: () => Promise<T>): Promise<T | SlimimageError> {
  try {
    return await action();
  } catch (error) {
    assert.ok(isSlimimageError(error), String(error));
    return error;
  }
}
