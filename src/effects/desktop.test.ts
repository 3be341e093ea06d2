import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { desktopFiles } from './desktop.ts';
import { effectInput, picture, type TreeLiteral } from './testing.ts';
import type { EffectInput } from './types.ts';

const triplet = 'x86_64-linux-gnu';

describe('files that programs of the desktop compile', () => {
  test('an image without them gets none', () => {
    assert.deepEqual(made({ packages: ['libc6'], tree: { 'usr/lib/libc.so.6': '' } }), {});
  });

  test('schemas are compiled where GLib is', () => {
    const tree = { 'usr/share/glib-2.0/schemas/a.gschema.xml': '<schemalist><schema id="a"/></schemalist>' };
    const paths = Object.keys(made({ packages: ['libglib2.0-0t64'], tree }));
    assert.deepEqual(paths, ['usr/share/glib-2.0/schemas/gschemas.compiled']);
    assert.deepEqual(made({ packages: ['libfoo'], tree }), {}, 'no GLib, no reader');
    const own = { ...tree, 'usr/share/glib-2.0/schemas/gschemas.compiled': 'mine' };
    assert.deepEqual(made({ packages: ['libglib2.0-0'], tree: own }), {}, 'the configuration has its own');
  });

  test('a schema with a fault is named', () => {
    const tree = { 'usr/share/glib-2.0/schemas/a.gschema.xml': '<schemalist>' };
    const { warnings } = desktopFiles(input({ packages: ['libglib2.0-0'], tree }));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^\/usr\/share\/glib-2\.0\/schemas: a\.gschema\.xml is no XML document/);
  });

  test('GIO modules are listed by the extension points that they name', () => {
    const folder = `usr/lib/${triplet}/gio/modules`;
    const tree = {
      [`${folder}/libgvfsdbus.so`]: 'ELF\0gio-vfs\0gio-volume-monitor\0',
      [`${folder}/libdconfsettings.so`]: 'ELF\0gsettings-backend\0gio-vfs-is-longer\0',
      [`${folder}/libnothing.so`]: 'ELF',
    };
    const asked = { packages: ['libglib2.0-0t64'], tree };
    assert.deepEqual(made(asked), {
      [`${folder}/giomodule.cache`]:
        'file 0644 libdconfsettings.so: gsettings-backend\nlibgvfsdbus.so: gio-vfs,gio-volume-monitor\n',
    });
    assert.deepEqual(desktopFiles(input(asked)).warnings, [
      `/${folder}/libnothing.so names no extension point of GIO that is known: GIO won't use it`,
    ]);
  });

  test('image loaders are listed as they describe themselves, and an unknown one is named', () => {
    const folder = `usr/lib/${triplet}/gdk-pixbuf-2.0/2.10.0`;
    const tree = { [`${folder}/loaders/libpixbufloader-xbm.so`]: '', [`${folder}/loaders/libmine.so`]: '' };
    const asked = { packages: ['libgdk-pixbuf-2.0-0=2.42.12+dfsg-4'], tree };
    assert.deepEqual(made(asked), {
      [`${folder}/loaders.cache`]: `file 0644 # GdkPixbuf Image Loader Modules file
# Automatically generated file, do not edit
# Created by gdk-pixbuf-query-loaders from gdk-pixbuf-2.42.12
#
"/${folder}/loaders/libpixbufloader-xbm.so"
"xbm" 4 "gdk-pixbuf" "XBM" "LGPL"
"image/x-xbitmap" ""
"xbm" ""
"#define " "" 100
"/*" "" 50


`,
    });
    assert.deepEqual(desktopFiles(input(asked)).warnings, [
      `/${folder}/loaders/libmine.so is an image loader that is not known: gdk-pixbuf won't use it. ` +
        `Give the whole /${folder}/loaders.cache in paths:`,
    ]);
  });

  test('the database of media types is that of shared-mime-info', () => {
    const info = '<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">';
    const tree = { 'usr/share/mime/packages/a.xml': `${info}<mime-type type="text/a"/></mime-info>` };
    const paths = Object.keys(made({ packages: ['shared-mime-info=2.4-5+b2'], tree }));
    assert.equal(paths.length, 13);
    assert.ok(paths.includes('usr/share/mime/text/a.xml'));
    assert.equal(made({ packages: ['shared-mime-info=2.4-5+b2'], tree })['usr/share/mime/version'], 'file 0644 2.4\n');
    assert.deepEqual(made({ packages: ['a'], tree }), {});
  });

  test('fontconfig is configured as nobody answered', () => {
    const available = 'usr/share/fontconfig/conf.avail';
    const links = (names: readonly string[]) =>
      made({
        packages: ['fontconfig-config'],
        tree: Object.fromEntries(names.map((name) => [`${available}/${name}`, ''])),
      });
    assert.deepEqual(links(['10-hinting-slight.conf', '70-no-bitmaps.conf']), {
      'etc/fonts/conf.d/10-hinting-slight.conf': `-> /${available}/10-hinting-slight.conf`,
      'etc/fonts/conf.d/70-no-bitmaps.conf': `-> /${available}/70-no-bitmaps.conf`,
    });
    assert.deepEqual(links(['70-no-bitmaps.conf', '70-no-bitmaps-except-emoji.conf']), {
      'etc/fonts/conf.d/70-no-bitmaps-except-emoji.conf': `-> /${available}/70-no-bitmaps-except-emoji.conf`,
    });
  });
});

interface Asked {
  /** `NAME` or `NAME=VERSION` */
  readonly packages: readonly string[];
  readonly tree: TreeLiteral;
}

function made(asked: Asked): Readonly<Record<string, string>> {
  return picture(desktopFiles(input(asked)).entries);
}

function input({ packages, tree }: Asked): EffectInput {
  return effectInput({
    tree,
    packages: packages.map((text) => {
      const [name = '', version = '1'] = text.split('=');
      return { name, version };
    }),
  });
}
