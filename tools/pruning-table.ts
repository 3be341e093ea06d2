/**
 * `npm run pruning-table`: resolves sets of packages of Debian 13 for linux/amd64, reads them with `dependencies: full` and
 * `runtime`, and writes what each puts into an image to the table of docs/pruning.md. `npm run pruning-table -- NAME...` prints some.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { preparePackages } from '../src/build/contents.ts';
import { prunePlatform } from '../src/build/prune-platform.ts';
import { choosePlatform, resolveSpec } from '../src/build/resolve-packages.ts';
import { openSession } from '../src/build/session.ts';
import type { Content } from '../src/content/types.ts';
import { flagsToSpec } from '../src/index.ts';

/** What others estimated for the same set on Debian 12 with Essential packages, by a list picked by hand. */
const estimates: Readonly<Record<string, string>> = {
  'redis-server': '52 to 17, 106 to 32 MB',
  haproxy: '51 to 18, 104 to 31 MB',
  'postgresql-client': '50 to 31, 109 to 44 MB',
  nginx: '29 to 9, 32 to 22 MB',
  curl: 'nothing',
  nodejs: 'nothing',
};

const sets = [
  ...['ca-certificates', 'redis-server', 'haproxy', 'nginx', 'memcached', 'git', 'openssh-client'],
  ...['openjdk-21-jre-headless', 'php-cli', 'python3', 'ruby', 'postgresql', 'postgresql-client', 'curl', 'nodejs'],
  ...['perl', 'ffmpeg'],
];

const root = new URL('..', import.meta.url).pathname;
const page = join(root, 'docs/pruning.md');
const heading = '| packages | `full` | `runtime` | proven, without evidence | estimated |\n|---|---|---|---|---|\n';

await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<void> {
  const rows: string[] = [];
  for (const name of names.length === 0 ? sets : names) {
    const row = await measure(name);
    process.stdout.write(`${row}\n`);
    rows.push(row);
  }
  if (names.length > 0) return;
  const before = await readFile(page, 'utf8');
  await writeFile(page, before.replace(/\| packages \| `full` [\s\S]*?\n\n/, `${heading}${rows.join('\n')}\n\n`));
}

async function measure(name: string): Promise<string> {
  const session = await openSession({ cwd: root, env: process.env });
  try {
    const spec = flagsToSpec({ package: [name], from: 'debian/trixie', platform: ['linux/amd64'] }, { cwd: root });
    const { resolved } = await resolveSpec(spec, choosePlatform(spec), session);
    const contents = await preparePackages(spec, resolved, session);
    const pruned = await prunePlatform(spec, { resolved, contents, base: undefined, locked: undefined, session });
    const { cuts } = pruned.pruning;
    const proven = cuts.filter(({ grade }) => grade === 'proven').length;
    const sizes = [contents, pruned.contents].map(({ packages }) => text([...packages.values()]));
    return `| ${[name, ...sizes, `${proven}, ${cuts.length - proven}`, estimates[name] ?? ''].join(' | ')} |`;
  } finally {
    await session.close();
  }
}

function text(packages: readonly { readonly content: Content }[]): string {
  const files = packages.flatMap(({ content }) => content.index.entries);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return `${packages.length}, ${(bytes / 1e6).toFixed(1)} MB`;
}
