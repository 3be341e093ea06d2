/**
 * `npm run catalog-sizes`: builds every image of the catalogue for linux/amd64 twice, with all dependencies and as it is meant,
 * and writes packages and bytes to catalog/sizes.json and to the table of docs/catalogue.md. `npm run catalog-sizes -- NAME...` measures some.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogSize, CatalogSizes, MeasuredSizes } from '../src/build/catalog.ts';
import { type CatalogName, catalogNames } from '../src/config/catalog.ts';
import { buildImage, type ImageSpec, listImage, loadConfig, resolvePackages } from '../src/index.ts';

/** Uncompressed bytes of the images that are meant to be beaten, as published; what cuts by a list written by hand come to, not run. */
const others: Readonly<Record<string, string>> = {
  static: 'distroless static 2.0 MB',
  base: 'distroless base 20.7 MB',
  cc: 'distroless cc 23.4 MB',
  python3: 'the hand-made recipe 52.5 MB, which does not run',
  nodejs: 'distroless nodejs20 181 MB',
  'java-jre': 'distroless java11 200 MB',
  nginx: 'cut by hand 9, 22 MB',
  redis: 'cut by hand 17, 32 MB',
  haproxy: 'cut by hand 18, 31 MB',
};

const platform = 'linux/amd64';
const root = new URL('..', import.meta.url).pathname;
const sizesFile = join(root, 'catalog/sizes.json');
const page = join(root, 'docs/catalogue.md');

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  const names = args.length === 0 ? catalogNames : catalogNames.filter((name) => args.includes(name));
  const images: Partial<Record<CatalogName, MeasuredSizes>> = {
    ...(JSON.parse(await readFile(sizesFile, 'utf8')) as CatalogSizes).images,
  };
  for (const name of names) {
    const full = await measure(name, 'full');
    const runtime = await measure(name, 'runtime');
    images[name] = { full, runtime };
    process.stdout.write(`${name}: ${text(full)} -> ${text(runtime)}\n`);
  }
  const ordered = Object.fromEntries(
    catalogNames.flatMap((name) => (images[name] === undefined ? [] : [[name, images[name]]])),
  );
  await writeFile(sizesFile, `${JSON.stringify({ platform, images: ordered }, undefined, 2)}\n`);
  const before = (await readFile(page, 'utf8')).replace(/\n## Sizes\n[\s\S]*$/, '');
  await writeFile(page, `${before}\n${sizesSection(ordered)}`);
}

/** `full`: with everything that the packages depend on, whatever their scripts do, and nothing left out by `omit`. */
async function measure(name: string, dependencies: 'full' | 'runtime'): Promise<CatalogSize> {
  const meant = await loadConfig(`catalog/${name}`, { cwd: root, platform });
  const spec = dependencies === 'full' ? await withEverything({ ...meant, dependencies, omit: [] }) : meant;
  const built = await buildImage(spec, { tags: ['catalog-sizes'], cwd: root, sboms: [], provenance: false });
  const tree = await listImage('store:catalog-sizes', { cwd: root });
  const bytes = tree.reduce((sum, { type, size }) => sum + (type === 'file' ? size : 0), 0);
  return { packages: built.platforms[0]?.packages.length ?? 0, bytes };
}

async function withEverything(spec: ImageSpec): Promise<ImageSpec> {
  const { packages } = await resolvePackages(spec, { cwd: root });
  return { ...spec, accept: packages.map(({ name }) => ({ package: name, because: 'measured, not used' })) };
}

function sizesSection(images: CatalogSizes['images']): string {
  const rows = Object.entries(images).map(
    ([name, { full, runtime }]) => `| ${name} | ${text(full)} | ${text(runtime)} | ${others[name] ?? ''} |`,
  );
  return [
    '## Sizes',
    '',
    'Packages and bytes of files (as `docker images` counts them) for linux/amd64, written by `npm run catalog-sizes`. Before: with all',
    'that the packages depend on. After: as it is built, with `dependencies: runtime` and what the file leaves out by name. Cut by hand:',
    'an estimate by a list of packages, whose results were not run.',
    '',
    '| image | before | after | beside |',
    '|---|---|---|---|',
    ...rows,
    '',
    'python3 is above 0.6 of the recipe (31.5 MB): of what it has, programs and libraries are 27.4 MB (OpenSSL 7.6, Python 6.8, SQLite and',
    'Berkeley DB 3.4, libc6 3.2, ...), which modules of the standard library load, and those written in Python are 10.1 MB.',
    '',
  ].join('\n');
}

function text({ packages, bytes }: CatalogSize): string {
  return `${packages}, ${(bytes / 1e6).toFixed(1)} MB`;
}
