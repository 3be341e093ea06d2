import type { DebFile } from './deb.ts';
import type { SampleLayer } from './images.ts';

const folder = (mode = 0o755): DebFile => ({ type: 'directory', mode });
const link = (linkTarget: string): DebFile => ({ type: 'symlink', linkTarget, mode: 0o777 });
/** Its header says what the file's says: tools differ in whether they believe it. */
const hardLink = (linkTarget: string, more: object = {}): DebFile => ({ type: 'hardlink', linkTarget, ...more });
const device = (type: 'character' | 'block', deviceMajor: number, deviceMinor: number) => {
  return { type, deviceMajor, deviceMinor, mode: 0o666 };
};
const file = (content: string, more: object = {}): DebFile => ({ content, ...more });
const long = 'long-name-'.repeat(20);

const attributes = new Map([
  ['security.capability', capability()],
  ['user.origin', Uint8Array.of(0, 255)],
]);

/**
 * Layer sequences that the OCI specification allows and that tools get wrong, all below `t/`. No path twice in a layer and whiteouts
 * before what they stand beside: Docker refuses the one and obeys the other.
 */
export const namedSequences: Readonly<Record<string, readonly SampleLayer[]>> = {
  'whiteout, then the path again, in the same layer and in the next': [
    [
      ['t/', ''],
      ['t/a', 'one'],
      ['t/b', 'one'],
      ['t/d/', ''],
      ['t/d/x', 'x'],
    ],
    [
      ['t/.wh.a', ''],
      ['t/.wh.b', ''],
      ['t/.wh.d', ''],
      ['t/a', file('two', { mode: 0o4711, uid: 1, gid: 2 })],
    ],
    [
      ['t/b', 'three'],
      ['t/d/', folder(0o700)],
      ['t/d/y', 'y'],
    ],
  ],
  'opaque, then added to, opaque twice': [
    [
      ['t/', ''],
      ['t/d/', ''],
      ['t/d/old', '1'],
      ['t/d/sub/', ''],
      ['t/d/sub/deep', '1'],
    ],
    [
      ['t/d/', folder(0o711)],
      ['t/d/.wh..wh..opq', ''],
      ['t/d/new', '2'],
      ['t/d/sub/', ''],
      ['t/d/sub/other', '2'],
    ],
    [
      ['t/d/', ''],
      ['t/d/.wh..wh..opq', ''],
      ['t/d/newest', '3'],
    ],
  ],
  'folder replaced by a symlink and back': [
    [
      ['t/', ''],
      ['t/real/', ''],
      ['t/real/x', 'x'],
      ['t/d/', ''],
      ['t/d/y', 'y'],
    ],
    [['t/d', link('real')]],
    [
      ['t/d/', folder(0o750)],
      ['t/d/z', 'z'],
    ],
    [['t/d', link('/t/real')]],
  ],
  'written and removed through symlinked folders': [
    [
      ['t/', ''],
      ['t/usr/', ''],
      ['t/usr/lib/', ''],
      ['t/usr/lib/old', '1'],
      ['t/lib', link('usr/lib')],
    ],
    [
      ['t/lib/new', '2'],
      ['t/lib/sub/', ''],
      ['t/lib/sub/x', '2'],
    ],
    [
      ['t/lib/.wh.old', ''],
      ['t/abs', link('/t/usr/lib')],
    ],
    [
      ['t/abs/third', '3'],
      ['t/abs/sub/y', '3'],
    ],
  ],
  'hard link to a file of a lower layer, and its names replaced': [
    [
      ['t/', ''],
      ['t/a', file('one', { mode: 0o600, uid: 7, gid: 8 })],
      ['t/b', hardLink('t/a', { mode: 0o600, uid: 7, gid: 8 })],
    ],
    [['t/c', hardLink('t/b', { mode: 0o600, uid: 7, gid: 8 })]],
    [
      ['t/a', 'two'],
      ['t/.wh.b', ''],
    ],
  ],
  'hard link replaced by a file, a file by a hard link': [
    [
      ['t/', ''],
      ['t/a', 'one'],
      ['t/b', hardLink('t/a')],
      ['t/c', 'three'],
    ],
    [
      ['t/b', 'two'],
      ['t/c', hardLink('t/a')],
    ],
    [['t/.wh.a', '']],
  ],
  'file, folder, file, symlink, folder under one name': [
    [
      ['t/', ''],
      ['t/x', 'file'],
    ],
    [
      ['t/x/', folder(0o700)],
      ['t/x/in', 'in'],
    ],
    [['t/x', 'again']],
    [['t/x', link('nowhere')]],
    [
      ['t/x/', ''],
      ['t/x/last', 'last'],
    ],
  ],
  'names in Unicode, with blanks, and of more than 255 bytes of path': [
    [
      ['t/', ''],
      ['t/é', 'composed'],
      ['t/e\u0301', 'decomposed'],
      ['t/日本語 🙂', 'wide'],
      ['t/ blank ', 'blank'],
      ['t/new\nline', 'line'],
      [`t/${long}/`, ''],
      [`t/${long}/${long}`, 'deep'],
      [`t/${long}/link`, link(`/t/${long}/${long}`)],
    ],
    [
      ['t/.wh.é', ''],
      [`t/${long}/.wh.link`, ''],
      [`t/${long}/hard`, hardLink(`t/${long}/${long}`)],
    ],
  ],
  'names that are not UTF-8': [
    [
      ['t/', ''],
      ['t/latin-\udce9', 'one'],
      ['t/\udcff\udcfe', link('latin-\udce9')],
      ['t/d\udce9/', ''],
      ['t/d\udce9/x', 'x'],
    ],
    [
      ['t/.wh.latin-\udce9', ''],
      ['t/d\udce9/y', 'y'],
    ],
  ],
  'special bits, owners, attributes': [
    [
      ['t/', folder(0o1777)],
      ['t/su', file('su', { mode: 0o4755 })],
      ['t/sg', file('sg', { mode: 0o2755, uid: 65532, gid: 65532 })],
      ['t/sticky/', folder(0o3775)],
      ['t/capable', file('cap', { mode: 0o755, xattrs: attributes })],
      ['t/none', file('none', { mode: 0 })],
      ['t/far', file('far', { uid: 2_097_151, gid: 1_000_000 })],
    ],
    [
      ['t/su', file('su', { mode: 0o755 })],
      ['t/sticky/', folder(0o2755)],
    ],
  ],
  'devices, changed, replaced by files and the other way round': [
    [
      ['t/', ''],
      ['t/null', device('character', 1, 3)],
      ['t/disk', { ...device('block', 7, 300), mode: 0o660, gid: 6 }],
      ['t/gone', device('character', 1, 8)],
      ['t/file', 'file'],
    ],
    [
      ['t/.wh.gone', ''],
      ['t/null', device('character', 1, 5)],
      ['t/file', device('character', 5, 1)],
    ],
    [['t/disk', 'file']],
  ],
  'pipes and an empty layer, folders listed again and again': [
    [
      ['t/', ''],
      ['t/pipe', { type: 'fifo', mode: 0o622 }],
      ['t/d/', ''],
      ['t/d/x', 'x'],
      ['t/empty', ''],
    ],
    [],
    [
      ['t/', ''],
      ['t/d/', folder(0o700)],
    ],
    [
      ['t/', folder(0o711)],
      ['t/d/', folder(0o755)],
      ['t/.wh.pipe', ''],
    ],
  ],
  'names that nearly are whiteouts': [
    [
      ['t/', ''],
      ['t/wh.a', '1'],
      ['t/.wh', '1'],
      ['t/a.wh.b', '1'],
      ['t/.who', '1'],
      ['t/a', '1'],
      ['t/.hidden', '1'],
    ],
    [
      ['t/.wh.a', ''],
      ['t/.wh..wh', ''],
      ['t/.wh..hidden', ''],
      ['t/.wh.missing', ''],
    ],
  ],
  'a deep path, cut in the middle': [
    [['t/', ''], ...deep(40), [`t/${'d/'.repeat(40)}x`, 'x']],
    [
      [`t/${'d/'.repeat(20)}.wh.d`, ''],
      [`t/${'d/'.repeat(20)}y`, 'y'],
    ],
    [
      [`t/${'d/'.repeat(20)}d/`, ''],
      [`t/${'d/'.repeat(20)}d/z`, 'z'],
    ],
  ],
};

