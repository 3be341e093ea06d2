import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand } from '../../tools/system-packages.ts';
import { projectRoot } from './source-code.ts';

/** SPDX's own readers in Python: spdx-tools for 2.3, and the model's bindings, generated from its SHACL, for 3.0.1. */
export interface SpdxTools {
  /** What they say of a document file; '' where it is valid. */
  complaints(file: string): string;
}

const packages = ['spdx-tools==0.8.5', 'spdx-python-model==0.0.6'];

const read3 = `
import sys
from spdx_python_model import v3_0_1 as model
objects = model.SHACLObjectSet()
with open(sys.argv[1], 'rb') as file:
    model.JSONLDDeserializer().read(file, objects)
missing = objects.link()
if missing:
    sys.exit('not in the document: %s' % sorted(missing))
`;

/** Installed once, with pip, into a folder of the project; or why they can't be had. */
export function fetchSpdxTools(): SpdxTools | string {
  const python = findCommand('python3');
  if (python === undefined) return 'not installed: python3';
  const folder = join(projectRoot, '.cache/spdx-tools', packages.join(','));
  const done = join(folder, 'done');
  if (!existsSync(done)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const venv = spawnSync(python, ['-m', 'venv', folder], { stdio: 'ignore' });
    if (venv.status !== 0) return 'python3 can make no virtual environment';
    const pip = ['install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:', ...packages];
    const { status } = spawnSync(join(folder, 'bin/pip'), pip, { stdio: 'ignore', timeout: 120_000 });
    if (status !== 0) return `pip could not install ${packages.join(' and ')}`;
    writeFileSync(done, '');
  }
  return {
    complaints(file) {
      const [command = '', ...args] = file.endsWith('.spdx3.json')
        ? ['python', '-c', read3, file]
        : ['pyspdxtools', '--infile', file];
      const answer = spawnSync(join(folder, 'bin', command), args, { encoding: 'utf8' });
      return answer.status === 0 && answer.stderr === '' ? '' : `${answer.stdout}${answer.stderr}` || 'failed';
    },
  };
}
