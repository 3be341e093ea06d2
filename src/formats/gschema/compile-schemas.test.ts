import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeUtf8 } from '../../util/text.ts';
import { compileSchemas } from './compile-schemas.ts';

describe('compiled schemas', () => {
  test('are byte for byte what glib-compile-schemas 2.74.6 writes of the same files', () => {
    const { bytes, schemas, problems } = compile({ 'a.gschema.xml': everyKind, '10.gschema.override': overrides });
    assert.equal(schemas, 4);
    assert.equal(Buffer.from(bytes).toString('base64'), compiled.join(''));
    assert.deepEqual(problems, [
      '10.gschema.override: 500 is not among the values that a key may have',
      '10.gschema.override: there is no key none in the schema demo',
      '10.gschema.override: a default that is translated is the same on every desktop',
    ]);
  });

  test('enumerations are read first, and a file with a fault is left out alone', () => {
    const { schemas, problems } = compile({
      'a.gschema.xml':
        '<schemalist><schema id="a"><key name="k" enum="e"><default>"x1"</default></key></schema></schemalist>',
      'z.enums.xml': '<schemalist><enum id="e"><value nick="x1" value="1"/></enum></schemalist>',
      'b.gschema.xml':
        '<schemalist><schema id="b"><key name="k" type="i"><default>"x"</default></key></schema></schemalist>',
      'c.gschema.xml': '<!DOCTYPE x [<!ENTITY e "boom">]><schemalist>&e;</schemalist>',
    });
    assert.equal(schemas, 1);
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? '', /a string is not expected/);
    assert.match(problems[1] ?? '', /undefined entity/);
  });

  test('whatever the files say, they end in problems and not in a fault', () => {
    const part = fc.constantFrom(
      '<schemalist>',
      '</schemalist>',
      '<schema id="a">',
      '</schema>',
      '<key name="k" type="',
      'a{sv}',
      '(i',
      '">',
      '<default>',
      '</default>',
      '</key>',
      '[',
      "'x'",
      '@ay',
      '{1:2}',
      '&lt;',
      '0x',
      '-',
      'just ',
      '<range min="1"/>',
      '<enum id="e">',
      '<value nick="aa" value="9"/>',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const { bytes } = compile({
          'a.gschema.xml': parts.join(''),
          'b.gschema.override': `[a]\nk=${parts.join('')}`,
        });
        assert.ok(bytes.length >= 24);
      }),
    );
  });
});

function compile(files: Readonly<Record<string, string>>) {
  return compileSchemas(Object.entries(files).map(([name, text]) => ({ name, bytes: encodeUtf8(text) })));
}

const everyKind = `<schemalist gettext-domain="demo">
  <enum id="demo.Side"><value nick="left" value="0"/><value nick="right" value="1"/></enum>
  <flags id="demo.Marks"><value nick="bold" value="1"/><value nick="fine" value="2"/></flags>
  <schema id="demo" path="/demo/">
    <key name="side" enum="demo.Side"><default>'left'</default><aliases><alias value="port" target="left"/></aliases></key>
    <key name="marks" flags="demo.Marks"><default>['bold']</default></key>
    <key name="size" type="i"><default>12</default><range min="1" max="99"/></key>
    <key name="words" type="as"><default l10n="messages" context="list"> ['a', "b's"] </default></key>
    <key name="pairs" type="a(ud)"><default>[(1, 0.5), (2, 1e3)]</default></key>
    <key name="more" type="a{sv}"><default>{'x': &lt;uint16 5&gt;, 'y': &lt;@as []&gt;}</default></key>
    <key name="maybe" type="ms"><default>nothing</default></key>
    <key name="mode" type="s"><choices><choice value="one"/><choice value="two"/></choices><default>'one'</default></key>
    <child name="inner" schema="demo.inner"/>
  </schema>
  <schema id="demo.inner"><key name="on" type="b"><default>true</default></key></schema>
  <schema id="demo.list" list-of="demo.inner"/>
  <schema id="demo.more" extends="demo.inner"><override name="on">false</override></schema>
</schemalist>
`;

const overrides = `[demo]
size=20
size=500
none=1
[demo:XFCE]
side='right'
words=[]
[elsewhere]
x=1
`;

