import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptCalls } from './script-calls.ts';
import { sgmlCatalogue } from './sgml-catalogue.ts';
import { effectInput, picture } from './testing.ts';
import { xmlCatalogues } from './xml-catalogues.ts';

const core = {
  'usr/share/xml-core/catalog.header': '<catalog>\n',
  'usr/share/xml-core/catalog.footer': '</catalog>\n',
};

function made(postinst: string, tree: Readonly<Record<string, string>> = core): Readonly<Record<string, string>> {
  const input = effectInput({ tree, packages: [{ name: 'docbook', scripts: { postinst } }] });
  return picture(xmlCatalogues(input, scriptCalls(input)));
}

const local = '/usr/share/xml/docbook/catalog.xml';
const add = `update-xmlcatalog --sort --add --type public --id "-//OASIS//DTD DocBook" --package docbook`;

test('the catalogue of a package, and the root one that leads to it, sorted', () => {
  const script = `
${add} --local ${local}
update-xmlcatalog --sort --add --type uri --id "http://docbook.org/" --package docbook --local ${local}
${add} --root
update-xmlcatalog --sort --add --type system --id "http://docbook.org/" --package docbook --root`;
  assert.deepEqual(made(script, { ...core, [local.slice(1)]: '' }), {
    'etc/xml/docbook.xml': `file 0644 <catalog>
<delegatePublic publicIdStartString="-//OASIS//DTD DocBook" catalog="file:///usr/share/xml/docbook/catalog.xml"/>
<delegateURI uriStartString="http://docbook.org/" catalog="file:///usr/share/xml/docbook/catalog.xml"/>
</catalog>
`,
    'var/lib/xml-core/docbook': `file 0644 <delegatePublic publicIdStartString="-//OASIS//DTD DocBook"><catalog="file:///usr/share/xml/docbook/catalog.xml">
<delegateURI uriStartString="http://docbook.org/"><catalog="file:///usr/share/xml/docbook/catalog.xml">
`,
    'etc/xml/catalog': `file 0644 <catalog>
<delegatePublic publicIdStartString="-//OASIS//DTD DocBook" catalog="file:///etc/xml/docbook.xml"/>
<delegateSystem systemIdStartString="http://docbook.org/" catalog="file:///etc/xml/docbook.xml"/>
</catalog>
`,
    'var/lib/xml-core/catalog': `file 0644 <delegatePublic publicIdStartString="-//OASIS//DTD DocBook"><catalog="file:///etc/xml/docbook.xml">
<delegateSystem systemIdStartString="http://docbook.org/"><catalog="file:///etc/xml/docbook.xml">
`,
  });
});

test('nothing without xml-core, for a catalogue that is missing, and for what is no name', () => {
  assert.deepEqual(made(`${add} --local ${local}`, { [local.slice(1)]: '' }), {});
  assert.deepEqual(made(`${add} --local ${local}; ${add} --root`), {});
  const hostile = `update-xmlcatalog --add --type public --id '"/><x' --package docbook --local ${local}
update-xmlcatalog --add --type public --id x --package ../../passwd --local ${local}
update-xmlcatalog --del --type public --id x --package docbook
update-xmlcatalog --add --type public --id "$(x)" --package docbook --local ${local}`;
  assert.deepEqual(made(hostile, { ...core, [local.slice(1)]: '' }), {});
});

test('the catalogue of SGML catalogues names those whose parts are there', () => {
  const tree = {
    'etc/sgml/b.cat': '-- b --\nCATALOG "/usr/share/sgml/b/catalog"\n',
    'etc/sgml/a.cat': "BASE '/usr/share/sgml'\nCATALOG b/catalog\n",
    'etc/sgml/c.cat': 'CATALOG /usr/share/sgml/c/catalog\n',
    'etc/sgml/d.txt': '',
    'usr/share/sgml/b/catalog': '',
  };
  const [made] = sgmlCatalogue(effectInput({ tree, packages: [{ name: 'sgml-base' }] }));
  assert.equal(made?.path, 'var/lib/sgml-base/supercatalog');
  assert.match(
    Buffer.from(made?.content ?? []).toString(),
    /--\nCATALOG \/etc\/sgml\/a\.cat\nCATALOG \/etc\/sgml\/b\.cat\n$/,
  );
  assert.deepEqual(sgmlCatalogue(effectInput({ tree })), []);
});
