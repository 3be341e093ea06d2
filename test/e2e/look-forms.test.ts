/** One image of the real Docker engine in every form in which images come: the answers are the same. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { lookForms } from '../support/look-forms.ts';
import { lackingLookScene, startLookScene } from '../support/look-scene.ts';
import { type ListedPath, listedTree, treeDifferences } from '../support/look-trees.ts';
import { lacking } from '../support/need.ts';

const ofContainers = new Set([
  ...['.dockerenv', 'dev', 'dev/console', 'dev/pts', 'dev/shm', 'etc', 'etc/hostname', 'etc/hosts', 'etc/mtab'],
  ...['etc/resolv.conf', 'proc', 'sys'],
]);
const lackingTools = lackingLookScene || lacking({ commands: ['skopeo', 'podman', 'docker-registry'] });

test('an image is the same in every form', { skip: lackingTools }, async (t) => {
  await using scene = await startLookScene(['small']);
  const [first, ...others] = await lookForms(scene, 'small', t);
  assert.ok(first !== undefined);
  let stores = 0;
  // What one form has shown must not answer for another: each look has a store of its own.
  const fresh = (place: string) => [place, '--store', join(scene.folder, `store-${stores++}`)];
  const tree = listedTree(await scene.ask<ListedPath[]>(['ls', ...fresh(first.place)]));
  const inspection = await inspected(first.place);
  for (const form of others) {
    await t.test(form.name, async () => {
      const listed = listedTree(await scene.ask<ListedPath[]>(['ls', ...fresh(form.place)]));
      assert.deepEqual(treeDifferences(listed, tree, form.tree ? ofContainers : new Set()), []);
      if (form.tree) return;
      const expected = form.rewritten ? { ...inspection, settings: { ...inspection.settings, shell: [] } } : inspection;
      assert.deepEqual(await inspected(form.place), expected);
    });
  }

  /** Without the name, what some forms keep and others do not, and the config's digest: skopeo and podman write it anew. */
  async function inspected(place: string): Promise<Inspected> {
    const {
      image: _,
      digest: _digest,
      configDigest: _config,
      compressedSize: _size,
      layers,
      ...rest
    } = await scene.ask<Inspected>(['inspect', ...fresh(place)]);
    return { ...rest, layers: layers.map(({ digest: _d, compressedSize: _s, mediaType: _m, ...layer }) => layer) };
  }
});

type Inspected = Readonly<Record<string, unknown>> & {
  readonly layers: readonly Readonly<Record<string, unknown>>[];
  readonly settings: Readonly<Record<string, unknown>>;
};
