/**
 * The house: every room (folder of `src`, or file at its top), its floor, the rooms that it may import from beside
 * itself, and the npm packages that it may use. Imports go down, or sideways where a line here says so.
 */
export interface Room {
  readonly floor: number;
  readonly rooms: readonly string[];
  readonly packages?: readonly string[];
}

const ground = ['errors.ts', 'events.ts', 'limits.ts', 'util'];
const formats = ['formats/*'];
const models = ['oci', 'rootfs', 'distro'];
const algorithms = ['solver', 'effects', 'lock', 'sbom', 'provenance'];
const adapters = ['codecs', 'net', 'store', 'registry', 'archive', 'content', 'engine', 'image', 'config', 'signing'];
const below = [...ground, ...formats, ...models, ...algorithms, ...adapters];

export const rooms: Readonly<Record<string, Room>> = {
  'errors.ts': { floor: 0, rooms: [] },
  'events.ts': { floor: 0, rooms: [] },
  'limits.ts': { floor: 0, rooms: [] },
  util: { floor: 0, rooms: ['errors.ts', 'limits.ts'] },

  'formats/*': { floor: 1, rooms: ground },
  'formats/copyright': { floor: 1, rooms: ground, packages: ['spdx-license-ids'] },
  'formats/deb': { floor: 1, rooms: [...ground, 'formats/ar', 'formats/tar', 'formats/deb822', 'formats/compression'] },

  oci: { floor: 2, rooms: ground, packages: ['valibot'] },
  rootfs: { floor: 2, rooms: [...ground, 'formats/tar'] },
  distro: { floor: 2, rooms: [...ground, 'formats/deb822'] },

  // The solver sees the interface of an ecosystem, never one of them (held by its own test).
  solver: { floor: 3, rooms: [...ground, 'distro'] },
  effects: { floor: 3, rooms: [...ground, ...formats, 'rootfs', 'distro'] },

  // Versions are compared through the interface of an ecosystem.
  lock: { floor: 3, rooms: [...ground, 'oci', 'distro'], packages: ['valibot', '@valibot/to-json-schema'] },

  // Papers are functions of facts that the build gathers; they know neither archives nor files.
  sbom: { floor: 3, rooms: [...ground, ...formats, 'oci', 'distro'], packages: ['packageurl-js'] },
  provenance: { floor: 3, rooms: [...ground, 'oci', 'distro', 'sbom'] },

  codecs: {
    floor: 4,
    rooms: [...ground, ...formats, 'oci'],
    packages: ['@napi-rs/lzma', 'xz-decompress', '@foxglove/wasm-bz2', 'openpgp'],
  },
  net: { floor: 4, rooms: ground, packages: ['undici'] },
  store: { floor: 4, rooms: [...ground, ...formats, 'oci', 'codecs'] },
  registry: { floor: 4, rooms: [...ground, 'oci', 'net', 'store'] },
  signing: { floor: 4, rooms: [...ground, 'oci'], packages: ['@noble/ciphers'] },
  engine: { floor: 4, rooms: [...ground, 'oci'] },
  config: {
    floor: 4,
    rooms: [...ground, 'oci', 'distro', 'solver'],
    packages: ['yaml', 'valibot', '@valibot/to-json-schema'],
  },
  archive: { floor: 4, rooms: [...ground, ...formats, 'distro', 'codecs', 'net', 'store', 'config'] },
  content: { floor: 4, rooms: [...ground, ...formats, ...models, 'codecs', 'store'], packages: ['picomatch'] },
  image: {
    floor: 4,
    rooms: [...ground, ...formats, ...models, 'codecs', 'net', 'store', 'registry', 'engine', 'config'],
    packages: ['ignore', 'picomatch', 'valibot'],
  },

  // Images on their way, and their papers. A build ends in it; nothing of it knows how an image is made.
  deliver: { floor: 5, rooms: below },

  // A build may come from a lock. Updates and explanations stand beside it: nothing but the public API needs them.
  build: {
    floor: 5,
    rooms: [...below, 'build/layers', 'build/lock', 'build/papers', 'deliver'],
    packages: ['ignore', 'picomatch'],
  },
  'build/layers': { floor: 5, rooms: [...below, 'build'] },
  'build/lock': { floor: 5, rooms: [...below, 'build'] },
  'build/papers': { floor: 5, rooms: [...below, 'build', 'build/lock', 'deliver'] },
  'build/update': { floor: 5, rooms: [...below, 'build', 'build/lock'] },
  'build/why': { floor: 5, rooms: [...below, 'build', 'build/lock'] },
  'index.ts': { floor: 6, rooms: [...below, 'build', 'build/lock', 'build/update', 'build/why', 'deliver'] },
  // A front end sees the public API and what is thrown and told through it.
  cli: { floor: 7, rooms: ['index.ts', 'errors.ts', 'events.ts', 'util'], packages: ['commander'] },
};

/** The room of a path like `src/formats/tar/reader.ts`: `formats/tar`; so it is for the folders of `build`. */
export function roomOf(path: string): string {
  const parts = path.split('/').slice(1);
  const [first = ''] = parts;
  return ['formats', 'build'].includes(first) && parts.length > 2 ? `${first}/${parts[1]}` : first;
}

export function ruleOf(room: string): Room | undefined {
  return rooms[room] ?? (room.startsWith('formats/') ? rooms['formats/*'] : undefined);
}

export function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  const allowed = ruleOf(from)?.rooms ?? [];
  return allowed.includes(to) || (to.startsWith('formats/') && allowed.includes('formats/*'));
}
