import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hostMirrors, readHostSources } from '../../src/archive/mirrors.ts';
import { ensureNode, SetupError, versions } from '../../tools/node-runtime.mjs';
import { findCommand } from '../../tools/system-packages.ts';
import type { Way } from './digest-table.ts';
import { lacking } from './need.ts';
import { projectRoot } from './source-code.ts';

export interface MachineOptions {
  /** A folder of the caller's own, open to everybody. */
  readonly work: string;
  readonly say: (line: string) => void;
  /** Emulators are slow: the images that they build. */
  readonly slow: (image: string) => boolean;
}

/** Other machines, as near as one machine comes to them: another system, an older processor, another architecture. */
export async function machineWays(options: MachineOptions): Promise<readonly Way[]> {
  const mirror = process.env['SLIMIMAGE_MIRROR_DEBIAN'] ?? hostMirrors('debian', await readHostSources())[0];
  return [anotherSystem(options, mirror), olderProcessor(options), anotherArchitecture(options, mirror)];
}

/** A fresh Debian of another release, entered with chroot: its own C library, files and nothing else. */
function anotherSystem({ work, say }: MachineOptions, mirror: string | undefined): Way {
  const name = 'a Debian trixie made by mmdebstrap (chroot)';
  const root = join(work, 'trixie');
  const lack =
    lacking({ commands: ['unshare', 'mount', 'chroot', 'mmdebstrap'], root: true }) ||
    lackingSystem(root, { mirror, say, packages: ['base-files', 'dash', 'tzdata', ...nodeLibraries] });
  return { name, skip: lack, under: (folder) => inside(root, [projectRoot, dirname(process.execPath), folder]) };
}

/** What Node is linked with. */
const nodeLibraries = ['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1'];

/** Enters `root` with some folders of this machine at the same paths, in a mount namespace that ends with it. */
function inside(root: string, folders: readonly string[]): readonly string[] {
  const mounts = folders.map((folder) => `mkdir -p '${root}${folder}'; mount --bind '${folder}' '${root}${folder}'`);
  const script = ['set -e', ...mounts, `mount -t proc proc '${root}/proc'`, `exec chroot '${root}' "$@"`].join('\n');
  return ['unshare', '--mount', '--uts', '--pid', '--fork', 'sh', '-c', script, 'sh'];
}

/** An x86-64 of the first years: none of the instructions since then, for which zlib, zstd and OpenSSL have code of their own. */
function olderProcessor({ slow }: MachineOptions): Way {
  const lack = process.arch === 'x64' ? lacking({ commands: [oldMachine] }) : 'this machine is no x86-64';
  const name = 'a processor without SSE4 and AVX (qemu)';
  return { name, skip: lack, only: slow, under: () => [oldMachine, '-cpu', 'qemu64'] };
}

const oldMachine = 'qemu-x86_64-static';
const armMachine = 'qemu-aarch64-static';

function anotherArchitecture({ work, say, slow }: MachineOptions, mirror: string | undefined): Way {
  const name = 'an arm64 machine (qemu)';
  const root = join(work, 'arm64');
  if (process.arch === 'arm64') return { name, skip: 'this machine is one itself' };
  const lack =
    lacking({ commands: [armMachine, 'mmdebstrap'] }) ||
    lackingSystem(root, { mirror, say, packages: nodeLibraries, architecture: 'arm64' });
  if (lack !== false) return { name, skip: lack };
  try {
    const node = ensureNode(versions.development, { say, architecture: 'arm64' });
    return { name, skip: false, only: slow, node, under: () => [armMachine, '-L', root] };
  } catch (error) {
    if (error instanceof SetupError) return { name, skip: error.message };
    throw error;
  }
}

interface SystemOptions {
  readonly mirror: string | undefined;
  readonly say: (line: string) => void;
  readonly packages: readonly string[];
  readonly architecture?: string;
}

function lackingSystem(root: string, { mirror, say, packages, architecture }: SystemOptions): string | false {
  if (mirror === undefined) return 'this machine has no mirror of Debian';
  say(`making a Debian trixie${architecture === undefined ? '' : ` for ${architecture}`} with mmdebstrap ...`);
  const { status, stderr } = spawnSync(
    findCommand('mmdebstrap') ?? 'mmdebstrap',
    [
      ...['--quiet', '--variant=extract', `--include=${packages.join(',')}`],
      ...(architecture === undefined ? [] : [`--architectures=${architecture}`]),
      ...['trixie', root, mirror],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) return `mmdebstrap failed: ${stderr.trim().split('\n').at(-1) ?? ''}`;
  // Where base-files is not among the packages, nobody made the links of a merged /usr.
  for (const name of ['lib', 'lib64']) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    if (!existsSync(join(root, name))) symlinkSync(`usr/${name}`, join(root, name));
  }
  mkdirSync(join(root, 'proc'), { recursive: true });
  return false;
}
