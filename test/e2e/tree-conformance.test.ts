import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { copyImage } from '../../src/index.ts';
import { withTree } from '../../src/look/with-tree.ts';
import type { LayerEntry } from '../../src/rootfs/entry.ts';
import { OciLayout } from '../../src/store/oci-layout.ts';
import { disputedSequences, namedSequences } from '../support/adversarial-layers.ts';
import { drawnSequence } from '../support/drawn-layers.ts';
import { lackingDocker, startEngine, type TestEngine } from '../support/engine.ts';
import { putSampleImage, type SampleLayer } from '../support/images.ts';
import { lacking } from '../support/need.ts';

/** What `docker export` tells of attributes. */
function exported(picture: Picture): Picture {
  return Object.fromEntries(Object.entries(picture).map(([path, text]) => [path, text.replace(/ user\.\S+/g, '')]));
}

function shownAttributes(xattrs: LayerEntry['xattrs']): string {
  const values = [...(xattrs ?? [])].map(([name, value]) => `${name}=0x${Buffer.from(value).toString('hex')}`);
  return values.sort().join(' ');
}

/** As getfattr(1) sees those below `t`; its own escapes do not matter to what has some. */
function attributesOnDisk(root: string): ReadonlyMap<string, string> {
  const argv = ['-R', '-P', '-h', '-d', '-m', '^(user|security.capability)', '-e', 'hex', 't'];
  const { status, stdout, stderr } = spawnSync('getfattr', argv, { cwd: root, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return new Map(
    stdout
      .split('\n\n')
      .filter((block) => block.startsWith('# file: '))
      .map((block) => {
        const [path = '', ...values] = block.trimEnd().split('\n');
        return [path.slice('# file: '.length), values.sort().join(' ')];
      }),
  );
}

const sequences: Readonly<Record<string, readonly SampleLayer[]>> = {
  ...namedSequences,
  ...Object.fromEntries(Array.from({ length: 20 }, (_, seed) => [`drawn by ${seed}`, drawnSequence(seed)])),
};

/** Path -> `file 0644 0:0 5 SHA256 user.x=0x31 = first of its names`, `character 0666 0:0 0 1,3`. */
type Picture = Readonly<Record<string, string>>;

describe('the tree of layers', () => {
  let folder = '';
  let options = { store: '', cwd: '', env: {} };
  let number = 0;

  /** The image in a layout of its own; returns the folder, relative to `folder`. */
  async function layoutOf(layers: readonly SampleLayer[]): Promise<string> {
    const name = `image-${number++}`;
    const layout = await OciLayout.create(join(folder, name));
    await layout.tag(await putSampleImage(layout, { layers, cmd: ['/none'] }), 'latest');
    return name;
  }

  /** @param attributes of paths, where the image is a form that keeps none */
  const picture = (image: string, attributes?: ReadonlyMap<string, string>): Promise<Picture> =>
    withTree(image, options, async ({ rootfs }) => {
      const nodes = [...rootfs.walk('t'), ...[rootfs.get('t') ?? assert.fail('no t/')]];
      const firsts = new Map<number, string>();
      for (const { inode, entry } of nodes) {
        const first = firsts.get(inode);
        if (first === undefined || entry.path < first) firsts.set(inode, entry.path);
      }
      return Object.fromEntries(
        nodes.map(({ entry, inode }) => {
          const { type, uid, gid, size, sha256 = '', linkTarget = '' } = entry;
          const mode = type === 'symlink' ? '' : entry.mode.toString(8).padStart(4, '0');
          const first = firsts.get(inode) === entry.path ? '' : `= ${firsts.get(inode)}`;
          const device = entry.deviceMajor === undefined ? '' : `${entry.deviceMajor},${entry.deviceMinor}`;
          const more = attributes?.get(entry.path) ?? shownAttributes(entry.xattrs);
          const texts = [type, mode, `${uid}:${gid}`, size, sha256, linkTarget, device, more, first];
          return [entry.path, texts.filter((text) => text !== '').join(' ')];
        }),
      );
    });

  /** What a tool says of a tree of ours. */
  async function verdict(layers: readonly SampleLayer[], tool: (layout: string) => Promise<Picture>): Promise<string> {
    const layout = await layoutOf(layers);
    const ours = await picture(`oci:${layout}`);
    const theirs = await tool(layout).catch(() => undefined);
    return theirs === undefined ? 'refuses' : isDeepStrictEqual(ours, theirs) ? 'agrees' : 'differs';
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slimimage-trees-'));
    options = { store: join(folder, 'store'), cwd: folder, env: {} };
  });
  after(() => rm(folder, { recursive: true, force: true }));

  describe('is what umoci unpacks', { skip: lacking({ commands: ['umoci', 'getfattr'], root: true }) }, () => {
    const unpack = async (layout: string): Promise<Picture> => {
      const argv = ['unpack', '--image', `${layout}:latest`, `${layout}-umoci`];
      const { status, stderr } = spawnSync('umoci', argv, { cwd: folder, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      return picture(`dir:${layout}-umoci/rootfs`, attributesOnDisk(join(folder, `${layout}-umoci/rootfs`)));
    };
    for (const [name, layers] of Object.entries(sequences)) {
      it(name, async () => {
        const layout = await layoutOf(layers);
        assert.deepEqual(await picture(`oci:${layout}`), await unpack(layout));
      });
    }
    for (const [name, { layers, umoci }] of Object.entries(disputedSequences)) {
      it(`disputed: ${name}: it ${umoci}`, async () => assert.equal(await verdict(layers, unpack), umoci));
    }
  });

  describe('is what docker load, create and export make', { skip: lackingDocker }, () => {
    let engine: TestEngine;
    before(async () => {
      engine = await startEngine({ storageDriver: 'vfs' });
    });
    after(() => engine?.stop());

    const docker = async (...args: string[]): Promise<string> => {
      const { status, stdout, stderr } = await engine.docker(args);
      assert.equal(status, 0, stderr);
      return stdout.trim();
    };
    const throughDocker = async (layout: string): Promise<Picture> => {
      await copyImage(`oci:${layout}`, `docker-archive:${layout}.tar:test/${layout}:1`, options);
      await docker('load', '-i', join(folder, `${layout}.tar`));
      const container = await docker('create', `test/${layout}:1`);
      await docker('export', '-o', join(folder, `${layout}-export.tar`), container);
      await docker('rm', container);
      await docker('rmi', `test/${layout}:1`);
      return picture(`tar:${layout}-export.tar`);
    };
    for (const [name, layers] of Object.entries(sequences)) {
      it(name, async () => {
        const layout = await layoutOf(layers);
        assert.deepEqual(exported(await picture(`oci:${layout}`)), await throughDocker(layout));
      });
    }
    for (const [name, { layers, docker: expected }] of Object.entries(disputedSequences)) {
      it(`disputed: ${name}: it ${expected}`, async () => assert.equal(await verdict(layers, throughDocker), expected));
    }
  });
});