type Verdict = 'agrees' | 'differs' | 'refuses';

/** Where the tools disagree with one another, or with the specification: which of them says what slimimage says, and why it says so. */
export const disputedSequences: Readonly<
  Record<string, { readonly layers: readonly SampleLayer[]; readonly umoci: Verdict; readonly docker: Verdict }>
> = {
  // layer.md: whiteouts apply to lower layers only, wherever they stand. Docker goes by the order of the tar.
  'a whiteout after the same path': {
    layers: [
      [
        ['t/', ''],
        ['t/a', 'one'],
      ],
      [
        ['t/a', 'two'],
        ['t/.wh.a', ''],
      ],
    ],
    umoci: 'agrees',
    docker: 'differs',
  },
  // layer.md says nothing; root may enter, as with containerd and umoci. Docker makes them 0600.
  'a folder that no layer lists': {
    layers: [
      [
        ['t/', ''],
        ['t/implied/x', 'x'],
      ],
    ],
    umoci: 'agrees',
    docker: 'differs',
  },
  // POSIX pax: the last of equal paths counts. Docker's digests of layers can't say it.
  'a path twice in a layer': {
    layers: [
      [
        ['t/', ''],
        ['t/a', 'one'],
        ['t/a', 'two'],
      ],
    ],
    umoci: 'agrees',
    docker: 'refuses',
  },
  // One file has one owner and one mode: the file's own entry says which. Docker lets the last header win.
  'a hard link whose header says something else': {
    layers: [
      [
        ['t/', ''],
        ['t/a', 'one'],
        ['t/b', hardLink('t/a', { mode: 0o600, uid: 5 })],
      ],
    ],
    umoci: 'agrees',
    docker: 'differs',
  },
};

function* deep(levels: number): Generator<readonly [string, DebFile]> {
  for (let level = 1; level <= levels; level++) yield [`t/${'d/'.repeat(level)}`, folder()];
}

/** cap_net_bind_service=ep, as capabilities(7) lays it out. */
function capability(): Uint8Array {
  const bytes = new Uint8Array(20);
  new DataView(bytes.buffer).setUint32(0, 0x02000001, true);
  new DataView(bytes.buffer).setUint32(4, 1 << 10, true);
  return bytes;
}
