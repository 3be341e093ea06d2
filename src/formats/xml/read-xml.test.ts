import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SlimimageError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { encodeUtf8 } from '../../util/text.ts';
import { readXml } from './read-xml.ts';

function read(text: string) {
  return readXml(encodeUtf8(text), 'a.xml');
}

test('elements have their namespace, attributes as written, and text with CDATA', () => {
  const root = read(
    '<a xmlns="urn:a" xmlns:b="urn:b" x="1 &lt;"><b:c xml:lang="de">é<![CDATA[<]]></b:c><!-- no --><d xmlns=""/></a>',
  );
  assert.deepEqual(picture(root), [
    'a {urn:a} xmlns=urn:a xmlns:b=urn:b x=1 <',
    ['c {urn:b} xml:lang=de', 'é', '<'],
    ['d {} xmlns='],
  ]);
});

test('what is not well-formed, and what only looks harmless, is refused', () => {
  const code = { code: 'XML_INVALID' };
  for (const text of ['', '<a>', '<a/><b/>', '<a b="1" b="2"/>', '<x:a/>', '&amp;'])
    assert.throws(() => read(text), code, text);
  const laughs = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>';
  assert.throws(() => read(laughs), { ...code, message: /undefined entity/ });
  assert.throws(() => read('<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>'), code);
  assert.throws(() => read('<a>'.repeat(limits.xmlDepth + 1)), { ...code, message: /nested deeper/ });
  assert.throws(() => readXml(Uint8Array.of(0x3c, 0xff), 'a.xml'), { ...code, message: /not UTF-8/ });
});

test('any bytes are read or refused', () => {
  const part = fc.constantFrom(
    '<a',
    '>',
    '</a>',
    ' xmlns:b="u"',
    '<b:c',
    '/>',
    '&#x41;',
    '&x;',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<!DOCTYPE a [',
    '"',
    '\0',
    'é',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      try {
        read(parts.join(''));
      } catch (error) {
        assert.ok(error instanceof SlimimageError);
      }
    }),
  );
});

type Picture = readonly (string | Picture)[];

function picture(element: ReturnType<typeof read>): Picture {
  const attributes = Object.entries(element.attributes).map(([name, value]) => ` ${name}=${value}`);
  const children = element.children.map((child) => (typeof child === 'string' ? child : picture(child)));
  return [`${element.name} {${element.namespace}}${attributes.join('')}`, ...children];
}
