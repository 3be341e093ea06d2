import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { OciLayout } from '../../src/store/oci-layout.ts';
import { reach } from '../../src/store/reach.ts';
import { sha256Hex } from '../../src/util/digest.ts';
import { compareStrings } from '../../src/util/text.ts';

/** One target of every form, by the name that its file or folder has below the user's folder. */
export const targets = ['oci:layout', 'oci-archive:oci.tar', 'docker-archive:docker.tar', 'tar:root.tar', 'dir:root'];

export const targetFlags: readonly string[] = targets.flatMap((target) => ['-o', target]);

/**
 * What every target holds now, as a short text that differs where anything in it does; `missing` where it is not there. A
 * layout is followed from its index: every blob has to be there and whole.
 */
export async function readTargets(folder: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const target of targets) {
    const [form, name = ''] = target.split(':');
    const path = join(folder, name);
    if ((await lstat(path).catch(() => undefined)) === undefined) found[target] = 'missing';
    else if (form === 'oci') found[target] = await readLayout(path);
    else found[target] = form === 'dir' ? await readTree(path) : sha256Hex(await readFile(path)).slice(0, 12);
  }
  return found;
}

/** Files and folders beside the targets that a build leaves only while it is under way. */
export async function leftovers(folder: string): Promise<readonly string[]> {
  const beside = (await readdir(folder)).filter((name) => name.includes('.slimimage-'));
  const inLayout = await readdir(join(folder, 'layout')).catch(() => []);
  const store = await Promise.all(
    ['tmp', 'locks'].map(async (name) => {
      const names = await readdir(join(folder, 'store', name)).catch(() => []);
      return names.map((each) => join('store', name, each));
    }),
  );
  const layout = inLayout.filter((name) => !['blobs', 'index.json', 'oci-layout'].includes(name));
  return [...beside, ...layout, ...store.flat()];
}

async function readLayout(path: string): Promise<string> {
  const names = (await readdir(path)).filter((name) => !name.startsWith('.'));
  // A build that died before it named its image has made an empty layout, or not even that.
  if (!names.includes('index.json')) return 'missing';
  const layout = await OciLayout.open(path);
  try {
    const root = await layout.resolve('1');
    if (root === undefined) return 'missing';
    const { digests, broken } = await reach(layout, [root]);
    assert.deepEqual(broken, []);
    for (const digest of digests) {
      // Checks the bytes as they flow.
      for await (const chunk of layout.open(digest)) void chunk;
    }
    return root.digest;
  } finally {
    await layout.close();
  }
}

async function readTree(root: string): Promise<string> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort(compareStrings);
  const hash = createHash('sha256');
  for (const path of paths) {
    const info = await lstat(path);
    hash.update(`${path.slice(root.length)} ${info.mode} ${info.uid}:${info.gid} ${info.mtimeMs}\n`);
    if (info.isSymbolicLink()) hash.update(await readlink(path));
    else if (info.isFile()) hash.update(await readFile(path));
  }
  return hash.digest('hex').slice(0, 12);
}
