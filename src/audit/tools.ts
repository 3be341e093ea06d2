import { baseName } from '../rootfs/path.ts';
import type { AuditRuleId } from './rules.ts';
import { type AuditedFile, type AuditScene, namesOf, placeOf, type RawFinding } from './scene.ts';

const table: Readonly<Partial<Record<AuditRuleId, readonly string[]>>> = {
  shell: ['sh', 'ash', 'bash', 'dash', 'ksh', 'ksh93', 'mksh', 'zsh', 'fish', 'csh', 'tcsh', 'rbash', 'busybox'],
  'package-manager': [
    ...['apt', 'apt-get', 'aptitude', 'dpkg', 'apk', 'yum', 'dnf', 'dnf5', 'microdnf', 'tdnf', 'rpm', 'zypper'],
    ...['pacman', 'opkg', 'snap', 'pip', 'pip3', 'npm', 'yarn', 'yarnpkg', 'pnpm', 'gem', 'cargo', 'conda', 'uv'],
  ],
  downloader: ['curl', 'wget', 'wget2', 'ftp', 'tnftp', 'lftp', 'ncftp', 'tftp', 'aria2c', 'axel', 'rsync', 'fetch'],
  compiler: [
    'gcc',
    'g++',
    'cc',
    'c++',
    'c99',
    'clang',
    'clang++',
    'tcc',
    'as',
    'ld',
    'rustc',
    'go',
    'javac',
    'gfortran',
  ],
  'network-tool': [
    ...['nc', 'ncat', 'netcat', 'nc.traditional', 'nc.openbsd', 'nmap', 'tcpdump', 'tshark', 'dumpcap', 'socat'],
    ...['telnet', 'ssh', 'sshd', 'scp', 'sftp', 'dropbear', 'hping3', 'masscan', 'iptables', 'nft'],
  ],
  debugger: ['gdb', 'gdbserver', 'lldb', 'strace', 'ltrace', 'bpftrace', 'perf', 'valgrind'],
  sudo: ['sudo', 'doas', 'pkexec'],
};

const versioned: readonly (readonly [RegExp, AuditRuleId])[] = [
  [/^(?:[a-z0-9_]+-linux-(?:gnu[a-z0-9]*|musl)-)?(?:gcc|g\+\+|cpp|gfortran|clang|clang\+\+)(?:-[0-9.]+)?$/, 'compiler'],
  [/^[a-z0-9_]+-linux-(?:gnu[a-z0-9]*|musl)-(?:as|ld|ld\.bfd|ld\.gold)$/, 'compiler'],
  [/^pip[0-9.]+$/, 'package-manager'],
];

const ruleByName: ReadonlyMap<string, AuditRuleId> = new Map(
  Object.entries(table).flatMap(([rule, names]) => names.map((name) => [name, rule as AuditRuleId] as const)),
);

const words: Readonly<Partial<Record<AuditRuleId, string>>> = {
  shell: 'a shell',
  'package-manager': 'a package manager',
  downloader: 'a downloader',
  compiler: 'a compiler or linker',
  'network-tool': 'a network tool',
  debugger: 'a debugger',
  sudo: 'a way to become root',
};

/** Folders whose programs are run by name. A file of that name elsewhere is somebody's data. */
const programFolders =
  /^(?:(?:usr\/)?s?bin|usr\/local\/s?bin|opt\/[^/]+\/bin|usr\/lib\/go[^/]*\/bin|usr\/lib\/jvm\/[^/]+\/bin)\/[^/]+$/;

/** Programs that serve whoever breaks in. */
export function* tools(scene: AuditScene): Generator<RawFinding> {
  const targets = linkedPrograms(scene);
  for (const file of scene.files) {
    const { entry } = file.node;
    if (entry.type !== 'file' || (entry.mode & 0o111) === 0) continue;
    const names = [entry.path, ...file.otherNames.map((name) => name.slice(1))];
    const links = targets.get(entry.path) ?? [];
    const rules = [...names, ...links]
      .filter((path) => programFolders.test(path))
      .map((path) => ruleOf(baseName(path)));
    const rule = rules.find((found) => found !== undefined);
    if (rule === undefined) continue;
    yield { rule, message: `${titleOf(file, links)} is ${words[rule]}`, ...placeOf(scene, file.node) };
  }
}

/** A program may be known by the name of a link alone: Alpine's /bin/sh leads to busybox, Debian's /usr/bin/nc by /etc/alternatives. */
function linkedPrograms({ view, files }: AuditScene): ReadonlyMap<string, readonly string[]> {
  const links = new Map<string, string[]>();
  for (const { node } of files) {
    const { path, type } = node.entry;
    if (type !== 'symlink' || !programFolders.test(path) || ruleOf(baseName(path)) === undefined) continue;
    const target = view.rootfs.resolve(path);
    if (target?.entry.type !== 'file') continue;
    const same = links.get(target.entry.path) ?? [];
    links.set(target.entry.path, same);
    same.push(path);
  }
  return links;
}

function ruleOf(name: string): AuditRuleId | undefined {
  return ruleByName.get(name) ?? versioned.find(([pattern]) => pattern.test(name))?.[1];
}

/** The link's name goes with a file whose own says nothing: `/usr/lib/cargo/bin/coreutils/cat`. */
function titleOf(file: AuditedFile, links: readonly string[]): string {
  const named = ruleOf(baseName(file.node.entry.path)) !== undefined;
  return named || links.length === 0 ? namesOf(file) : `${namesOf(file)} (by the name /${links[0]})`;
}
