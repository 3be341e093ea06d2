import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { layerMediaType } from '../../src/oci/media-types.ts';
import { type Digest, digestOf } from '../../src/util/digest.ts';
import type { LookImage } from './look-recipes.ts';
import type { LookScene } from './look-scene.ts';
import { startPodman } from './podman.ts';
import { startRegistry } from './registry.ts';

/**
 * One image in a form, as slimimage names it; `tree`: the form keeps no layers and no config; `rewritten`: its config is written anew as
 * OCI's, which has no SHELL.
 */
export interface LookForm {
  readonly name: string;
  readonly place: string;
  readonly tree?: true;
  readonly rewritten?: true;
}

/** An image in every form in which it may come, made by the tools that write these. */
export async function lookForms(
  scene: LookScene,
  image: LookImage,
  t: { after(action: () => Promise<void>): void },
): Promise<readonly LookForm[]> {
  const at = (name: string) => join(scene.folder, name);
  const saved = at('saved.tar');
  await scene.docker('save', '--output', saved, scene.tag(image));
  const skopeo = (...args: readonly string[]) =>
    execFileSync('skopeo', ['copy', '-q', `docker-archive:${saved}`, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  skopeo(`oci:${at('oci')}:1`);
  skopeo('--dest-compress-format', 'zstd', `oci:${at('zstd')}:1`);
  skopeo(`oci-archive:${at('oci-archive.tar')}`);

  const registry = await startRegistry(t);
  const pushed = `${registry.host}/look/${image}:1`;
  await scene.docker('tag', scene.tag(image), pushed);
  await scene.docker('push', pushed);

  const { podman, stop } = await startPodman();
  t.after(stop);
  for (const args of [
    ['load', '--input', saved],
    ['save', '--format', 'docker-archive', '--output', at('podman.tar'), scene.tag(image)],
    ['save', '--format', 'oci-archive', '--output', at('podman-oci.tar'), scene.tag(image)],
  ]) {
    const answer = await podman(args);
    assert.equal(answer.status, 0, answer.stderr);
  }
  writeOtherForms(saved, at);
  return [
    { name: 'engine', place: scene.place(image) },
    { name: 'docker save', place: `docker-archive:${saved}` },
    { name: 'layout by skopeo', place: `oci:${at('oci')}:1`, rewritten: true },
    { name: 'layout by skopeo, zstd', place: `oci:${at('zstd')}:1`, rewritten: true },
    { name: 'oci-archive by skopeo', place: `oci-archive:${at('oci-archive.tar')}`, rewritten: true },
    { name: 'pushed by the engine to a registry', place: `docker://${pushed}` },
    { name: 'podman save', place: `docker-archive:${at('podman.tar')}` },
    { name: 'podman save as OCI', place: `oci-archive:${at('podman-oci.tar')}`, rewritten: true },
    { name: 'as Kaniko names files', place: `docker-archive:${at('kaniko.tar')}` },
    { name: 'layers not compressed', place: `oci:${at('plain')}:1` },
    { name: 'layers of many gzip members', place: `oci:${at('members')}:1` },
    { name: 'docker export', place: `tar:${await scene.exported(image)}`, tree: true },
    { name: 'unpacked', place: `dir:${await scene.unpacked(image)}`, tree: true },
  ];
}

/** What no tool here writes, from the files of `docker save`. */
function writeOtherForms(saved: string, at: (name: string) => string): void {
  mkdirSync(at('save'));
  execFileSync('tar', ['-C', at('save'), '-xf', saved]);
  const [image] = JSON.parse(readFileSync(at('save/manifest.json'), 'utf8')) as { Config: string; Layers: string[] }[];
  assert.ok(image !== undefined);
  const config = readFileSync(at(join('save', image.Config)));
  const layers = image.Layers.map((name) => readFileSync(at(join('save', name))));

  // As go-containerregistry's tarball package writes it: compressed layers by digest, the config without an ending.
  mkdirSync(at('kaniko'));
  const names = layers.map((layer) => {
    const packed = gzipSync(layer);
    const name = `${digestOf(packed).slice('sha256:'.length)}.tar.gz`;
    writeFileSync(at(join('kaniko', name)), packed);
    return name;
  });
  writeFileSync(at(join('kaniko', digestOf(config))), config);
  writeFileSync(
    at('kaniko/manifest.json'),
    JSON.stringify([{ Config: digestOf(config), RepoTags: ['look/kaniko:1'], Layers: names }]),
  );
  execFileSync('tar', ['-C', at('kaniko'), '-cf', at('kaniko.tar'), digestOf(config), ...names, 'manifest.json']);

  writeLayout(at('plain'), config, layers, 'none');
  // A member for every few blocks, as eStargz has one for each file.
  const inMembers = layers.map((layer) => {
    const members = [];
    for (let offset = 0; offset < layer.length; offset += 65536)
      members.push(gzipSync(layer.subarray(offset, offset + 65536)));
    return Buffer.concat(members);
  });
  writeLayout(at('members'), config, inMembers, 'gzip');
}

function writeLayout(
  folder: string,
  config: Uint8Array,
  blobs: readonly Uint8Array[],
  compression: 'none' | 'gzip',
): void {
  mkdirSync(join(folder, 'blobs/sha256'), { recursive: true });
  const put = (bytes: Uint8Array, mediaType: string) => {
    const digest: Digest = digestOf(bytes);
    writeFileSync(join(folder, 'blobs', digest.replace(':', '/')), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: put(config, 'application/vnd.oci.image.config.v1+json'),
    layers: blobs.map((blob) => put(blob, layerMediaType(compression))),
  };
  const root = put(Buffer.from(JSON.stringify(manifest)), manifest.mediaType);
  const named = { ...root, annotations: { 'org.opencontainers.image.ref.name': '1' } };
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}
