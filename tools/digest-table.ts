/**
 * `npm run digest-table`: shows that an image's bytes depend on its inputs alone. It builds the same images in many
 * ways (folder, user, clock, Node, processor, ...) and prints a line each: equal, or what came out instead. The state
 * of Debian's archive is an input: it is fetched once, and every way starts from a copy of what was fetched, with
 * `--offline`. Exit status 1 where a digest differs or a build fails; what can't be done here is skipped by name.
 * `npm run digest-table -- WORD...` takes only the ways with one of the words in their names.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applicationLines, type TableImages } from '../test/support/digest-inputs.ts';
import { machineWays } from '../test/support/digest-machines.ts';
import { makeTable, type Row, takeSnapshot } from '../test/support/digest-table.ts';
import { localWays } from '../test/support/digest-ways.ts';
import { supportedNodes } from '../test/support/nodes.ts';

const platforms = { amd64: 'linux/amd64', 'amd64+arm64': 'linux/amd64, linux/arm64' };
const images: TableImages = {
  configs: Object.fromEntries(
    Object.entries(platforms).flatMap(([name, list]) =>
      ['gzip', 'zstd'].map((compression) => [`${name} ${compression}`, config(compression, list)]),
    ),
  ),
};

const nameWidth = 46;
const digestWidth = 17;

const work = mkdtempSync(join(process.env['TMPDIR'] ?? tmpdir(), 'slimimage-digests-'));
try {
  await main();
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function main(): Promise<void> {
  // Other users work below it.
  chmodSync(work, 0o755);
  const nodes = supportedNodes(say);
  const names = Object.keys(images.configs);
  say(`fetching and building ${names.join(', ')} ...`);
  const snapshot = await takeSnapshot({ work, images, env: process.env });
  const slow = (image: string) => image.startsWith('amd64 ');
  const machines = await machineWays({ work, say, slow });
  const words = process.argv.slice(2);
  const ways = [...localWays({ nodes, work, validUntil: snapshot.validUntil }), ...machines].filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );

  say('\npython3, ca-certificates, tzdata and an application folder, from what the archive holds now:');
  for (const name of names) say(`  ${name.padEnd(16)} ${snapshot.digests[name]}`);
  say(`\n${'way'.padEnd(nameWidth)}  ${names.map((name) => name.padEnd(digestWidth)).join('  ')}  equal?`);
  const rows = await makeTable(ways, { work, images, snapshot, onRow: (row) => say(line(row, names)) });

  const built = rows.filter((row) => row.type === 'built');
  const equal = built.filter((row) => row.equal).length;
  const failed = rows.filter((row) => row.type === 'failed').length;
  const skipped = rows.length - built.length - failed;
  say(`\n${equal} equal, ${built.length - equal} different, ${failed} failed, ${skipped} skipped`);
  if (equal < rows.length - skipped) process.exitCode = 1;
}

function config(compression: string, list: string): string {
  return `name: python
from: debian/trixie
packages: [python3, ca-certificates, tzdata]
platforms: [${list}]
compression: ${compression}
layers: ${compression === 'gzip' ? 'automatic' : '{ budget: 8 }'}
${applicationLines}`;
}

function line(row: Row, names: readonly string[]): string {
  const way = row.way.length > nameWidth ? `${row.way.slice(0, nameWidth - 3)}...` : row.way.padEnd(nameWidth);
  if (row.type !== 'built') return `${way}  ${row.type.toUpperCase()}: ${row.reason}`;
  const cells = names.map((name) => (row.digests[name]?.slice(7, 19) ?? '-').padEnd(digestWidth));
  return `${way}  ${cells.join('  ')}  ${row.equal ? 'equal' : 'DIFFERENT'}`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
