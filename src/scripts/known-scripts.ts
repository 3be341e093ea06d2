import type { InstallScript, ScriptVerdict } from './types.ts';

export interface KnownScript {
  readonly verdict: ScriptVerdict;
  readonly because: string;
}

const byteCode: KnownScript = {
  verdict: 'irrelevant',
  because: 'byte code and caches that programs make for themselves',
};

/**
 * Scripts that were read by people, because no reader of shell text could tell: other languages, or packages whose whole
 * work an effect of their own does. Package, script, what becomes of it.
 */
const scripts: readonly (readonly [name: string, script: InstallScript, known: KnownScript])[] = [
  ['base-files', 'postinst', { verdict: 'covered', because: 'base layout' }],
  ['base-passwd', 'preinst', { verdict: 'covered', because: 'accounts' }],
  ['base-passwd', 'postinst', { verdict: 'covered', because: 'accounts' }],
  ['bash', 'preinst', { verdict: 'irrelevant', because: 'the package database' }],
  ['bash', 'postinst', { verdict: 'covered', because: 'login shells' }],
  ['ca-certificates', 'postinst', { verdict: 'covered', because: 'certificates' }],
  ['ca-certificates-java', 'postinst', { verdict: 'covered', because: 'java trust store' }],
  ['debianutils', 'postinst', { verdict: 'covered', because: 'login shells' }],
  ['dpkg', 'postinst', { verdict: 'irrelevant', because: 'the package database' }],
  ['fontconfig', 'postinst', { verdict: 'irrelevant', because: 'manuals, menus and the desktop' }],
  ['fontconfig-config', 'postinst', { verdict: 'covered', because: 'font configuration' }],
  ['libc-bin', 'postinst', { verdict: 'covered', because: 'name service switch' }],
  ['libc6', 'postinst', { verdict: 'covered', because: 'library cache' }],
  ['libgdk-pixbuf-2.0-0', 'postinst', { verdict: 'covered', because: 'image loaders' }],
  ['libpam-runtime', 'postinst', { verdict: 'covered', because: 'pam' }],
  ['locales', 'postinst', { verdict: 'irrelevant', because: 'the locale of logins' }],
  ['openjdk-17-jre-headless', 'postinst', { verdict: 'covered', because: 'alternatives' }],
  ['mariadb-server', 'preinst', { verdict: 'covered', because: 'accounts' }],
  [
    'mariadb-server',
    'postinst',
    { verdict: 'irrelevant', because: 'databases, which are made where their data lives' },
  ],
  ['postgresql-common', 'postinst', { verdict: 'covered', because: 'accounts and copied defaults' }],
  // Its hooks compile; they are left out of images.
  ['python3', 'postinst', byteCode],
  ['python3.11-minimal', 'postinst', byteCode],
  ['python3.13-minimal', 'postinst', byteCode],
  ['shared-mime-info', 'postinst', { verdict: 'covered', because: 'media types' }],
  ['tzdata', 'postinst', { verdict: 'covered', because: 'time zone' }],
];

const byName = new Map(scripts.map(([name, script, known]) => [`${name} ${script}`, known]));

export function knownScript(name: string, script: InstallScript): KnownScript | undefined {
  return byName.get(`${name} ${script}`);
}

/** Packages that look after a machine or an installation: what their scripts make serves that alone. */
export function looksAfterMachines(name: string): boolean {
  return /^(?:systemd(?:-.*)?|udev|dpkg|ucf|debconf|apt)$/.test(name);
}
