import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failsWith } from '../../test/support/http-client.ts';
import { always, losesAnswer, refuses } from '../../test/support/registry-faults.ts';
import { startRepositoryScene as startScene } from '../../test/support/repository-scene.ts';
import { putImage } from '../store/target-suite.ts';
import { digestOf } from '../util/digest.ts';

describe('deleting', () => {
  it('takes a tag away, or an image with its tags', async () => {
    await using scene = await startScene();
    const image = await putImage(scene.target, 'x');
    for (const tag of ['a', 'b', 'c']) await scene.target.tag(image, tag);
    assert.equal(await scene.target.delete('a'), true);
    assert.equal(await scene.target.delete('a'), false);
    assert.deepEqual(await scene.target.listTags(), ['b', 'c']);
    assert.equal(await scene.target.delete(image.digest), true);
    assert.deepEqual(await scene.target.listTags(), []);
    assert.equal(await scene.target.resolve(image.digest), undefined);
  });

  it('is done also where the answer was lost', async () => {
    await using scene = await startScene();
    const image = await putImage(scene.target, 'x');
    await scene.target.tag(image, 'a');
    for (const reference of ['a', image.digest]) {
      scene.registry.inject(losesAnswer('DELETE manifests'));
      assert.equal(await scene.another().delete(reference), true);
    }
    assert.equal(scene.registry.repository('app').manifests.size, 0);
  });

  it('is not done where the registry says so of what stays', async () => {
    await using scene = await startScene();
    await scene.target.tag(await putImage(scene.target, 'x'), 'a');
    scene.registry.inject(refuses('DELETE manifests', 404));
    await failsWith('HTTP_STATUS', scene.another().delete('a'));
  });

  it('of what is not there is that, whatever the registry allows', async () => {
    await using scene = await startScene();
    await scene.target.tag(await putImage(scene.target, 'x'), 'a');
    scene.registry.inject(refuses('DELETE manifests', 400, always));
    assert.equal(await scene.target.delete('nope'), false);
    assert.equal(await scene.target.delete(digestOf('nope')), false);
    await failsWith('HTTP_STATUS', scene.target.delete('a'));
  });

  it('says what to do where the registry does not allow it', async () => {
    await using scene = await startScene();
    const image = await putImage(scene.target, 'x');
    await scene.target.tag(image, 'a');
    scene.registry.inject(refuses('DELETE manifests', 405, { codes: ['UNSUPPORTED'], times: 2 }));
    const tag = await failsWith('HTTP_STATUS', scene.target.delete('a'));
    assert.match(tag.message, /app: cannot delete a: the registry takes no single tag away \(405\)/);
    assert.match(tag.hint ?? '', new RegExp(`slimimage tags docker://.*/app --delete ${image.digest}`));
    const whole = await failsWith('HTTP_STATUS', scene.target.delete(image.digest));
    assert.match(whole.message, /the registry does not allow it \(405 UNSUPPORTED\)/);
    assert.match(whole.hint ?? '', /switched on/);
  });
});
