/** A package as scanners know it: what they ask vulnerability data about. */
export interface ScannedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** `NAME VERSION`. */
  readonly source: string;
  /** Files that md5sums names: scanners do not report what is in them as something else's once more. */
  readonly files: readonly string[];
}

export interface ScannedImage {
  /** `debian 13`, of os-release: without it scanners know no advisories. */
  readonly distribution: string | undefined;
  /** Sorted by name. */
  readonly packages: readonly ScannedPackage[];
}

/**
 * What is installed in an image, as Trivy's and Syft's dpkg readers find it: every file of `var/lib/dpkg/status.d` is read as stanzas of
 * a status file, those that end in `.md5sums` are lists of installed files, and os-release says whose packages they are.
 * Written after their behaviour; shares nothing with the product.
 * @param files path without leading slash -> content
 */
export function scanImage(files: ReadonlyMap<string, Uint8Array>): ScannedImage {
  const folder = 'var/lib/dpkg/status.d/';
  const packages = [...files]
    .filter(([path]) => path.startsWith(folder) && !path.endsWith('.md5sums'))
    .flatMap(([path, bytes]) =>
      stanzas(textOf(bytes))
        .filter(isInstalled)
        .map((fields) => scanned(fields, filesIn(files.get(`${path}.md5sums`)))),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { distribution: distributionOf(files), packages };
}

function stanzas(text: string): readonly ReadonlyMap<string, string>[] {
  return text
    .split(/\n[ \t]*\n/)
    .filter((stanza) => stanza.trim() !== '')
    .map(
      (stanza) =>
        new Map([...stanza.matchAll(/^([!-9;-~]+):[ \t]*(.*)$/gm)].map(([, key = '', value = '']) => [key, value])),
    );
}

/** A removed package keeps its stanza in a status file; one without the field is installed, as distroless writes them. */
function isInstalled(fields: ReadonlyMap<string, string>): boolean {
  const status = (fields.get('Status') ?? 'install ok installed').split(' ');
  return fields.has('Package') && fields.has('Version') && !status.includes('deinstall') && !status.includes('purge');
}

function scanned(fields: ReadonlyMap<string, string>, files: readonly string[]): ScannedPackage {
  const name = fields.get('Package') ?? '';
  const version = fields.get('Version') ?? '';
  const [, source = name, sourceVersion = version] = /^(\S+)(?: \((.+)\))?$/.exec(fields.get('Source') ?? '') ?? [];
  return { name, version, architecture: fields.get('Architecture') ?? '', source: `${source} ${sourceVersion}`, files };
}

function filesIn(md5sums: Uint8Array | undefined): readonly string[] {
  if (md5sums === undefined) return [];
  return [...textOf(md5sums).matchAll(/^[0-9a-f]{32} {2}(.+)$/gm)].map(([, path = '']) => path);
}

function distributionOf(files: ReadonlyMap<string, Uint8Array>): string | undefined {
  const release = files.get('etc/os-release') ?? files.get('usr/lib/os-release');
  if (release === undefined) return undefined;
  const value = (key: string) => new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(textOf(release))?.[1];
  return `${value('ID')} ${value('VERSION_ID')}`;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
