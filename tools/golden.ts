/**
 * `npm run golden`: writes test/golden/explanations/*.txt anew. Each file holds its command; to add one, write a file
 * with the line `$ slimimage build ...` and run this. Read what changed before it is committed: the files are there
 * because a person has found them clear.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explanationsFolder, startAsker } from '../test/support/explanations.ts';

await using asker = await startAsker();
for (const name of (await readdir(explanationsFolder)).sort()) {
  const path = join(explanationsFolder, name);
  const before = await readFile(path, 'utf8');
  const text = await asker.renew(before);
  if (text === before) continue;
  await writeFile(path, text);
  process.stdout.write(`${name}\n`);
}
