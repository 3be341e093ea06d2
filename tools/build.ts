/**
 * `npm run build`: `dist/` for publishing. tsc makes the library with its types; rolldown makes the command line and
 * its worker thread a handful of files, because 350 modules cost a fifth of a second at every start.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';

/** Native or WebAssembly parts, and openpgp (LGPL), stay packages of their own; they load when they are needed. */
const external = [
  'openpgp',
  'undici',
  '@napi-rs/lzma',
  /^@napi-rs\/lzma\//,
  'xz-decompress',
  '@valibot/to-json-schema',
];

/** The licence ISC asks for its whole text. */
const isc = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY
DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION,
ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
`;

rmSync('dist', { recursive: true, force: true });
const arguments_ = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];
const tsc = spawnSync(process.execPath, arguments_, { stdio: 'inherit' });
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

const { output } = await build({
  input: {
    main: 'src/cli/main.ts',
    worker: 'src/content/worker.ts',
    'compile-worker': 'src/bytecode/compile-worker.ts',
  },
  platform: 'node',
  external,
  // Beside dist/content and its like: paths to keys/ are the same from here.
  output: { dir: 'dist/bin', format: 'esm', chunkFileNames: '[name].js' },
});
const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
writeFileSync('dist/bin/LICENSES', licensesOf(modules));

/** The licences of the packages that are inside the bundle. */
function licensesOf(modules: readonly string[]): string {
  const folders = modules.flatMap((path) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(folders)]
    .sort()
    .map(licenseOf)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function licenseOf(folder: string): string {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const texts = ['LICENSE', 'LICENSE.md', 'LICENSE.txt'].flatMap((file) => read(join(folder, file)) ?? []);
  if (texts.length === 0) texts.push(namedLicense(name, { license, author }));
  return `${name} ${version}\n\n${texts.join('\n').trim()}\n`;
}

/** Lists of SPDX and saxes come without a text: the licence by its name, and whom it asks to name. */
function namedLicense(name: string, { license, author }: Pick<Manifest, 'license' | 'author'>): string {
  const by = typeof author === 'string' ? author : author?.name;
  if (license === 'ISC' && by !== undefined) return `Copyright ${by}\n\n${isc}`;
  if (license === undefined || !['CC0-1.0', 'CC-BY-3.0'].includes(license))
    throw new Error(`${name} has no licence file`);
  return `${license}${by === undefined ? '' : `, by ${by}`}, https://www.npmjs.com/package/${name}`;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string | undefined;
  readonly author?: string | { readonly name: string } | undefined;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
