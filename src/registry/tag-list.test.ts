import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failsWith } from '../../test/support/http-client.ts';
import type { Fault } from '../../test/support/misbehaving-registry.ts';
import { always, changesBody, changesHeaders, matching, refuses } from '../../test/support/registry-faults.ts';
import { startRepositoryScene as startScene } from '../../test/support/repository-scene.ts';
import { putImage } from '../store/target-suite.ts';

describe('the tags of a repository', () => {
  it('are listed page by page, in order', async () => {
    await using scene = await startScene({ pageSize: 2 });
    const image = await putImage(scene.target, 'x');
    for (const tag of ['b', 'latest', '1.10', 'B', '1.9']) await scene.target.tag(image, tag);
    assert.deepEqual(await scene.target.listTags(), ['1.10', '1.9', 'B', 'b', 'latest']);
  });

  it('are asked for without a number where the registry takes no such number', async () => {
    await using scene = await startScene({ pageSize: 2 });
    const image = await putImage(scene.target, 'x');
    for (const tag of ['a', 'b', 'c']) await scene.target.tag(image, tag);
    const isLarge: Fault['on'] = ({ path }) => path.endsWith('tags/list?n=1000');
    scene.registry.inject({
      ...refuses('GET tags/list', 400, { codes: ['PAGINATION_NUMBER_INVALID'] }),
      ...always,
      on: isLarge,
    });
    assert.deepEqual(await scene.target.listTags(), ['a', 'b', 'c']);
    scene.registry.inject(refuses('GET tags/list', 400, always));
    await failsWith('HTTP_STATUS', scene.target.listTags());
  });

  it('may be none, and the repository unknown', async () => {
    await using scene = await startScene();
    const error = await failsWith('IMAGE_NOT_FOUND', scene.target.listTags());
    assert.match(error.message, /there is no repository 127.0.0.1:[0-9]+\/app/);
    await scene.target.write(Buffer.from('x'));
    assert.deepEqual(await scene.target.listTags(), []);
    scene.registry.inject(changesBody('GET tags/list', () => Buffer.from('{"tags":null}')));
    assert.deepEqual(await scene.target.listTags(), []);
  });

  for (const [name, faults, code] of [
    [
      'that never end',
      [changesHeaders('GET tags/list', { link: '</v2/app/tags/list?last=x>; rel="next"' }, always)],
      'REGISTRY_INVALID',
    ],
    ['that bring nothing for ever', [endlessPages(() => [])], 'REGISTRY_INVALID'],
    [
      'that are more than anybody has',
      [endlessPages((at) => Array.from({ length: 10_000 }, (_, n) => `t${at}-${n}`))],
      'LIMIT_EXCEEDED',
    ],
    [
      'that go on at another host',
      [changesHeaders('GET tags/list', { link: '<http://127.0.0.2/v2/app/tags/list>; rel=next' })],
      'REGISTRY_INVALID',
    ],
    ['that are no tags', [changesBody('GET tags/list', () => Buffer.from('{"tags":["../x"]}'))], 'REGISTRY_INVALID'],
    ['that are no list', [changesBody('GET tags/list', () => Buffer.from('[1]'))], 'REGISTRY_INVALID'],
    ['that are not JSON', [changesBody('GET tags/list', () => Buffer.from('<html>'))], 'OCI_INVALID'],
    ['that nobody may list', [refuses('GET tags/list', 403, { codes: ['DENIED'] })], 'HTTP_AUTH'],
  ] as const) {
    it(`${name} end in a clear error`, async () => {
      await using scene = await startScene();
      await scene.target.tag(await putImage(scene.target, 'x'), 'latest');
      scene.registry.inject(...faults);
      await failsWith(code, scene.target.listTags());
    });
  }
});

function endlessPages(tags: (page: number) => readonly string[]): Fault {
  let page = 0;
  return {
    on: matching('GET tags/list'),
    ...always,
    answer({ response }) {
      page++;
      response.writeHead(200, { link: `</v2/app/tags/list?page=${page}>; rel="next"` });
      response.end(JSON.stringify({ tags: tags(page) }));
    },
  };
}
