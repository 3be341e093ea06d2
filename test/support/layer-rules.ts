import assert from 'node:assert/strict';
import { createTarDecoder } from 'modern-tar';

export interface LayerRuleOptions {
  /** Absolute paths that may have set-user-id or set-group-id bits or a file capability. Default: none. */
  readonly specialPermissions?: readonly string[];
  /** Seconds since the epoch that no entry may be newer than. */
  readonly created?: number;
}

/** One path of a layer, as a tar reader that is not the product's own understands it. */
export interface LayerPath {
  /** Without leading or trailing slash. */
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  readonly linkTarget: string;
  readonly pax: Readonly<Record<string, string>>;
}

/**
 * Holds a layer that slimimage wrote to contract.md ("What is never there", "Bytes"): every path once and plainly
 * written, parents before children, no devices, no special permissions, hard links to what came before; directories
 * first and sorted, then package by package in name order, each sorted, then copied-in and generated entries.
 * @param tar the uncompressed layer, whole or in chunks
 * @returns its paths in order
 */
export async function assertLayerRules(
  tar: Uint8Array | AsyncIterable<Uint8Array>,
  options: LayerRuleOptions = {},
): Promise<readonly LayerPath[]> {
  const { entries, packages } = await readLayer(tar);
  const seen = new Map<string, string>([['', 'directory']]);
  for (const entry of entries) {
    assertPlainPath(entry.path);
    assert.ok(!seen.has(entry.path), `${entry.path} is there twice`);
    assert.equal(seen.get(parentOf(entry.path)), 'directory', `${entry.path} comes before its folder`);
    assert.ok(['file', 'directory', 'symlink', 'link'].includes(entry.type), `${entry.path} is a ${entry.type}`);
    if (entry.type === 'link') {
      assert.equal(seen.get(entry.linkTarget), 'file', `${entry.path} is a hard link to ${entry.linkTarget}`);
    }
    assertMetadata(entry, options);
    seen.set(entry.path, entry.type);
  }
  assertOrder(entries, packages);
  return entries;
}

function assertPlainPath(path: string): void {
  const parts = path.split('/');
  assert.ok(!parts.some((part) => part === '' || part === '.' || part === '..'), `"${path}" is not plainly written`);
}

function assertMetadata(entry: LayerPath, { specialPermissions = [], created }: LayerRuleOptions): void {
  const { path, mode, mtime, pax } = entry;
  if (!specialPermissions.includes(`/${path}`)) {
    assert.equal(mode & 0o6000, 0, `${path} has mode ${mode.toString(8)}`);
    const capability = Object.keys(pax).filter((key) => key.endsWith('security.capability'));
    assert.deepEqual(capability, [], `${path} has a capability`);
  }
  assert.ok(Number.isInteger(mtime) && mtime >= 0, `${path} has the time ${mtime}`);
  assert.ok(created === undefined || mtime <= created, `${path} is newer (${mtime}) than the image (${created})`);
}

/** The order is part of the format. Package borders are told by the md5sums files that the layer itself holds. */
function assertOrder(entries: readonly LayerPath[], packages: ReadonlyMap<string, readonly string[]>): void {
  const firstOther = entries.findIndex(({ type }) => type !== 'directory');
  const border = firstOther < 0 ? entries.length : firstOther;
  const others = entries.slice(border);
  assert.ok(
    others.every(({ type }) => type !== 'directory'),
    'a directory comes after the first file',
  );
  assertSorted(entries.slice(0, border), 'the directories');

  const position = new Map(others.map(({ path }, at) => [path, at]));
  let reached = -1;
  for (const name of [...packages.keys()].sort(compareBytes)) {
    const places = (packages.get(name) ?? []).flatMap((path) => position.get(path) ?? []);
    // What a link, a conffile or an exclusion hides says nothing; two files of a package have nobody else between them.
    if (places.length === 0) continue;
    const from = Math.min(...places);
    const to = Math.max(...places);
    assert.ok(from > reached, `${name} begins at ${others[from]?.path}, before the package in front of it has ended`);
    assertSorted(others.slice(from, to + 1), name);
    reached = to;
  }
  const last = others.slice(reached + 1);
  const isSorted = (list: readonly LayerPath[]) =>
    list.every(({ path }, at) => at === 0 || compareBytes(list[at - 1]?.path ?? '', path) < 0);
  // The last package's links, copied-in entries, generated ones, hard links: four sorted runs at most.
  const breaks = last.filter((_, at) => at > 0 && !isSorted(last.slice(at - 1, at + 1)));
  assert.ok(
    breaks.length <= 3,
    `what follows the packages is not sorted: ${breaks.map(({ path }) => path).join(', ')}`,
  );
}

function assertSorted(entries: readonly LayerPath[], what: string): void {
  for (const [at, { path }] of entries.entries()) {
    const before = entries[at - 1]?.path;
    if (before !== undefined) assert.ok(compareBytes(before, path) < 0, `${what}: ${path} comes after ${before}`);
  }
}

async function readLayer(tar: Uint8Array | AsyncIterable<Uint8Array>) {
  const entries: LayerPath[] = [];
  const packages = new Map<string, readonly string[]>();
  const source = ReadableStream.from(tar instanceof Uint8Array ? [tar] : tar);
  for await (const { header, body } of source.pipeThrough(createTarDecoder({ strict: true }))) {
    const { name, type = 'file', mode = 0, uid = 0, gid = 0, mtime, linkname = '', pax = {} } = header;
    const path = type === 'directory' ? name.replace(/\/$/, '') : name;
    const seconds = (mtime?.getTime() ?? Number.NaN) / 1000;
    entries.push({ path, type, mode, uid, gid, mtime: seconds, linkTarget: linkname, pax });
    const owner = /^var\/lib\/dpkg\/status\.d\/(.+)\.md5sums$/.exec(path)?.[1];
    if (owner === undefined) await body.pipeTo(new WritableStream());
    else packages.set(owner, md5sumsPaths(await new Response(body).text()));
  }
  return { entries, packages };
}

/** `HEX  PATH` lines, paths relative to the root. */
function md5sumsPaths(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^[0-9a-f]{32} {2}(.+)$/.exec(line)?.[1] ?? []);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
