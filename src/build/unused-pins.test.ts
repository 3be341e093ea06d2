import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packages, universeOf } from '../../test/support/universe.ts';
import { makePin, type PinSetting, parsePin } from '../config/values/pin.ts';
import { unusedPins } from './unused-pins.ts';

const records = packages('nginx 1.26; Suite: trixie', 'libnginx-a 1; Suite: trixie', 'curl 8; Suite: trixie-backports');
const release = { suite: 'stable', codename: 'trixie', version: '13.2', origin: 'Debian', label: 'Debian' };
const origins = [
  { archive: 'debian', suite: 'trixie', component: 'main', priority: 500, release },
  { archive: 'debian', suite: 'trixie-backports', component: 'main', priority: 100 },
];

function problem(pin: string | PinSetting): string | undefined {
  const read = typeof pin === 'string' ? parsePin(pin) : makePin(pin);
  const [said, ...more] = unusedPins([read], { universe: universeOf(records), origins });
  assert.deepEqual(more, []);
  return said;
}

test('a pin that fits something says nothing', () => {
  const used = [
    'nginx=1.26*',
    'nginx/trixie',
    'curl/trixie-backports',
    'lib*=1',
    'x:arm64=1',
    'src:x=1',
    'nginx:any=*',
  ];
  for (const pin of used) assert.equal(problem(pin), undefined, pin);
  assert.equal(problem({ suite: '13*' }), undefined);
  assert.equal(problem({ archive: 'debian', priority: 5 }), undefined);
  assert.equal(problem({ packages: ['x', 'nginx'], version: '1.26' }), undefined);
});

test('one that fits nothing says what there is', () => {
  assert.equal(problem('ngnix=1.26'), 'pins: ngnix=1.26: no package is called that (did you mean nginx?)');
  assert.equal(problem('libx*=1'), 'pins: libx*=1: no package is called that');
  assert.equal(problem('nginx=1.27*'), 'pins: nginx=1.27*: no version fits (there is nginx 1.26 (trixie))');
  assert.equal(
    problem('nginx/trixie-backports'),
    'pins: nginx/trixie-backports: no version fits (there is nginx 1.26 (trixie))',
  );
  assert.equal(
    problem('nginx/trixie-backport'),
    'pins: nginx/trixie-backport: no suite of this image fits (did you mean trixie-backports?)',
  );
  assert.equal(
    problem({ release: { label: 'Ubuntu' } }),
    'pins: *: label Ubuntu, priority 990: no suite of this image fits (there are stable, trixie, trixie-backports)',
  );
});
