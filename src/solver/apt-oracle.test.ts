import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { debianVersions, fullPolicy, requests } from '../../test/support/universe.ts';
import { openUniverse } from '../distro/debian/universe.ts';
import { buildPackagesIndex } from '../formats/deb822/packages-index.ts';
import { bytesSource, openPackagesIndex } from '../formats/deb822/packages-reader.ts';
import { resolve } from './resolve.ts';

const folder = new URL('../../../shared/fixtures/apt-oracle-bookworm/', import.meta.url);

interface Case {
  readonly request: readonly string[];
  readonly ok: boolean;
  /** `name=version:architecture` */
  readonly install: readonly string[];
}

test('the same packages and the same refusals as apt', { skip: !existsSync(folder) && 'no fixtures' }, () => {
  const bytes = gunzipSync(readFileSync(new URL('Packages.gz', folder)));
  const index = openPackagesIndex(buildPackagesIndex(bytes), bytesSource(bytes));
  const origin = { archive: 'debian', suite: 'bookworm', component: 'main', priority: 500 };
  const universe = openUniverse({ architecture: 'amd64', indexes: [{ index, origin }] });
  const { cases }: { cases: readonly Case[] } = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));
  assert.equal(cases.length, 91);
  for (const { request, ok, install } of cases) {
    const asked = requests(request.join(' '));
    const answer = resolve(universe, asked, { policy: fullPolicy, versions: debianVersions });
    const chosen = answer.ok
      ? answer.resolution.packages.map(({ record }) => `${record.name}=${record.version}:${record.architecture}`)
      : [];
    assert.equal(answer.ok, ok, request.join(' '));
    assert.deepEqual(chosen.toSorted(), install.toSorted(), request.join(' '));
  }
});
