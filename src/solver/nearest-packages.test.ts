import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestPackages } from './nearest-packages.ts';

const debian = [
  ...['yarnpkg', 'yara', 'yard', 'node-has-yarn'],
  ...['bash', 'ava', 'cava', 'jaaa', 'japa', 'jel-java', 'java-common', 'ffmpeg'],
  ...['nginx', 'nginx-light', 'nodejs', 'nodejs-doc', 'libnode-dev', 'curl', 'curlew'],
  ...['python3', 'python3.13', 'python3-h2', 'python3-av', 'python3-numpy', 'python3-msgpack-numpy', 'cython3'],
  ...[
    'libssl3t64',
    'libssl-dev',
    'libxslt1.1',
    'libosl1v5',
    'libsml1',
    'libicu76',
    'libcurl4t64',
    'libcurl3t64-gnutls',
  ],
  ...['postgresql', 'postgresql-17', 'postgresql-all', 'openjdk-21-jre', 'openjdk-21-jdk', 'openjdk-25-jre'],
  ...['default-mysql-server', 'gcc-13', 'gcc-14', 'gcc-14-base'],
];

const provided = ['java-runtime', 'java-compiler', 'awk'];

const meant: Readonly<Record<string, readonly string[]>> = {
  ngnix: ['nginx'],
  pyhton3: ['python3', 'cython3'],
  'python3.12': ['python3.13', 'python3'],
  'libssl1.1': ['libssl3t64'],
  libicu72: ['libicu76'],
  libcurl3: ['libcurl4t64'],
  'libcurl3-gnutls': ['libcurl3t64-gnutls'],
  'postgresql-15': ['postgresql-17'],
  'openjdk-11-jre': ['openjdk-25-jre', 'openjdk-21-jre'],
  'gcc-9': ['gcc-14', 'gcc-13'],
  'nodejs-lts': ['nodejs'],
  python: ['python3', 'python3.13', 'cython3'],
  yarn: ['yarnpkg'],
  numpy: ['python3-numpy', 'python3-msgpack-numpy'],
  'mysql-server': ['default-mysql-server'],
  java: ['java-runtime', 'java-compiler', 'jel-java', 'java-common', 'ava'],
  crul: ['curl'],
  zzzzzz: [],
};

for (const [name, expected] of Object.entries(meant)) {
  test(`${name} means ${expected.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(nearestPackages(name, debian, provided), expected);
  });
}
