import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian packages of what the tests compare with and run in, by a file that shows that one is there. */
const needed: Readonly<Record<string, readonly string[]>> = {
  dockerd: ['docker.io'],
  // bookworm's docker.io holds the client too; trixie's does not.
  docker: ['docker.io', 'docker-cli'],
  runc: ['runc'],
  podman: ['podman'],
  skopeo: ['skopeo'],
  umoci: ['umoci'],
  mmdebstrap: ['mmdebstrap'],
  'qemu-aarch64-static': ['qemu-user-static'],
  readelf: ['binutils'],
  getcap: ['libcap2-bin'],
  diffoscope: ['diffoscope-minimal'],
  openssl: ['openssl'],
  xz: ['xz-utils'],
  zstd: ['zstd'],
  bzip2: ['bzip2'],
  unshare: ['util-linux'],
  setpriv: ['util-linux'],
  'dpkg-deb': ['dpkg'],
  'dpkg-scanpackages': ['dpkg-dev'],
  git: ['git'],
  zsh: ['zsh'],
  fish: ['fish'],
  'dose-debcheck': ['dose-distcheck'],
  'docker-registry': ['docker-registry'],
  'glib-compile-schemas': ['libglib2.0-bin', 'gsettings-desktop-schemas'],
  'update-mime-database': ['shared-mime-info'],
};
const neededPackages = ['busybox-static', 'python3-apt'];

/**
 * Installs what the tests need where this is root on Debian and something is missing. Elsewhere, and where apt fails,
 * it says so in one line and the tests that miss something are skipped by name.
 */
export function ensureSystemPackages({ say }: { readonly say: (line: string) => void }): void {
  if (!existsSync('/etc/debian_version') || findCommand('apt-get') === undefined) return;
  const missing = missingPackages();
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    say(`not installed, and this is not root: ${missing.join(' ')} (tests that need one of them are skipped)`);
    return;
  }
  say(`installing with apt-get: ${missing.join(' ')}`);
  const ok = aptGet(['update']) && aptGet(['install', '-y', '--no-install-recommends', ...missing.filter(isInArchive)]);
  if (!ok) say(`apt-get failed; tests that need one of ${missing.join(' ')} are skipped`);
}

function missingPackages(): readonly string[] {
  const byCommand = Object.entries(needed).flatMap(([command, names]) => (findCommand(command) ? [] : names));
  const byName = neededPackages.filter((name) => !isInstalled(name));
  return [...new Set([...byCommand, ...byName])].sort();
}

/** Absolute path of a command, also where PATH lacks the sbin folders. */
export function findCommand(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isInstalled(name: string): boolean {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own field syntax.
  const answer = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' });
  return answer.status === 0 && answer.stdout === 'installed';
}

/** Names differ between Debian's releases; one unknown name would make apt-get install nothing. */
function isInArchive(name: string): boolean {
  return spawnSync('apt-cache', ['show', '--no-all-versions', name], { stdio: 'ignore' }).status === 0;
}

/** RUNLEVEL=1 keeps maintainer scripts from starting services where no service manager forbids it. */
function aptGet(args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', LC_ALL: 'C.UTF-8' };
  const answer = spawnSync('apt-get', ['-q', ...args], { env, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  return answer.status === 0;
}
