import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownTrigger } from './known-triggers.ts';

test('triggers are answered by an effect, or by nobody', () => {
  const answers = (name: string) => knownTrigger(name)?.because;
  assert.equal(answers('ldconfig'), 'library cache');
  assert.equal(answers('/usr/lib/aarch64-linux-gnu/gio/modules'), 'gio modules');
  assert.equal(answers('/usr/lib/gdk-pixbuf-2.0/2.10.0/loaders'), 'image loaders');
  assert.equal(answers('/usr/share/dbus-1/system-services'), 'services');
  assert.equal(answers('/usr/share/texmf/fonts'), 'manuals, menus and the desktop');
  assert.equal(answers('/usr/share/glib-2.0/schemas-of-others'), undefined);
});
