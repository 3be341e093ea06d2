import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand } from '../../tools/system-packages.ts';
import { projectRoot } from './source-code.ts';

/**
 * For `test(name, { skip: lacking({ ... }) }, ...)`: false where everything is there, else the reason to skip.
 * @param options.commands programs; `root`: whether the test has to run as root; `fixtures`: folders of the fixtures
 */
export function lacking(options: {
  readonly commands?: readonly string[];
  readonly root?: boolean;
  readonly fixtures?: readonly string[];
}): string | false {
  const commands = (options.commands ?? []).filter((name) => findCommand(name) === undefined);
  if (commands.length > 0) return `not installed: ${commands.join(', ')}`;
  if (options.root && process.getuid?.() !== 0) return 'needs root';
  const fixtures = (options.fixtures ?? []).filter((name) => !existsSync(fixture(name)));
  return fixtures.length > 0 ? `the fixtures ${fixtures.join(', ')} are not there` : false;
}

/** Path of something in the shared fixtures. */
export function fixture(...names: readonly string[]): string {
  return join(projectRoot, '../shared/fixtures', ...names);
}
