import assert from 'node:assert/strict';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { AuditReport } from '../../src/audit/types.ts';
import type { Inspection } from '../../src/inspect/types.ts';
import type { ListedEntry } from '../../src/look/list-image.ts';
import { base256, hostileArchive, hostileLayout, layoutOf, pax, put, raw, tar } from './hostile-images.ts';

/** What looking at an image told. */
export interface Answers {
  /** A line an entry: `file etc/passwd`. */
  readonly paths: readonly string[];
  readonly entries: readonly ListedEntry[];
  readonly inspection: Inspection;
  readonly audit: AuditReport;
}

export interface Kind {
  /** Writes the image below a new folder; returns its location. */
  readonly image: (folder: string) => Promise<string>;
  /** The code of the error that every look ends in, or what the answers have to be. */
  readonly ends: string | ((answers: Answers) => void);
  /** Milliseconds of processor time for the first list, inspection and audit, and for each other look alone; undefined: 2000. */
  readonly time?: number;
}

const layer =
  (...entries: readonly Uint8Array[]) =>
  (folder: string) =>
    hostileLayout(folder, [tar(...entries)]);
/** The same for many entries, made when they are needed. */
const manyEntries = (entries: () => readonly Uint8Array[]) => (folder: string) =>
  hostileLayout(folder, [Buffer.concat([...entries(), Buffer.alloc(1024)])]);
const has =
  (...paths: readonly string[]) =>
  (answers: Answers) =>
    assert.deepEqual(answers.paths, paths);
const folderEntry = (name: string) => raw(name, { type: '5', mode: 0o755 });
export const linkEntry = (name: string, link: string) => raw(name, { type: '2', link, mode: 0o777 });
/** A package in dpkg's status. */
export const status = 'Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nMaintainer: a\n\n';

