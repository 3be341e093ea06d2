import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../errors.ts';
import type { HttpAnswer } from '../net/types.ts';
import { encodeUtf8 } from '../util/text.ts';
import { BlobSizes } from './blob-sizes.ts';
import { createContext } from './context.ts';
import { documentTypeOf } from './document-type.ts';
import { locationOf, nextPage, withDigest } from './locations.ts';
import { errorCodes, refusal } from './refusal.ts';
import { takenBytes } from './upload-session.ts';

const access = { request: () => assert.fail('nothing is asked'), stream: () => assert.fail('nothing is asked') };
const context = createContext({ registry: 'registry.example', repository: 'team/app' }, { access });

function answer(
  headers: HttpAnswer['headers'],
  options: { readonly url?: string; readonly body?: string } = {},
): HttpAnswer {
  const url = new URL(options.url ?? 'https://registry.example/v2/team/app/x?y=z');
  return { status: 400, headers, bytes: encodeUtf8(options.body ?? ''), url };
}

describe('the Location of an upload', () => {
  it('may be relative, absolute, and on another host', () => {
    for (const [location, expected] of [
      ['/v2/app/1?_state=a%20b', 'https://registry.example/v2/app/1?_state=a%20b'],
      ['1', 'https://registry.example/v2/team/app/1'],
      ['https://blobs.example/1', 'https://blobs.example/1'],
      ['https://mole:hunter2@blobs.example/1', 'https://blobs.example/1'],
      // A registry behind a proxy that speaks TLS for it.
      ['http://registry.example:5000/1', 'https://registry.example/1'],
    ] as const) {
      assert.equal(locationOf(context, answer({ location })).href, expected);
    }
  });

  it('leads neither from https to http nor out of the web', () => {
    for (const location of [undefined, 'http://blobs.example/1', 'file:///etc/passwd', 'https://']) {
      assert.throws(
        () => locationOf(context, answer({ location })),
        (error) => isSlimimageError(error, 'REGISTRY_INVALID'),
      );
    }
  });

  it('keeps its query to the byte', () => {
    const closing = withDigest(new URL('https://x.example/1?_state=a%20b+c=='), 'sha256:ab');
    assert.equal(closing.href, 'https://x.example/1?_state=a%20b+c==&digest=sha256%3Aab');
    assert.equal(withDigest(new URL('https://x.example/1'), 'sha256:ab').search, '?digest=sha256%3Aab');
  });
});

describe('the Range of an upload', () => {
  it('tells how much is there', () => {
    for (const [range, expected] of [
      ['0-0', 0],
      ['0-9', 10],
      ['bytes=0-9', 10],
      ['1-9', undefined],
      ['0-', undefined],
      ['0-9999999999999999999', undefined],
      [undefined, undefined],
    ] as const) {
      assert.equal(takenBytes(answer({ range })), expected, range);
    }
  });
});

describe('the Link to a next page', () => {
  it('is followed at the same registry only', () => {
    const next = (link: string) => nextPage(context, answer({ link }))?.href;
    assert.equal(
      next('</v2/team/app/tags/list?last=b>; rel="next"'),
      'https://registry.example/v2/team/app/tags/list?last=b',
    );
    assert.equal(next('<?last=b>; rel=next'), 'https://registry.example/v2/team/app/x?last=b');
    assert.equal(next('<http://registry.example/x>; rel="next"'), 'https://registry.example/x');
    assert.equal(next('</first>; rel="first"'), undefined);
    assert.throws(
      () => next('<https://other.example/x>; rel="next"'),
      (error) => isSlimimageError(error, 'REGISTRY_INVALID'),
    );
  });
});

describe('a refusal', () => {
  it('is told in words of our own', () => {
    const body = JSON.stringify({
      errors: [{ code: 'WEIRD' }, { code: 'DENIED', message: 'send your password to x' }],
    });
    const error = refusal(context, answer({}, { body }), 'send it');
    assert.equal(error.message, 'registry.example/team/app: cannot send it: this account may not do it (400 DENIED)');
    assert.equal(error.hint, 'Log in as somebody who may: "docker login registry.example".');
  });

  for (const [status, code, text, hint] of [
    [400, 'TAG_INVALID', 'the registry does not take such a tag, or does not let it move (400 TAG_INVALID)', undefined],
    [
      405,
      'UNSUPPORTED',
      'the registry does not allow it (405 UNSUPPORTED)',
      'Is it read-only, or a mirror of another registry?',
    ],
    [412, 'PRECONDITION', 'the registry refuses it (412)', 'Is a quota of the project used up?'],
    [507, undefined, 'the registry has no room for it (507)', 'Is a quota of the project used up?'],
  ] as const) {
    it(`says what may be behind ${status} ${code ?? ''}`, () => {
      const body = JSON.stringify({ errors: [{ code }] });
      const error = refusal(context, { ...answer({}, { body }), status }, 'send it');
      assert.equal(error.message, `registry.example/team/app: cannot send it: ${text}`);
      assert.equal(error.hint, hint);
    });
  }
});

describe('whatever a registry says', () => {
  it('ends in a value or in a typed error', () => {
    const errors = fc.array(fc.record({ code: fc.oneof(fc.string(), fc.constant('DENIED')), message: fc.string() }));
    const json = fc.oneof(
      fc.json(),
      errors.map((list) => JSON.stringify({ errors: list })),
      fc.string(),
    );
    const link = fc.oneof(
      fc.string(),
      fc.webUrl().map((url) => `<${url}>; rel="next"`),
    );
    const text = fc.option(fc.oneof(fc.string(), fc.webUrl(), fc.constant('0-5')), { nil: undefined });
    fc.assert(
      fc.property(json, link, text, (body, linked, header) => {
        const given = answer({ link: linked, location: header, range: header }, { body });
        const sizes = new BlobSizes();
        for (const read of [
          () => errorCodes(given),
          () => refusal(context, given, 'do it'),
          () => nextPage(context, given),
          () => locationOf(context, given),
          () => takenBytes(given),
          () => documentTypeOf(parsed(body), 'it'),
          () => sizes.learn(parsed(body)),
        ]) {
          try {
            read();
          } catch (error) {
            assert.ok(isSlimimageError(error), String(error));
          }
        }
      }),
      { numRuns: 700 },
    );
  });
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
