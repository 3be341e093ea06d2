import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ErrorCode, isSlimimageError, type SlimimageError } from '../../src/errors.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { encodeImageConfig, encodeManifest } from '../../src/oci/encode.ts';
import { layerMediaType } from '../../src/oci/media-types.ts';
import type { RegistryTarget } from '../../src/registry/types.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import type { FileBacked } from '../../src/store/target.ts';
import type { ExpectedBlob, StoredBlob } from '../../src/store/types.ts';
import type { Digest } from '../../src/util/digest.ts';
import {
  type Fault,
  type MisbehavingOptions,
  type MisbehavingRegistry,
  startMisbehavingRegistry,
} from './misbehaving-registry.ts';
import { startRepositories } from './registry-access.ts';

export const MB = 1_000_000;
export const login = { user: 'mole', password: 'hunter2' };
const terminalEscape = String.fromCharCode(0x1b);

/** What a fault ends in: success, or an error of this code whose text has this. */
export type Ending = 'well' | readonly [ErrorCode, RegExp];

export interface FaultRow {
  readonly name: string;
  readonly faults: readonly Fault[];
  readonly ends: Ending;
  readonly registry?: MisbehavingOptions;
  /** Bytes of the layer. Default 1.5 MB. */
  readonly size?: number;
  /** Waits before the tries after the first, in milliseconds. */
  readonly waits?: readonly number[];
  /** What was asked for, in order. */
  readonly asked?: readonly string[];
  /** Whether an upload may be left lying there: nobody knows its address. */
  readonly leaves?: boolean;
}

export interface Scene extends AsyncDisposable {
  readonly registry: MisbehavingRegistry;
  readonly target: RegistryTarget;
  /** The same repository, seen by nobody yet. */
  another(): RegistryTarget;
  readonly source: MemoryStore;
  readonly root: Descriptor;
  readonly waits: readonly number[];
}

/** @param options.folder where the blobs of the source are files; without it they are in memory alone. */
export async function startScene(row: FaultRow, options: { readonly folder?: string } = {}): Promise<Scene> {
  const registry = await startMisbehavingRegistry(row.registry);
  const env = {
    SLIMIMAGE_REGISTRY_HOST: registry.host,
    SLIMIMAGE_REGISTRY_USER: login.user,
    SLIMIMAGE_REGISTRY_PASSWORD: login.password,
  };
  const repositories = startRepositories({ timeouts: { responseMs: 2000, idleMs: 150, idleBytes: 10 }, env });
  const source = options.folder === undefined ? new MemoryStore() : new FiledStore(options.folder);
  const root = await putLargeImage(source, row.size ?? 1.5 * MB);
  registry.inject(...row.faults);
  const another = () => repositories.open(registry.host, 'team/app');
  return {
    registry,
    target: another(),
    another,
    source,
    root,
    waits: repositories.waits,
    async [Symbol.asyncDispose]() {
      await repositories[Symbol.asyncDispose]();
      await registry.close();
    },
  };
}

/** Its files are what is sent, as from the local store. */
class FiledStore extends MemoryStore implements FileBacked {
  readonly #folder: string;

  constructor(folder: string) {
    super();
    this.#folder = folder;
  }

  override async write(bytes: Uint8Array, expected?: ExpectedBlob): Promise<StoredBlob> {
    const stored = await super.write(bytes, expected);
    const file = this.path(stored.digest);
    if (!existsSync(file)) await writeFile(file, bytes);
    return stored;
  }

  path(digest: Digest): string {
    return join(this.#folder, digest.replace(':', '-'));
  }
}

async function putLargeImage(store: MemoryStore, size: number): Promise<Descriptor> {
  const layer = await store.write(Buffer.alloc(size, 'a layer of some length'));
  const rootfs = { type: 'layers', diff_ids: [layer.digest] } as const;
  const config = encodeImageConfig({ os: 'linux', architecture: 'amd64', rootfs });
  await store.write(config.bytes);
  const layers = [{ mediaType: layerMediaType('none'), ...layer }];
  const { bytes, descriptor } = encodeManifest({ config: config.descriptor, layers });
  await store.write(bytes);
  return descriptor;
}

export async function endingOf(work: () => Promise<void>): Promise<'well' | SlimimageError> {
  try {
    await work();
    return 'well';
  } catch (error) {
    if (!isSlimimageError(error)) throw error;
    return error;
  }
}

export function checkEnding(row: FaultRow, ending: 'well' | SlimimageError, { registry, waits }: Scene): void {
  if (row.ends === 'well' || ending === 'well') assert.equal(ending, row.ends);
  else {
    const [code, words] = row.ends;
    assert.equal(ending.code, code, ending.message);
    assert.match(ending.message, words);
    for (const word of [terminalEscape, 'as I say', login.password])
      assert.ok(!`${ending.message} ${ending.hint}`.includes(word));
  }
  if (row.waits !== undefined) assert.deepEqual(waits, row.waits);
  if (row.asked !== undefined)
    assert.deepEqual(
      registry.asked().filter((kind) => kind !== 'GET base'),
      row.asked,
    );
  assert.equal(registry.pending, 0, 'every fault has befallen something');
  for (const { isElsewhere, headers } of registry.requests) {
    if (isElsewhere) assert.equal(headers['authorization'], undefined);
  }
}
