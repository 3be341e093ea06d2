/** The distributions that `from:` knows by name: which archives, suites, keys and architectures make them up. */
import { SlimimageError } from '../errors.ts';
import { nearest } from '../util/nearest.ts';

export interface Preset {
  /** `debian/trixie`. */
  readonly name: string;
  readonly distribution: 'debian' | 'ubuntu';
  readonly codename: string;
  /** Debian architecture names. */
  readonly architectures: readonly string[];
  /** Where /bin, /sbin and /lib* go: `merged` below /usr. */
  readonly usr: 'merged' | 'split';
  readonly archives: readonly PresetArchive[];
}

export interface PresetArchive {
  /** As locks, papers and mirror settings call it. */
  readonly name: string;
  readonly publicUrl: string;
  /** Base URL of its snapshot archive, with `{archive}` and `{timestamp}` in it. */
  readonly snapshot: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly signedBy: readonly string[];
  /** Architectures that this archive carries. */
  readonly architectures: readonly string[];
}

const debianArchitectures = ['amd64', 'arm64', 'armel', 'armhf', 'i386', 'ppc64el', 's390x'];

export const presets: readonly Preset[] = [
  debian('bookworm', { architectures: [...debianArchitectures, 'mips64el', 'mipsel'], rolling: false }),
  // armel lives on in trixie without installer; riscv64 is new.
  debian('trixie', { architectures: [...debianArchitectures, 'riscv64'], rolling: false }),
  debian('sid', {
    architectures: ['amd64', 'arm64', 'armhf', 'i386', 'loong64', 'ppc64el', 'riscv64', 's390x'],
    rolling: true,
  }),
  ubuntu('noble'),
  ubuntu('jammy'),
];

export const presetNames: readonly string[] = presets.map((preset) => preset.name);

/** @throws SlimimageError CONFIG_INVALID with the nearest name. */
export function findPreset(name: string): Preset {
  const preset = presets.find((candidate) => candidate.name === name || aliases[name] === candidate.name);
  if (preset !== undefined) return preset;
  const meant = nearest(name, presetNames) ?? presets.find((candidate) => candidate.codename === name)?.name;
  throw new SlimimageError({
    code: 'CONFIG_INVALID',
    message: `There is no distribution "${name}"`,
    hint: meant ? `did you mean ${meant}?` : `known: ${presetNames.join(', ')}`,
  });
}

/**
 * The archives of a preset that carry an architecture.
 *
 * @throws SlimimageError PLATFORM_UNAVAILABLE
 */
export function presetArchives(preset: Preset, architecture: string): readonly PresetArchive[] {
  const archives = preset.archives.filter((archive) => archive.architectures.includes(architecture));
  if (preset.architectures.includes(architecture) && archives.length > 0) return archives;
  throw new SlimimageError({
    code: 'PLATFORM_UNAVAILABLE',
    message: `${preset.name} does not exist for ${architecture}`,
    hint: `it exists for ${preset.architectures.join(', ')}`,
  });
}

/** Names by which Debian's own releases are called besides their codename. They do not move: a build names one release. */
const aliases: Readonly<Record<string, string>> = {
  'debian/12': 'debian/bookworm',
  'debian/13': 'debian/trixie',
  'debian/unstable': 'debian/sid',
  'ubuntu/22.04': 'ubuntu/jammy',
  'ubuntu/24.04': 'ubuntu/noble',
};

function debian(
  codename: string,
  options: { readonly architectures: readonly string[]; readonly rolling: boolean },
): Preset {
  const { architectures, rolling } = options;
  const snapshot = 'https://snapshot.debian.org/archive/{archive}/{timestamp}';
  const shared = { snapshot, components: ['main'], signedBy: ['debian'], architectures };
  const release: PresetArchive = {
    ...shared,
    name: 'debian',
    publicUrl: 'http://ftp.debian.org/debian',
    suites: rolling ? [codename] : [codename, `${codename}-updates`],
  };
  const security: PresetArchive = {
    ...shared,
    name: 'debian-security',
    publicUrl: 'http://security.debian.org/debian-security',
    suites: [`${codename}-security`],
  };
  return {
    name: `debian/${codename}`,
    distribution: 'debian',
    codename,
    architectures,
    usr: 'merged',
    archives: rolling ? [release] : [release, security],
  };
}

/** Ubuntu keeps amd64 and i386 on one host and everything else on another, ports. */
function ubuntu(codename: string): Preset {
  const main = ['amd64', 'i386'];
  const ports = ['arm64', 'armhf', 'ppc64el', 'riscv64', 's390x'];
  const shared = {
    snapshot: 'https://snapshot.ubuntu.com/ubuntu/{timestamp}',
    suites: [codename, `${codename}-updates`, `${codename}-security`],
    components: ['main', 'universe'],
    signedBy: ['ubuntu'],
  };
  return {
    name: `ubuntu/${codename}`,
    distribution: 'ubuntu',
    codename,
    architectures: [...main, ...ports],
    usr: 'merged',
    archives: [
      { ...shared, name: 'ubuntu', publicUrl: 'http://archive.ubuntu.com/ubuntu', architectures: main },
      { ...shared, name: 'ubuntu-ports', publicUrl: 'http://ports.ubuntu.com/ubuntu-ports', architectures: ports },
    ],
  };
}
