/**
 * The Release file of a suite: what it promises about itself and the sha256 of every index.
 * https://wiki.debian.org/DebianRepository/Format#A.22Release.22_files
 */
import { SlimimageError } from '../errors.ts';
import { parseStanza, type Stanza } from '../formats/deb822/stanza.ts';
import { limits } from '../limits.ts';

export interface Release {
  readonly origin: string;
  readonly label: string;
  readonly suite: string;
  readonly codename: string;
  /** Of the distribution: `13.2`; '' where the suite has none. */
  readonly version: string;
  /** Seconds since the epoch; undefined where a (flat) archive does not say. */
  readonly date: number | undefined;
  /** Seconds since the epoch. */
  readonly validUntil: number | undefined;
  /** Without the `updates/` that Debian's security archive writes before each. Empty: not stated. */
  readonly components: readonly string[];
  /** Empty: not stated. */
  readonly architectures: readonly string[];
  readonly acquireByHash: boolean;
  readonly notAutomatic: boolean;
  readonly butAutomaticUpgrades: boolean;
  /** `No-Support-for-Architecture-all: Packages`: packages of architecture all are listed with each architecture. */
  readonly allIsInEveryIndex: boolean;
  /** Path below the suite's folder -> size and sha256. */
  readonly files: ReadonlyMap<string, ReleaseFile>;
}

export interface ReleaseFile {
  /** Bytes. */
  readonly size: number;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** Lines of the SHA256 table; Debian's largest has 1,500. */
const maxFiles = 200_000;

/**
 * Reads a Release file that was already verified. Only the SHA256 table is believed: MD5 and SHA-1 vouch for nothing.
 *
 * @param name what the text is, for messages.
 * @throws SlimimageError RELEASE_INVALID, LIMIT_EXCEEDED
 */
export function parseRelease(text: string, name: string): Release {
  const stanza = readStanza(text, name);
  const flag = (field: string) => stanza.get(field)?.toLowerCase() === 'yes';
  return {
    origin: stanza.get('Origin') ?? '',
    label: stanza.get('Label') ?? '',
    suite: stanza.get('Suite') ?? '',
    codename: stanza.get('Codename') ?? '',
    version: stanza.get('Version') ?? '',
    date: readDate(stanza, 'Date', name),
    validUntil: readDate(stanza, 'Valid-Until', name),
    components: words(stanza.get('Components')).map((component) => component.replace(/^updates\//, '')),
    architectures: words(stanza.get('Architectures')),
    acquireByHash: flag('Acquire-By-Hash'),
    notAutomatic: flag('NotAutomatic'),
    butAutomaticUpgrades: flag('ButAutomaticUpgrades'),
    allIsInEveryIndex: words(stanza.get('No-Support-for-Architecture-all')).includes('Packages'),
    files: readFiles(stanza, name),
  };
}

/** apt's pin priority of a suite: apt_preferences(5), "Default Priority Assignments". */
export function defaultPriority(release: Pick<Release, 'notAutomatic' | 'butAutomaticUpgrades'>): number {
  if (!release.notAutomatic) return 500;
  return release.butAutomaticUpgrades ? 100 : 1;
}

function readStanza(text: string, name: string): Stanza {
  try {
    return parseStanza(text, { what: name, limits: { stanzaBytes: limits.releaseBytes } });
  } catch (cause) {
    if (cause instanceof SlimimageError && cause.code === 'DEB822_INVALID') throw invalid(cause.message, cause);
    throw cause;
  }
}

function readFiles(stanza: Stanza, name: string): ReadonlyMap<string, ReleaseFile> {
  const files = new Map<string, ReleaseFile>();
  for (const line of stanza.lines('SHA256')) {
    const [sha256, digits, path, ...rest] = line.split(/[ \t]+/);
    const size = Number(digits);
    if (path === undefined || rest.length > 0 || !/^[0-9a-f]{64}$/i.test(sha256 ?? '') || !isSize(digits, size)) {
      throw invalid(`${name} has a malformed SHA256 line: "${line.slice(0, 120)}"`);
    }
    if (!isInside(path)) throw invalid(`${name} names the unsafe path "${path.slice(0, 120)}"`);
    if (files.size >= maxFiles) throw invalid(`${name} lists more than ${maxFiles} files`);
    const file = { size, sha256: (sha256 ?? '').toLowerCase() };
    const known = files.get(path);
    if (known !== undefined && (known.sha256 !== file.sha256 || known.size !== size)) {
      throw invalid(`${name} lists ${path} twice, with different content`);
    }
    files.set(path, file);
  }
  if (files.size === 0) {
    throw invalid(`${name} has no SHA256 table`, undefined, 'archives without SHA-256 sums cannot be verified');
  }
  return files;
}

function isSize(digits: string | undefined, size: number): boolean {
  return digits !== undefined && /^[0-9]+$/.test(digits) && Number.isSafeInteger(size);
}

/** A relative path of plain printable characters that stays below the suite's folder once it is part of a URL. */
function isInside(path: string): boolean {
  if (path.length > limits.pathBytes || path.startsWith('/') || !/^[\x21-\x7e]+$/.test(path) || /[?#\\%]/.test(path))
    return false;
  return path.split('/').every((part) => part !== '..');
}

const datePattern =
  /^[A-Z][a-z]{2},? {1,2}([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) {1,2}([0-9]{1,2}:[0-9]{2}:[0-9]{2}) (?:UTC|GMT|Z|[+-]0000)$/;

/**
 * RFC 2822 date as Release files have it: `Sat, 11 Jul 2026 10:16:37 UTC`, in Ubuntu `Fri, 20 Nov 2026  2:27:59 UTC`.
 * Zones with an offset are refused, as in apt.
 */
function readDate(stanza: Stanza, field: string, name: string): number | undefined {
  const text = stanza.get(field);
  if (text === undefined) return undefined;
  const [matched, day, month, year, time] = datePattern.exec(text) ?? [];
  const milliseconds =
    matched === undefined ? Number.NaN : Date.parse(`${day} ${month} ${year} ${time?.padStart(8, '0')} UTC`);
  if (Number.isNaN(milliseconds)) throw invalid(`${name} has an unreadable ${field}: "${text.slice(0, 60)}"`);
  return milliseconds / 1000;
}

function words(value: string | undefined): readonly string[] {
  return value === undefined ? [] : value.split(/[ \t\n]+/).filter((word) => word !== '');
}

function invalid(message: string, cause?: unknown, hint?: string): SlimimageError {
  return new SlimimageError({ code: 'RELEASE_INVALID', message, hint, cause });
}