/** Images made to harm who looks at them, each with what looking has to end in. */
export const hostileKinds: Readonly<Record<string, Kind>> = {
  'a path that climbs': { image: layer(raw('../etc/passwd')), ends: 'PATH_UNSAFE' },
  'a path that climbs and stays inside': { image: layer(raw('a/b/../c')), ends: 'PATH_UNSAFE' },
  'an absolute path': { image: layer(raw('/etc/passwd')), ends: has('directory etc', 'file etc/passwd') },
  'a NUL in a path': { image: layer(pax({ path: 'etc/passwd\0.txt' }), raw('x')), ends: 'TAR_INVALID' },
  'a file as parent': { image: layer(raw('a'), raw('a/b')), ends: 'OCI_INVALID' },
  'a write through a symlink that leads out': {
    image: layer(linkEntry('d', '../../../../tmp'), raw('d/owned')),
    ends: has('symlink d', 'directory tmp', 'file tmp/owned'),
  },
  'a write through an absolute symlink': {
    image: layer(linkEntry('d', '/etc'), raw('d/passwd', { content: 'x' })),
    ends: has('symlink d', 'directory etc', 'file etc/passwd'),
  },
  'a write through links in a circle': {
    image: layer(linkEntry('a', 'b'), linkEntry('b', 'a'), raw('a/x')),
    ends: 'OCI_INVALID',
  },
  'a hard link to the outside': {
    image: layer(raw('x', { type: '1', link: '../../etc/shadow' })),
    ends: 'PATH_UNSAFE',
  },
  'a hard link to a folder': {
    image: layer(folderEntry('d/'), raw('x', { type: '1', link: 'd' })),
    ends: 'OCI_INVALID',
  },
  'a hard link to nothing': { image: layer(raw('x', { type: '1', link: 'y' })), ends: 'OCI_INVALID' },
  'a hard link to itself': { image: layer(raw('x', { type: '1', link: 'x' })), ends: 'OCI_INVALID' },
  'a whiteout of ..': { image: layer(raw('d/.wh...')), ends: 'PATH_UNSAFE' },
  'a whiteout of nothing': { image: layer(raw('.wh.')), ends: 'PATH_UNSAFE' },
  'a whiteout that is a folder': {
    image: (folder) => hostileLayout(folder, [tar(raw('x')), tar(folderEntry('.wh.x/'))]),
    ends: has(),
  },
  'a file in a whiteout': { image: layer(folderEntry('.wh.x/'), raw('.wh.x/y')), ends: 'PATH_UNSAFE' },
  'a device': {
    image: layer(raw('disk', { type: '4', mode: 0o666 })),
    ends: ({ paths, audit }) => {
      assert.deepEqual(paths, ['block disk']);
      assert.ok(audit.findings.some(({ rule, path }) => /device/.test(rule) && path?.includes('disk')));
    },
  },
  'a size that is too large for the tar': { image: layer(raw('x', { size: 4096 })), ends: 'TAR_INVALID' },
  'a negative size': { image: layer(raw('x', { size: base256(-1n) })), ends: 'TAR_INVALID' },
  'a size beyond all numbers': { image: layer(raw('x', { size: base256(1n << 90n) })), ends: 'TAR_INVALID' },
  'a tar that is cut off': {
    image: (folder) => hostileLayout(folder, [raw('x', { content: 'x'.repeat(2000) }).subarray(0, 1024)]),
    ends: 'TAR_INVALID',
  },
  'a gzip stream that is cut off': {
    image: (folder) => {
      const whole = tar(raw('x', { content: 'x'.repeat(2000) }));
      return hostileLayout(folder, [whole], { blobs: [gzipSync(whole).subarray(0, -10)] });
    },
    ends: 'COMPRESSION_INVALID',
  },
  'no tar at all': { image: (folder) => hostileLayout(folder, [Buffer.from('x'.repeat(2000))]), ends: 'TAR_INVALID' },
  'a gzip bomb, which is read in bounded memory': {
    image: layer(raw('x', { content: Buffer.alloc(200_000_000) })),
    ends: ({ inspection }) => assert.match(JSON.stringify(inspection), /200000000/),
    time: 6000,
  },
  'a zstd bomb': {
    image: (folder) => {
      const whole = tar(raw('x', { content: Buffer.alloc(210_000_000) }));
      const mediaType = 'application/vnd.oci.image.layer.v1.tar+zstd';
      return hostileLayout(folder, [whole], { blobs: [zstdCompressSync(whole)], mediaType });
    },
    ends: 'LIMIT_EXCEEDED',
    time: 6000,
  },
  'a zstd frame with a window of 2 TB': {
    image: (folder) => {
      const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 0x01, 0x00, 0x00]);
      const mediaType = 'application/vnd.oci.image.layer.v1.tar+zstd';
      return hostileLayout(folder, [tar()], { blobs: [frame], mediaType });
    },
    ends: 'COMPRESSION_INVALID',
  },
  'a hundred thousand empty files': {
    image: manyEntries(() => Array.from({ length: 100_000 }, (_, index) => raw(`d${index % 50}/${index}`))),
    ends: ({ paths }) => assert.equal(paths.length, 100_050),
    time: 15_000,
  },
  'a path that is too deep': { image: layer(pax({ path: `${'d/'.repeat(300)}x` }), raw('x')), ends: 'PATH_UNSAFE' },
  'a path that is too long': { image: layer(pax({ path: 'x'.repeat(5000) }), raw('x')), ends: 'LIMIT_EXCEEDED' },
  'a pax header of 2 MB': {
    image: layer(pax({ comment: 'x'.repeat(2_000_000) }), raw('x')),
    ends: 'LIMIT_EXCEEDED',
  },
  'a pax record that lies about its length': {
    image: layer(raw('pax', { type: 'x', content: '99 path=x\n' }), raw('x')),
    ends: 'TAR_INVALID',
  },
  'an attribute of 900 kB': {
    image: layer(pax({ 'SCHILY.xattr.user.x': 'x'.repeat(900_000) }), raw('x')),
    ends: has('file x'),
  },
  'a path twice, the last counts': {
    image: layer(raw('x', { content: 'one' }), raw('x', { content: 'three' })),
    ends: ({ entries }) =>
      assert.deepEqual(
        entries.map(({ path, size }) => [path, size]),
        [['x', 5]],
      ),
  },
  'times before 1970 and after all calendars': {
    image: layer(raw('old', { mtime: base256(-86_400n) }), raw('late', { mtime: base256(1n << 50n) })),
    ends: ({ entries }) => assert.equal(entries.find(({ path }) => path === 'old')?.mtime, -86_400),
  },
  'a name that is not UTF-8': {
    image: layer(raw(Buffer.from([0x78, 0xff, 0xfe]))),
    ends: ({ paths }) => assert.equal(paths.length, 1),
  },
  'links in a circle at all that is looked up': {
    image: (folder) =>
      hostileLayout(
        folder,
        [
          tar(
            ...['etc/passwd', 'etc/group', 'etc/os-release', 'var/lib/dpkg/status'].flatMap((path) => [
              linkEntry(path, `/${path}.1`),
              linkEntry(`${path}.1`, `/${path}`),
            ]),
            linkEntry('bin', 'sbin'),
            linkEntry('sbin', 'bin'),
          ),
        ],
        { config: { config: { Entrypoint: ['sh'], Env: ['PATH=/bin:/sbin'], User: 'nobody' } } },
      ),
    ends: ({ paths }) => assert.equal(paths.length, 14),
  },
  'a script that is its own interpreter': {
    image: (folder) =>
      hostileLayout(folder, [tar(raw('run', { mode: 0o755, content: '#!/run\n' }))], {
        config: { config: { Entrypoint: ['/run'] } },
      }),
    ends: has('file run'),
  },
  'long chains of long links, walked for every entry': {
    image: manyEntries(() => [
      ...Array.from({ length: 38 }, (_, index) =>
        Buffer.concat([pax({ linkpath: `${'./'.repeat(1900)}l${index + 1}` }), linkEntry(`l${index}`, 'x')]),
      ),
      folderEntry('l38/'),
      ...Array.from({ length: 20_000 }, (_, index) => raw(`${index % 2 === 0 ? 'l1' : 'l2'}/${index}`)),
    ]),
    ends: 'LIMIT_EXCEEDED',
    time: 8000,
  },
  'more diff IDs than layers': {
    image: (folder) =>
      hostileLayout(folder, [tar()], { diffIds: [`sha256:${'0'.repeat(64)}`, `sha256:${'1'.repeat(64)}`] }),
    ends: 'OCI_INVALID',
  },
  'a layer with another diff ID': {
    image: (folder) => hostileLayout(folder, [tar()], { diffIds: [`sha256:${'0'.repeat(64)}`] }),
    ends: 'DIGEST_MISMATCH',
  },
  'a layer that is not there': {
    image: (folder) => hostileLayout(folder, [tar()], { missing: [0] }),
    ends: 'STORE',
  },
  // What is known of a diff ID is not read again: the content has to be new.
  'another blob of the same size under the digest': {
    image: (folder) => {
      const told = tar(raw('x', { content: 'told' }));
      const other = gzipSync(tar(raw('x', { content: 'else' })));
      return hostileLayout(folder, [told], { instead: other });
    },
    ends: 'DIGEST_MISMATCH',
  },
  'a blob that is larger than the manifest says': {
    image: (folder) => {
      const told = tar(raw('x', { content: 'larger' }));
      return hostileLayout(folder, [told], { instead: Buffer.concat([gzipSync(told), Buffer.alloc(1_000_000)]) });
    },
    ends: 'COMPRESSION_INVALID',
  },
  'a document that is manifest and index at once': {
    image: (folder) => hostileLayout(folder, [tar()], { manifest: (manifest) => ({ ...manifest, manifests: [] }) }),
    ends: 'OCI_INVALID',
  },
  'indexes in indexes in indexes': {
    image: async (folder) => {
      const mediaType = 'application/vnd.oci.image.index.v1+json';
      let inner: object = { schemaVersion: 2, mediaType, manifests: [] };
      for (let depth = 0; depth < 50; depth++) {
        const descriptor = await put(folder, Buffer.from(JSON.stringify(inner)));
        inner = { schemaVersion: 2, mediaType, manifests: [{ mediaType, ...descriptor }] };
      }
      return layoutOf(folder, inner, mediaType);
    },
    ends: 'LIMIT_EXCEEDED',
  },
  'a config of 5 MB': {
    image: (folder) => hostileLayout(folder, [tar()], { config: { author: 'x'.repeat(5_000_000) } }),
    ends: 'LIMIT_EXCEEDED',
  },
  'a config of ten thousand brackets': {
    image: (folder) => hostileLayout(folder, [tar()], { configText: `${'['.repeat(10_000)}${']'.repeat(10_000)}` }),
    ends: 'OCI_INVALID',
  },
  'a config that is no object': {
    image: (folder) => hostileLayout(folder, [tar()], { configText: 'null' }),
    ends: 'OCI_INVALID',
  },
  'a history of 100,000 steps for one layer': {
    image: (folder) =>
      hostileLayout(folder, [tar(raw('x'))], {
        config: { history: Array.from({ length: 100_000 }, () => ({ created_by: 'RUN x' })) },
      }),
    ends: has('file x'),
    time: 4000,
  },
  'settings that make no sense': {
    image: (folder) =>
      hostileLayout(folder, [tar(raw('x'))], {
        config: {
          config: {
            Env: ['NOVALUE', '=', '=x', 'PATH', ''],
            Entrypoint: ['', '\0', '-'],
            Cmd: ['x'.repeat(100_000)],
            User: ':::::',
            WorkingDir: '../../..',
            ExposedPorts: { 'x/y/z': {}, '-1/tcp': {}, '99999999999/udp': {} },
            Volumes: { '..': {} },
            Labels: { '': '' },
            StopSignal: 'SIGNOTHING',
          },
          created: 'yesterday',
          history: [{ created: 'x', created_by: `|9999 ${'x='.repeat(50_000)}` }],
        },
      }),
    ends: has('file x'),
  },
  'a layer path of an archive that climbs': {
    image: (folder) => hostileArchive(folder, ['../../../../etc/passwd']),
    ends: 'PATH_UNSAFE',
  },
  'links of an archive in a circle': {
    image: (folder) =>
      hostileArchive(
        folder,
        ['a/layer.tar'],
        linkEntry('a/layer.tar', '../b/layer.tar'),
        linkEntry('b/layer.tar', '../a/layer.tar'),
      ),
    ends: 'OCI_INVALID',
  },
  'a layer of an archive that is a link to the outside': {
    image: (folder) => hostileArchive(folder, ['layer.tar'], linkEntry('layer.tar', '/etc/passwd')),
    ends: 'OCI_INVALID',
  },
  'a dpkg status of 40,000 packages': {
    image: layer(raw('var/lib/dpkg/status', { content: status.repeat(40_000) })),
    ends: ({ paths }) => assert.equal(paths.length, 4),
    time: 6000,
  },
  'a dpkg status that is one line of 8 MB': {
    image: layer(raw('var/lib/dpkg/status', { content: 'x'.repeat(8_000_000) })),
    ends: ({ paths }) => assert.equal(paths.length, 4),
  },
  'dependencies without an end': {
    image: layer(
      raw('var/lib/dpkg/status', {
        content: status.replace('\n\n', `\nDepends: ${'a | '.repeat(200_000)}a\nSource: ${'('.repeat(100_000)}\n\n`),
      }),
    ),
    ends: ({ paths }) => assert.equal(paths.length, 4),
    time: 4000,
  },
  'an ELF file with absurd tables': {
    image: (folder) => {
      const elf = Buffer.alloc(4096, 0xff);
      elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);
      return hostileLayout(folder, [tar(raw('run', { mode: 0o755, content: elf }))], {
        config: { config: { Entrypoint: ['/run'] } },
      });
    },
    ends: has('file run'),
  },
  'accounts without an end': {
    image: layer(
      raw('etc/passwd', { content: 'root::0:0::/:/bin/sh\n'.repeat(200_000) }),
      raw('etc/shadow', { content: ':\n:::::\n' }),
    ),
    ends: ({ paths }) => assert.equal(paths.length, 3),
    time: 6000,
  },
  'texts that slow patterns down': {
    image: layer(
      ...[
        'a',
        'a ',
        'password=',
        'password = "',
        '-----BEGIN ',
        'eyJ',
        'eyJ.',
        'AKIA',
        'ghp_',
        'https://a:',
        ':@',
        '"auth":"',
        '\t',
        '=',
        'A1b2C3d4/+',
      ].map((text, index) => raw(`app/${index}.env`, { content: text.repeat(1_000_000 / text.length) })),
    ),
    ends: ({ paths }) => assert.equal(paths.length, 16),
    time: 15_000,
  },
  'commands that slow patterns down': {
    image: (folder) =>
      hostileLayout(folder, [tar(raw('x'))], {
        config: {
          config: {
            Labels: { x: '/'.repeat(200_000), y: ' '.repeat(200_000) },
            Env: [`A=${'a'.repeat(200_000)}`, `PATH=${'/a:'.repeat(60_000)}`, `TOKEN=${'='.repeat(200_000)}`],
          },
          history: ['RUN ', ' ', '&& ', '|1 a=', '\\\n', "'", '# ', '/bin/sh -c #(nop) '].map((text) => ({
            created_by: text.repeat(100_000 / text.length),
            empty_layer: true,
          })),
        },
      }),
    ends: has('file x'),
    time: 6000,
  },
};
