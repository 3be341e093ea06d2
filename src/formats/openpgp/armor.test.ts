import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSlimimageError } from '../../errors.ts';
import { splitClearsigned, splitKeyBlocks } from './armor.ts';

const document = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Origin: Debian \t
- -dash
- - two

end
-----BEGIN PGP SIGNATURE-----

AAAA
-----END PGP SIGNATURE-----
`;

test('the signed text is unescaped and loses the white space that no signature covers', () => {
  const { text, signature } = splitClearsigned(document, 'x');
  assert.equal(text, 'Origin: Debian\n-dash\n- two\n\nend');
  assert.equal(signature, '-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n');
  assert.equal(splitClearsigned(document.replaceAll('\n', '\r\n'), 'x').text, text);
});

test('text outside the signed block is refused, and so is a broken frame', () => {
  const broken: Record<string, string> = {
    before: `Origin: Evil\n${document}`,
    'empty line before': `\n${document}`,
    after: `${document}Origin: Evil\n`,
    'a second message after': document + document,
    'another armor header': document.replace('Hash: SHA256', 'Comment: hello'),
    'no empty line': '-----BEGIN PGP SIGNED MESSAGE-----',
    'no signature': document.slice(0, 80),
    'signature cut off': document.slice(0, -10),
    'unescaped dash': document.replace('- -dash', '-dash'),
    'a web page': '<html>log in</html>',
    empty: '',
  };
  for (const [what, text] of Object.entries(broken)) {
    assert.throws(
      () => splitClearsigned(text, 'dists/x/InRelease'),
      (error) => isSlimimageError(error, 'SIGNATURE_INVALID') && error.message.includes('dists/x/InRelease'),
      what,
    );
  }
});

test('key files may hold several blocks', () => {
  const block = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAA==\n-----END PGP PUBLIC KEY BLOCK-----\n';
  assert.deepEqual(splitKeyBlocks(`comment\n${block}between\n${block}`, 'k'), [block, block]);
  assert.deepEqual(splitKeyBlocks('nothing', 'k'), []);
  assert.throws(
    () => splitKeyBlocks(block + block.slice(0, 50), 'k'),
    (error) => isSlimimageError(error, 'SIGNATURE_INVALID'),
  );
});

test('fuzz: framing of hostile text throws only SlimimageError', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '-----BEGIN PGP SIGNED MESSAGE-----\n',
      '-----BEGIN PGP SIGNATURE-----\n',
      '-----END PGP SIGNATURE-----\n',
      '-----BEGIN PGP PUBLIC KEY BLOCK-----',
      '-----END PGP PUBLIC KEY BLOCK-----',
      'Hash: SHA256\n',
      '\n',
      '- ',
      '-',
      ' \t\r',
    ),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.boolean(), (pieces, framed) => {
      const text = (framed ? '-----BEGIN PGP SIGNED MESSAGE-----\n' : '') + pieces.join('');
      for (const split of [splitClearsigned, splitKeyBlocks]) {
        try {
          split(text, 'fuzz');
        } catch (error) {
          assert.ok(isSlimimageError(error, 'SIGNATURE_INVALID'));
        }
      }
    }),
    { numRuns: 10_000 },
  );
});
