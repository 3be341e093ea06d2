import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCaptured } from '../../src/cli/testing.ts';
import { isSlimimageError } from '../../src/errors.ts';
import { auditImage } from '../../src/look/audit-image.ts';
import { diffImages } from '../../src/look/diff-images.ts';
import { extractImage } from '../../src/look/extract-image.ts';
import { inspectImage } from '../../src/look/inspect-image.ts';
import { listImageTree } from '../../src/look/list-image.ts';
import { verifyImage } from '../../src/look/verify/verify-image.ts';
import { withoutControls } from '../../src/util/printable.ts';
import { hostileLayout, raw, tar } from '../support/hostile-images.ts';
import { type Answers, hostileKinds, linkEntry, status } from '../support/hostile-kinds.ts';

describe('a hostile image ends in an error with a code or in the right answer, soon', () => {
  let folder = '';
  const looking = () => ({ store: join(folder, 'store'), cwd: folder, env: {} });
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slimimage-hostile-'));
    plain = await hostileLayout(join(folder, 'plain'), [tar(raw('x', { content: 'plain' }))]);
  });
  after(() => rm(folder, { recursive: true, force: true }));
  /** What the hostile ones are compared with. */
  let plain = '';

  /** The code of the error that it ends in, or its answer, in whole and in so many milliseconds of processor time. */
  async function end<T>(what: string, time: number, action: () => Promise<T>): Promise<T | string> {
    const before = process.cpuUsage();
    try {
      const answer = await action();
      JSON.stringify(answer);
      return answer;
    } catch (error) {
      if (!isSlimimageError(error)) throw error;
      assert.ok(error.message.length < 2000, error.message.slice(0, 200));
      return error.code;
    } finally {
      const { user, system } = process.cpuUsage(before);
      assert.ok((user + system) / 1000 < time, `${what}: ${(user + system) / 1000} ms of processor time`);
    }
  }

  async function answers(image: string): Promise<Answers> {
    const entries = await listImageTree(image, looking());
    const inspection = await inspectImage(image, { ...looking(), today: '2026-01-01' });
    const audit = await auditImage(image, { ...looking(), date: '2026-01-01' });
    return { entries, paths: entries.map(({ type, path }) => `${type} ${path}`), inspection, audit };
  }

  /** What reads images beside the list, each of which has to end as it does. */
  const others = (image: string, out: string): Readonly<Record<string, () => Promise<unknown>>> => ({
    inspect: () => inspectImage(image, { ...looking(), today: '2026-01-01' }),
    audit: () => auditImage(image, { ...looking(), date: '2026-01-01' }),
    'diff to it': () => diffImages(plain, image, { ...looking(), audit: true, date: '2026-01-01' }),
    'diff from it': () => diffImages(image, plain, looking()),
    'extract to a folder': () => extractImage(image, { ...looking(), target: { type: 'folder', folder: out } }),
    'extract as a tar': () => extractImage(image, { ...looking(), target: { type: 'stream', write: () => {} } }),
  });

  for (const [name, { image, ends, time = 2000 }] of Object.entries(hostileKinds)) {
    it(`${name}: ${typeof ends === 'string' ? ends : 'an answer'}`, async () => {
      const place = join(folder, name.replace(/[^a-z0-9]+/gi, '-'));
      const location = await image(place);
      const outcome = await end('list, inspect, audit', time, () => answers(location));
      if (typeof ends === 'string') assert.equal(typeof outcome === 'string' ? outcome : 'an answer', ends);
      else if (typeof outcome === 'string') assert.fail(`an answer was expected, not ${outcome}`);
      else ends(outcome);
      for (const [what, action] of Object.entries(others(location, `${place}-out`))) {
        const other = await end(what, time, action);
        const code = typeof other === 'string' ? other : 'an answer';
        assert.equal(code, typeof ends === 'string' ? ends : 'an answer', what);
      }
      // What keeps the others from reading is an answer here.
      const verification = await end('verify', time, () => verifyImage(location, looking()));
      if (typeof verification === 'string') assert.equal(verification, ends);
      else assert.equal(verification.verified, typeof ends !== 'string', JSON.stringify(verification).slice(0, 2000));
    });
  }

  it('nothing is extracted to the outside, whatever links say', async () => {
    const target = join(folder, 'outside');
    await mkdir(target);
    const climbing = '../'.repeat(20);
    const image = await hostileLayout(join(folder, 'leading-out'), [
      tar(linkEntry('up', `${climbing}${target}`), raw('up/one', { content: '1' })),
      tar(linkEntry('abs', target), raw('abs/two', { content: '2' }), linkEntry('last', `${target}/last`)),
      tar(raw('last', { content: '3' }), raw('x', { type: '1', link: 'abs' })),
    ]);
    const output = { type: 'folder', folder: join(folder, 'extracted') } as const;
    const report = await extractImage(image, { ...looking(), target: output });
    assert.equal(report.output, output.folder);
    assert.deepEqual(await readdir(target), []);
    const inside = target.slice(1);
    assert.equal(await readFile(join(output.folder, inside, 'one'), 'utf8'), '1');
    assert.equal(await readFile(join(output.folder, inside, 'two'), 'utf8'), '2');
    assert.equal(await readFile(join(output.folder, 'last'), 'utf8'), '3');
  });

  it('names and texts that command a terminal are shown without power over it', async () => {
    const control = String.fromCharCode(27);
    const evil = `${control}[2J${control}]0;owned\u0007\u009b31m\u202e`;
    const content = `root:x:0:0:${evil}:/:/bin/sh\n${evil}:x:0:0::/:${evil}\n`;
    const entries = [
      raw('etc/passwd', { content }),
      raw(`su${evil}`, { mode: 0o4755, content: 'x' }),
      linkEntry('l', evil),
      raw('var/lib/dpkg/status', {
        content: status.replace('Package: a', `Package: a${evil}`).replace('Version: 1', `Version: ${evil}`),
      }),
      raw('etc/os-release', { content: `ID=${evil}\nPRETTY_NAME="${evil}"\n` }),
    ];
    const config = {
      author: evil,
      config: { Env: [`${evil}=${evil}`], Labels: { [evil]: evil }, Entrypoint: [evil], User: evil, WorkingDir: evil },
      history: [{ created_by: `RUN ${evil}`, comment: evil, author: evil }],
    };
    const image = await hostileLayout(join(folder, 'evil'), [tar(...entries)], { config });
    const { store, cwd } = looking();
    for (const command of [['ls'], ['ls', '--long'], ['ls', '--layer', '1'], ['inspect'], ['audit']]) {
      const { stdout, stderr } = await runCaptured([...command, image, '--store', store], { cwd, isTTY: true });
      // Colours are our own.
      const shown = `${stdout}${stderr}`.replace(new RegExp(`${control}\\[[0-9;]*m`, 'g'), '');
      assert.equal(withoutControls(shown), shown, command.join(' '));
    }
  });
});
