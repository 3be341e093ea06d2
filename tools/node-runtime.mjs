/**
 * Brings a pinned Node from npm into `.tools/nodeNN`: plain files, no install script, checked against the integrity
 * hash in node-versions.json. Plain JavaScript without dependencies: it runs on any Node from 20 on, in a fresh clone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

export const versions = JSON.parse(readFileSync(new URL('./node-versions.json', import.meta.url), 'utf8'));

/** A failure that a person can do something about: printed without a stack. */
export class SetupError extends Error {}

/**
 * The path of the pinned Node `version`; downloads it where it is missing. `say` gets one line for each step;
 * `architecture` is the machine's own unless an emulator is to run it.
 */
export function ensureNode(version, { say, env = process.env, architecture = process.arch }) {
  const foreign = architecture !== process.arch;
  if (!foreign && process.version === `v${version}`) return process.execPath;
  const packageName = `node-${process.platform}-${architecture}`;
  const integrity = versions.integrity[`${packageName}@${version}`];
  if (integrity === undefined) {
    throw new SetupError(
      `No Node ${version} is pinned for ${process.platform}-${architecture}.\n` +
        `Install Node ${version} yourself and run the same command with it.`,
    );
  }
  const folder = join(projectRoot, '.tools', `node${version.split('.')[0]}${foreign ? `-${architecture}` : ''}`);
  const node = join(folder, 'node_modules', packageName, 'bin', 'node');
  if (installedVersion(folder, packageName) === version && existsSync(node)) return node;

  say(`bringing Node ${version} (${packageName}) from npm, once ...`);
  const temporary = `${folder}.tmp-${process.pid}`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  try {
    writeInstallFiles(temporary, { packageName, version, integrity });
    // Older npm has no --cpu; --force stands for it there.
    const platform = foreign ? [`--cpu=${architecture}`, '--force'] : [];
    runNpm(process.execPath, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent', ...platform], {
      cwd: temporary,
      env,
      failure: `Node ${version} could not be brought from npm.`,
    });
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return node;
}

/** Runs npm's own JavaScript under `node`, so that npm judges packages by that Node and not by the host's. */
export function runNpm(node, args, { cwd, env = process.env, failure }) {
  const cli = findNpm(env);
  const path = [dirname(node), env.PATH].filter(Boolean).join(delimiter);
  // Debian's npm package finds its own modules through this folder, which only Debian's Node searches.
  const debian = cli.startsWith('/usr/share/nodejs/') ? { NODE_PATH: '/usr/share/nodejs' } : {};
  const result = spawnSync(node, [cli, ...args], {
    cwd,
    env: { ...env, ...debian, PATH: path },
    stdio: ['ignore', 2, 2],
  });
  if (result.status === 0) return;
  throw new SetupError(
    `${failure}\n` +
      'Look at the lines of npm above; run `npm ping` to see whether the registry answers, ' +
      'check `npm config get registry` and the proxy settings, then run the same command again.',
  );
}

function findNpm(env) {
  const candidates = [];
  if (env.npm_execpath?.endsWith('npm-cli.js')) candidates.push(env.npm_execpath);
  candidates.push(join(dirname(realpathSync(process.execPath)), '../lib/node_modules/npm/bin/npm-cli.js'));
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const command = join(folder || '.', 'npm');
    if (existsSync(command)) candidates.push(realpathSync(command));
  }
  const found = candidates.find((path) => path.endsWith('npm-cli.js') && existsSync(path));
  if (found !== undefined) return found;
  const answer = spawnSync('npm', ['root', '-g'], { encoding: 'utf8', env });
  const global = join((answer.stdout ?? '').trim(), 'npm/bin/npm-cli.js');
  if (answer.status === 0 && existsSync(global)) return global;
  throw new SetupError(
    'npm was not found.\nInstall npm (on Debian: apt-get install npm) and run the same command again.',
  );
}

function installedVersion(folder, packageName) {
  try {
    return JSON.parse(readFileSync(join(folder, 'node_modules', packageName, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}

/** A lock of one package by hand: `npm ci` then checks the integrity that this repository pins. */
function writeInstallFiles(folder, { packageName, version, integrity }) {
  const dependencies = { [packageName]: version };
  const lock = {
    name: 'node-runtime',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'node-runtime', dependencies },
      [`node_modules/${packageName}`]: { version, integrity },
    },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'node-runtime', private: true, dependencies }));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
}
