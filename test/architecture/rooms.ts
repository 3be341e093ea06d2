/**
 * The house: every room (folder of `src`, or file at its top), its floor, the rooms that it may import from beside
 * itself, and the npm packages that it may use. Imports go down, or sideways where a line here says so.
 */
export interface Room {
  readonly floor: number;
  readonly rooms: readonly string[];
  readonly packages?: readonly string[];
}

/** Rooms may stand on it without saying so. */
export const ground = ['errors.ts', 'events.ts', 'limits.ts', 'util'];

export const rooms: Readonly<Record<string, Room>> = {
  'errors.ts': { floor: 0, rooms: [] },
  'events.ts': { floor: 0, rooms: [] },
  'limits.ts': { floor: 0, rooms: [] },
  util: { floor: 0, rooms: ['errors.ts'] },

  'formats/*': { floor: 1, rooms: ground },
  'formats/copyright': { floor: 1, rooms: ground, packages: ['spdx-license-ids'] },
  'formats/deb': { floor: 1, rooms: [...ground, 'formats/ar', 'formats/compression'] },

  'formats/xml': { floor: 1, rooms: ground, packages: ['saxes'] },
  'formats/gvdb': { floor: 1, rooms: [...ground, 'formats/glib'] },
  'formats/gschema': {
    floor: 1,
    rooms: [...ground, 'formats/glib', 'formats/gvariant', 'formats/gvdb', 'formats/xml'],
  },
  'formats/mime': { floor: 1, rooms: [...ground, 'formats/glib', 'formats/xml'] },

  oci: { floor: 2, rooms: ground, packages: ['valibot'] },
  rootfs: { floor: 2, rooms: ground },
  distro: { floor: 2, rooms: [...ground, 'formats/deb822'] },

  // What is known of any image, as a value.
  view: { floor: 2, rooms: [...ground, 'formats/elf', 'oci', 'rootfs', 'distro'] },

  // The solver sees the interface of an ecosystem, never one of them (held by its own test).
  solver: { floor: 3, rooms: [...ground, 'distro'] },
  effects: {
    floor: 3,
    rooms: [
      ...ground,
      ...['formats/elf', 'formats/gschema', 'formats/jks', 'formats/ldcache', 'formats/mime', 'formats/x509'],
      ...['oci', 'rootfs', 'scripts'],
    ],
  },
  scripts: { floor: 3, rooms: [...ground, 'oci'], packages: ['unbash'] },
  prune: { floor: 3, rooms: [...ground, 'scripts'] },
  check: { floor: 3, rooms: [...ground, 'formats/elf', 'formats/ldcache', 'formats/shebang', 'oci', 'rootfs'] },

  // Versions are compared through the interface of an ecosystem.
  lock: { floor: 3, rooms: [...ground, 'oci', 'distro'], packages: ['valibot', '@valibot/to-json-schema'] },

  // Papers are functions of facts that the build gathers; they know neither archives nor files.
  sbom: { floor: 3, rooms: [...ground, 'oci'], packages: ['packageurl-js'] },
  provenance: { floor: 3, rooms: [...ground, 'sbom'] },

  inspect: {
    floor: 3,
    rooms: [...ground, 'formats/shebang', 'oci', 'rootfs', 'distro', 'view', 'check', 'secrets'],
  },
  // What is said of an image: functions of its view. Rules of secrets know texts alone.
  secrets: { floor: 3, rooms: [...ground, 'rootfs', 'view'] },
  audit: {
    floor: 3,
    rooms: [...ground, 'formats/elf', 'formats/shebang', 'oci', 'rootfs', 'distro', 'view', 'secrets'],
    packages: ['picomatch'],
  },
  compare: {
    floor: 3,
    rooms: [...ground, 'formats/elf', 'oci', 'rootfs', 'distro', 'view', 'audit', 'secrets', 'lock'],
    packages: ['diff'],
  },

  codecs: {
    floor: 4,
    rooms: [...ground, 'formats/*', 'oci'],
    packages: ['@napi-rs/lzma', 'xz-decompress', 'openpgp'],
  },
  net: { floor: 4, rooms: ground, packages: ['undici'] },
  store: { floor: 4, rooms: [...ground, 'oci'] },
  registry: { floor: 4, rooms: [...ground, 'oci', 'net', 'store'] },
  signing: { floor: 4, rooms: [...ground, 'oci'], packages: ['@noble/ciphers'] },
  // The compiler is found where it is installed, never imported by name.
  bytecode: { floor: 4, rooms: [...ground, 'store'] },
  engine: { floor: 4, rooms: [...ground, 'oci'] },
  config: {
    floor: 4,
    rooms: [...ground, 'oci', 'solver'],
    packages: ['yaml', 'valibot', '@valibot/to-json-schema'],
  },
  archive: { floor: 4, rooms: [...ground, 'formats/*', 'distro', 'codecs', 'net', 'store', 'config'] },
  content: {
    floor: 4,
    rooms: [...ground, 'formats/*', 'oci', 'rootfs', 'prune', 'codecs', 'store'],
    packages: ['picomatch'],
  },
  image: {
    floor: 4,
    rooms: [...ground, 'formats/*', 'oci', 'rootfs', 'view', 'secrets', 'codecs', 'store', 'registry', 'engine'],
    packages: ['valibot'],
  },

  // Images on their way, and their papers. A build ends in it; nothing of it knows how an image is made.
  deliver: { floor: 5, rooms: [...ground, 'oci', 'sbom', 'provenance', 'store', 'registry', 'image', 'signing'] },

  // A build may come from a lock. Updates and explanations stand beside it: nothing but the public API needs them.
  build: {
    floor: 5,
    rooms: [
      ...ground,
      ...['formats/tar', 'oci', 'rootfs', 'distro', 'solver', 'effects', 'prune', 'scripts', 'check', 'lock'],
      ...['net', 'store', 'registry', 'archive', 'bytecode', 'content', 'image', 'config', 'signing'],
      ...['build/check', 'build/layers', 'build/lock', 'build/papers', 'deliver'],
    ],
    packages: ['picomatch'],
  },
  'build/layers': { floor: 5, rooms: [...ground, 'oci', 'solver', 'config', 'build'] },
  'build/lock': {
    floor: 5,
    rooms: [
      ...ground,
      ...['formats/deb822', 'oci', 'distro', 'solver', 'effects', 'prune', 'lock'],
      ...['store', 'archive', 'content', 'image', 'config', 'build'],
    ],
  },
  'build/papers': {
    floor: 5,
    rooms: [
      ...ground,
      ...['formats/*', 'oci', 'rootfs', 'distro', 'solver', 'scripts', 'sbom', 'provenance'],
      ...['store', 'archive', 'content', 'engine', 'image', 'config', 'build', 'build/lock', 'deliver'],
    ],
  },
  'build/update': {
    floor: 5,
    rooms: [
      ...ground,
      ...['formats/changelog', 'oci', 'distro', 'solver', 'lock', 'archive', 'config', 'build', 'build/lock'],
    ],
  },
  'build/check': {
    floor: 5,
    rooms: [
      ...ground,
      ...['oci', 'rootfs', 'distro', 'view', 'solver', 'check'],
      ...['store', 'archive', 'content', 'image', 'config', 'build', 'build/why'],
    ],
    packages: ['picomatch'],
  },
  'build/why': {
    floor: 5,
    rooms: [
      ...ground,
      ...['oci', 'rootfs', 'distro', 'view', 'solver', 'prune', 'lock'],
      ...['content', 'image', 'config', 'build', 'build/lock', 'deliver'],
    ],
  },
  // Looking at any image: the use cases over views.
  look: {
    floor: 5,
    rooms: [...ground, 'oci', 'rootfs', 'view', 'inspect', 'audit', 'compare', 'image', 'config', 'build'],
  },
  'look/verify': {
    floor: 5,
    rooms: [
      ...ground,
      ...[
        'formats/deb822',
        'oci',
        'rootfs',
        'view',
        'distro',
        'content',
        'lock',
        'provenance',
        'net',
        'store',
        'archive',
        'config',
        'image',
        'signing',
      ],
      ...['build', 'build/lock', 'deliver'],
    ],
  },
  // The functions of the public API; index.ts names them and the types that they speak of.
  api: {
    floor: 6,
    rooms: [
      ...ground,
      ...['audit', 'compare', 'lock', 'store', 'registry', 'config', 'inspect'],
      ...['build', 'build/check', 'build/lock', 'build/update', 'build/why', 'deliver', 'look', 'look/verify'],
    ],
  },
  'index.ts': {
    floor: 6,
    rooms: [
      ...ground,
      ...['api', 'oci', 'audit', 'compare', 'lock', 'scripts', 'registry', 'config', 'check', 'inspect'],
      ...['build', 'build/check', 'build/lock', 'build/update', 'build/why', 'deliver', 'look', 'look/verify'],
    ],
  },
  // A front end sees the public API and what is thrown and told through it.
  cli: { floor: 7, rooms: ['index.ts', 'errors.ts', 'events.ts', 'util'], packages: ['commander'] },
};

/** The room of a path like `src/formats/tar/reader.ts`: `formats/tar`; so it is for the folders of `build`. */
export function roomOf(path: string): string {
  const parts = path.split('/').slice(1);
  const [first = ''] = parts;
  return ['formats', 'build', 'look'].includes(first) && parts.length > 2 ? `${first}/${parts[1]}` : first;
}

export function ruleOf(room: string): Room | undefined {
  return rooms[room] ?? (room.startsWith('formats/') ? rooms['formats/*'] : undefined);
}

export function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  const allowed = ruleOf(from)?.rooms ?? [];
  return allowed.includes(to) || (to.startsWith('formats/') && allowed.includes('formats/*'));
}
