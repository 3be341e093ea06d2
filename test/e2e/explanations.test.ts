/** Refusals that people have read and found clear: test/golden/explanations, made by npm run golden. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Ajv } from 'ajv';
import { errorSchema } from '../../src/build/error-schema.ts';
import { type Asker, explanationsFolder, startAsker } from '../support/explanations.ts';

let asker: Asker;

before(async () => {
  asker = await startAsker();
});

after(async () => {
  await asker[Symbol.asyncDispose]();
});

const names = readdirSync(explanationsFolder).filter((name) => name.endsWith('.txt'));

test('there are at least twenty', () => {
  assert.ok(names.length >= 20);
});

const validate = new Ajv({ strict: true, strictRequired: false }).compile(errorSchema);

test('as JSON each is what its published schema describes', async () => {
  for (const name of names) {
    const golden = readFileSync(join(explanationsFolder, name), 'utf8');
    const said = await asker.renew(golden.replace('build --dry-run', 'build --format json --dry-run'));
    const json = said.slice(said.indexOf('\n{\n'), said.indexOf('\n}\n') + 2);
    const data: unknown = JSON.parse(json);
    assert.ok(validate(data), `${name}: ${JSON.stringify(validate.errors)}`);
  }
});

for (const [what, line] of Object.entries({
  'a mistake of the configuration': '$ slimimage build --format json --platform x86 -p nginx -e X=1 --port 80:80',
  'a name, by resolve': '$ slimimage resolve awk ngnix --format json',
  'an archive that is not there': '$ slimimage resolve nginx --format json --mirror own=http://127.0.0.1:9/x',
})) {
  test(`as JSON, too: ${what}`, async () => {
    const said = await asker.renew(line);
    const data: unknown = JSON.parse(said.slice(said.indexOf('\n{\n'), said.indexOf('\n}\n') + 2));
    assert.ok(validate(data), `${said} ${JSON.stringify(validate.errors)}`);
  });
}

for (const name of names) {
  test(name.replaceAll('-', ' ').replace('.txt', ''), async () => {
    const golden = readFileSync(join(explanationsFolder, name), 'utf8');
    assert.equal(await asker.renew(golden), golden, 'npm run golden writes it anew');
  });
}