const compiled = [
  'R1ZhcmlhbnQAAAAAAAAAABgAAACsAAAAAAAAKAUAAAAAAAAAAQAAAAMAAAAEAAAABQAAANSVp3UCAAAArAAAAAkASAC4AAAA+AAAAPStZioCAA',
  'AADQEAAAoASAAYAQAAWAEAAAUVAAD/////bAEAAAAATABsAQAAfAEAAIqhlXwCAAAAfAEAAAQASACAAQAA2AIAAIs7qHUCAAAAzQQAAAkASADY',
  'BAAANAUAAGRlbW8ubGlzdAAAAAAAACgCAAAAAAAAAAAAAAAFFQAA//////gAAAAAAAAAAAAAAAAAAADxQWhm//////gAAAAIAHYAAAEAAA0BAA',
  'AubGlzdC1vZmRlbW8uaW5uZXIAAHNkZW1vLmlubmVyAAAAACgCAAAAAAAAAAEAAAACeVkAAQAAAFgBAAACAHYAYAEAAGUBAAAFFQAA/////2UB',
  'AAAAAEwAaAEAAGwBAABvbgAAAAAAAAEAKGIpAAAAAAAAAAMAAAABAAAAAAAAAAQAAABkZW1vAAAAKAwAAAAAAAAAAwAAAAQAAAAEAAAABQAAAA',
  'gAAAAJAAAACQAAAAoAAAAKAAAACgAAAAwAAABwRNEECAAAANgCAAAGAHYA4AIAAO0CAAAktyAQCAAAAO0CAAAFAHYA+AIAACADAAB0NKcQCAAA',
  'ACADAAAFAHYAKAMAAFEDAAA9mURt/////1EDAAAPAHYAYAMAAGcDAAADk+oPCAAAAGcDAAAFAHYAcAMAAJ8DAADAfX4L/////58DAAAFAHYAqA',
  'MAALEDAAAYvJp8CAAAALEDAAAEAHYAuAMAAN4DAADg7Z18CAAAAN4DAAAEAHYA6AMAAAMEAAAFFQAA/////wMEAAAAAEwABAQAACgEAACTr+oP',
  'CAAAACgEAAAFAHYAMAQAADUEAABKupp8CAAAADUEAAAEAHYAQAQAAGoEAAAK6518CAAAAGoEAAAEAHYAcAQAAM0EAABpbm5lci8AAGRlbW8uaW',
  '5uZXIAAHNwYWlycwAAAAAAAAEAAAAAAAAAAAAAAAAA4D8CAAAAAAAAAAAAAAAAQI9AAChhKHVkKSl3b3JkcwAAAGEAYidzAAIGbG1saXN0BFsn',
  'YScsICJiJ3MiXQAIAChhcyh5KHlzKSkpLmdldHRleHQtZG9tYWluZGVtbwAAc21hcmtzAAAAAGJvbGQABQAAZgAAAAEAAAD/Ym9sZAAA/wIAAA',
  'D/ZmluZQAA/wYAKGFzKHlhdSkpLnBhdGgAAAAAL2RlbW8vAABzbW9yZQAAAHgAAAAAAAAABQAAcQIAAAB5AAAAAAAAAABhcwINHAAoYXtzdn0p',
  'c2l6ZQAAAAAAAAwAAAByAAAAAQAAAGMAAAAAKGkoeShpaSkpKQAAAAAABAAAAAkAAAAKAAAABgAAAAEAAAALAAAABwAAAAIAAABtYXliZQAAAA',
  'AobXMpbW9kZQAAAAAAAABvbmUAYwAAAAAAAAD/b25lAAAA/wAAAAD/dHdvAAAA/wQAKHMoeWF1KSlzaWRlAABsZWZ0AAAAAGUAAAAAAAAA/2xl',
  'ZnQAAP8BAAAA/3JpZ2h0AP8AAAAA/nBvcnQAAP9kAAAAAAAAAFhGQ0UAAAAAcmlnaHQAAHMFETAFAChzKHlhdSkoeWF7c3Z9KSlkZW1vLm1vcm',
  'UAAAAAACgDAAAAAAAAAAAAAAAAAAAABRUAAP////80BQAAAABMADQFAAA4BQAADuyYbv////84BQAACAB2AEAFAABNBQAAAnlZAAAAAABNBQAA',
  'AgB2AFAFAABVBQAAAgAAAC5leHRlbmRzZGVtby5pbm5lcgAAc29uAAAAKGIp',
];
