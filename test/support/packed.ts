import assert from 'node:assert/strict';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runNpm } from '../../tools/node-runtime.mjs';
import { projectRoot } from './source-code.ts';

/** Packs the project as it is published and installs it into `FOLDER/user`, as a user would. Returns that folder. */
export async function installPacked(folder: string): Promise<string> {
  const user = join(folder, 'user');
  await mkdir(user);
  const tarball = await pack(folder);
  await writeFile(join(user, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }));
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  npm(['install', ...quiet, tarball], user);
  return user;
}

/** `npm pack` in a copy: it builds `dist` anew, which other tests may be using. */
async function pack(folder: string): Promise<string> {
  const copy = join(folder, 'copy');
  const parts = ['bin', 'docs', 'examples', 'keys', 'schema', 'src', 'tools'];
  const files = (await readdir(projectRoot)).filter((name) =>
    /^(?:package.*\.json|tsconfig.*\.json|.*\.md|LICENSE)$/.test(name),
  );
  for (const name of [...parts, ...files, '.npmrc']) {
    await cp(join(projectRoot, name), join(copy, name), { recursive: true });
  }
  await symlink(join(projectRoot, 'node_modules'), join(copy, 'node_modules'));
  // .npmrc keeps scripts of dependencies from running, and with them our own `prepack`.
  npm(['pack', '--ignore-scripts=false', '--silent', '--pack-destination', folder], copy);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  assert.ok(tarball !== undefined);
  return join(folder, tarball);
}

function npm(args: readonly string[], cwd: string): void {
  runNpm(process.execPath, args, { cwd, failure: `npm ${args[0]} failed` });
}
