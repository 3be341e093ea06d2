import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainPackage, type ReasonedPackage } from './chain.ts';
import type { WhyReason } from './types.ts';

/** `libc: web tool` is needed by web and tool; `web: !` is requested. */
function graph(...lines: readonly string[]): ReadonlyMap<string, ReasonedPackage> {
  const entries = lines.map((line) => {
    const [name = '', needers = ''] = line.split(': ');
    const requestedBy = needers
      .split(' ')
      .filter((word) => word !== '')
      .map((word): WhyReason => (word === '!' ? { type: 'request', text: name } : needs(word, name)));
    return [name, { name, version: '1', requestedBy }] as const;
  });
  return new Map(entries);
}

function needs(from: string, dependency: string): WhyReason {
  return { type: 'depends', from, dependency };
}

function chain(packages: ReadonlyMap<string, ReasonedPackage>, name: string): string {
  const explained = explainPackage(packages.get(name) as ReasonedPackage, packages);
  return explained.chain
    .map((step) => `${step.name}(${'from' in step.reason ? step.reason.from : step.reason.type})`)
    .join(' ');
}

test('the shortest way from a request', () => {
  const packages = graph('app: !', 'web: app', 'ssl: web', 'libc: ssl web', 'tool: libc');
  assert.equal(chain(packages, 'libc'), 'app(request) web(app) libc(web)');
  assert.equal(chain(packages, 'app'), 'app(request)');
});

test('of equally short ways the one whose names come first', () => {
  const packages = graph('b-app: !', 'a-app: !', 'one: a-app b-app', 'two: a-app', 'libc: one two');
  assert.equal(chain(packages, 'libc'), 'a-app(request) one(a-app) libc(one)');
});

test('a request says more than what every image has', () => {
  const base = { type: 'base' } as const;
  const packages = new Map(graph('app: !', 'web: app', 'libc: base-files web'));
  packages.set('base-files', { name: 'base-files', version: '1', requestedBy: [base] });
  assert.equal(chain(packages, 'libc'), 'app(request) web(app) libc(web)');
  assert.equal(chain(packages, 'base-files'), 'base-files(base)');
});

test('cycles end, and what nothing asks for says so', () => {
  const packages = graph('a: b', 'b: a', 'c: d', 'd: c !');
  assert.equal(chain(packages, 'a'), 'a(unneeded)');
  assert.equal(chain(packages, 'c'), 'd(request) c(d)');
});
