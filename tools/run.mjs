/**
 * `node tools/run.mjs TASK [ARGUMENT...]`: every npm script of this repository. It sets up what the task needs (the
 * pinned Node, the dependencies of the lock file) and runs the task under that Node. Runs on any Node from 20 on.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ensureNode, projectRoot, runNpm, SetupError, versions } from './node-runtime.mjs';

/** Tasks that are more than `tools/TASK.ts`. */
const tasks = {
  'test:unit': ['tools/test.ts', 'unit'],
  test: ['tools/test.ts', 'all'],
  lint: ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
  types: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'],
  slimimage: ['bin/slimimage.js'],
};

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 3;
}

function main([task, ...args]) {
  const command = commandOf(task);
  if (command === undefined) {
    say(`There is no task "${task ?? ''}". Tasks: ${taskNames().join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const node = ensureNode(versions.development, { say });
  ensureDependencies(node);
  const path = [dirname(node), join(projectRoot, 'node_modules/.bin'), process.env.PATH].filter(Boolean);
  const [program, ...fixed] = command;
  const child = spawn(node, [join(projectRoot, program), ...fixed, ...args], {
    // npm goes to the project's root; paths that a user writes mean the folder where they are.
    cwd: task === 'slimimage' ? (process.env.INIT_CWD ?? process.cwd()) : projectRoot,
    env: { ...process.env, PATH: path.join(delimiter) },
    stdio: 'inherit',
  });
  // The terminal sends Ctrl-C to the child too; this process only waits for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (status, signal) => {
    process.exitCode = status ?? 128 + (constants.signals[signal] ?? 0);
  });
}

function commandOf(task) {
  if (task === undefined) return undefined;
  if (Object.hasOwn(tasks, task)) return tasks[task];
  return taskNames().includes(task) ? [`tools/${task}.ts`] : undefined;
}

function taskNames() {
  const scripts = readdirSync(join(projectRoot, 'tools')).filter((name) => /^[a-z-]+\.ts$/.test(name));
  return [...new Set([...Object.keys(tasks), ...scripts.map((name) => name.slice(0, -3))])].sort();
}

/** `npm ci` where `node_modules` is not what the lock file says. */
function ensureDependencies(node) {
  if (dependenciesMatch()) return;
  say('installing the dependencies of package-lock.json ...');
  runNpm(node, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: projectRoot,
    failure: 'The dependencies could not be installed.',
  });
}

/** npm leaves a note of what it installed; optional packages of other platforms are not in it. */
function dependenciesMatch() {
  const note = join(projectRoot, 'node_modules/.package-lock.json');
  if (!existsSync(note)) return false;
  const wanted = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(note, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const there = installed[path];
    if (there === undefined) return entry.optional === true;
    return there.version === entry.version && there.integrity === entry.integrity;
  });
}

function say(text) {
  for (const line of text.split('\n')) process.stderr.write(`slimimage: ${line}\n`);
}
