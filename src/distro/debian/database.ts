import { isSlimimageError } from '../../errors.ts';
import { parseStanza, parseStanzas, type Stanza } from '../../formats/deb822/stanza.ts';
import { decodeUtf8 } from '../../util/text.ts';
import type { PackageRecord } from '../types.ts';
import { brokenRecord } from './broken-record.ts';
import { conffilesOf, parseConffiles, parseFileList, parseMd5sums } from './file-lists.ts';
import { isPresent } from './installed.ts';
import { packageRecord } from './record.ts';

/** Contents of the files of a database, by base name where there are several. */
export interface DpkgFiles {
  /** Architecture of the image; undefined: what most of the packages are for. */
  readonly architecture: string | undefined;
  readonly status: Uint8Array | undefined;
  readonly statusD: ReadonlyMap<string, Uint8Array>;
  /** `*.list`, `*.md5sums`, `*.conffiles` of `info`. */
  readonly info: ReadonlyMap<string, Uint8Array>;
}

/** A package and its files. Paths are relative to the root, as the package writes them. */
export interface DpkgPackage {
  readonly record: PackageRecord;
  /** `status`, or the file's name in `status.d`. */
  readonly database: string;
  /** Bytes. */
  readonly installedSize: number | undefined;
  readonly files: readonly string[];
  readonly md5sums: ReadonlyMap<string, string>;
  readonly conffiles: readonly string[];
}

export interface DpkgDatabaseContents {
  readonly packages: readonly DpkgPackage[];
  /** One sentence for each thing that can't be read. */
  readonly problems: readonly string[];
}

/**
 * What dpkg wrote down of the packages that are there: `status` with `info` of a full system, `status.d` of a distroless
 * one. What is damaged is told and passed over: the images of others are as they are. A package whose relations alone are
 * damaged is there all the same, its record `broken`.
 */
export function readDpkgDatabase(files: DpkgFiles): DpkgDatabaseContents {
  const problems: string[] = [];
  const found = [
    ...stanzasOf(files.status, { database: 'status', problems }),
    ...[...files.statusD].flatMap(([name, bytes]) =>
      name.endsWith('.md5sums') ? [] : stanzasOf(bytes, { database: `status.d/${name}`, problems }),
    ),
  ];
  const architecture = files.architecture ?? commonest(found.map(({ stanza }) => stanza.get('Architecture') ?? ''));
  const packages = found
    .filter(({ stanza }) => isPresent(stanza))
    .flatMap(({ stanza, database }): DpkgPackage[] => {
      const record = recordOf(stanza, { architecture, database, problems });
      return record === undefined ? [] : [{ record, database, ...filesOf(stanza, { record, database, files }) }];
    });
  return { packages: distinct(packages), problems };
}

/** Of stanzas of one package in a file the last one counts, as for dpkg; one that two files have counts once. */
function distinct(packages: readonly DpkgPackage[]): readonly DpkgPackage[] {
  const ofFile = new Map(
    packages.map((one) => [`${one.database} ${one.record.name} ${one.record.architecture}`, one] as const),
  );
  const seen = new Set<string>();
  return [...ofFile.values()].filter(({ record: { name, architecture, version } }) => {
    const key = `${name} ${architecture} ${version}`;
    return !seen.has(key) && seen.add(key);
  });
}

interface Found {
  readonly stanza: Stanza;
  readonly database: string;
}

interface Place {
  readonly database: string;
  readonly problems: string[];
}

function stanzasOf(bytes: Uint8Array | undefined, { database, problems }: Place): readonly Found[] {
  if (bytes === undefined) return [];
  const what = `/var/lib/dpkg/${database}`;
  const text = decodeUtf8(bytes);
  try {
    return parseStanzas(text, { what }).map((stanza) => ({ stanza, database }));
  } catch (error) {
    if (!isSlimimageError(error)) throw error;
  }
  // One paragraph is damaged: each is read for itself.
  return text.split(/\n(?:[ \t]*\r?\n)+/).flatMap((paragraph): readonly Found[] => {
    if (paragraph.trim() === '') return [];
    try {
      return [{ stanza: parseStanza(paragraph, { what: `A paragraph of ${what}` }), database }];
    } catch (error) {
      if (!isSlimimageError(error)) throw error;
      problems.push(error.message);
      return [];
    }
  });
}

function recordOf(
  stanza: Stanza,
  { architecture, database, problems }: Place & { readonly architecture: string },
): PackageRecord | undefined {
  const origin = { archive: 'installed', suite: '', component: '', path: '', priority: 100 };
  try {
    return packageRecord(stanza, origin, { architecture });
  } catch (error) {
    const record = brokenRecord(stanza, origin, { architecture, error });
    problems.push(`/var/lib/dpkg/${database}: ${isSlimimageError(error) ? error.message : ''}`);
    // A package without a version is none.
    return stanza.get('Version') === undefined ? undefined : record;
  }
}

function commonest(architectures: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of architectures) {
    if (name !== '' && name !== 'all') counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? 'amd64';
}

const none: ReadonlyMap<string, string> = new Map();

function filesOf(
  stanza: Stanza,
  { record, database, files }: { readonly record: PackageRecord; readonly database: string; readonly files: DpkgFiles },
): Pick<DpkgPackage, 'files' | 'md5sums' | 'conffiles' | 'installedSize'> {
  // dpkg tells the architectures of a `Multi-Arch: same` package apart by the names of its files.
  const stems = [`${record.name}:${record.architecture}`, record.name];
  const one = (suffix: string) => {
    const inInfo = stems.map((stem) => files.info.get(`${stem}${suffix}`));
    const inStatusD = database === 'status' ? [] : [database.slice('status.d/'.length), ...stems];
    return [...inStatusD.map((stem) => files.statusD.get(`${stem}${suffix}`)), ...inInfo].find(
      (bytes) => bytes !== undefined,
    );
  };
  const [list, sums, named] = [one('.list'), one('.md5sums'), one('.conffiles')];
  const configuration = conffilesOf(stanza);
  const conffiles = new Set([...(named === undefined ? [] : parseConffiles(named)), ...configuration.keys()]);
  const shipped = sums === undefined ? none : parseMd5sums(sums);
  const md5sums = configuration.size === 0 ? shipped : new Map([...shipped, ...configuration]);
  const size = stanza.get('Installed-Size');
  return {
    files: list === undefined ? [...new Set([...md5sums.keys(), ...conffiles])] : parseFileList(list),
    md5sums,
    conffiles: [...conffiles],
    installedSize: size === undefined ? undefined : record.installedSize * 1024,
  };
}
