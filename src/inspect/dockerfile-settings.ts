import type { HealthcheckConfig, RuntimeConfig } from '../oci/documents.ts';
import { compareStrings } from '../util/text.ts';
import { defaultShell, type Instruction } from './instruction.ts';
import { assignment, commandOf, jsonList } from './instruction-settings.ts';

const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What the config has that no instruction says: builders that write no history of it, or `docker commit --change`. */
export function unsaidSettings(
  config: RuntimeConfig | undefined,
  instructions: readonly Instruction[],
): readonly string[] {
  if (config === undefined) return [];
  const said = new Set(instructions.map(({ keyword }) => keyword));
  const unless = (keyword: string, lines: () => readonly string[]) => (said.has(keyword) ? [] : lines());
  const { User, WorkingDir, Entrypoint, Cmd, StopSignal, Healthcheck } = config;
  return [
    ...unsaidAssignments('ENV', {
      instructions,
      assignments: (config.Env ?? []).filter((text) => text !== defaultPath),
    }),
    ...unsaidAssignments('LABEL', {
      instructions,
      assignments: Object.entries(config.Labels ?? {}).map(([name, value]) => `${name}=${value}`),
    }),
    ...unless('EXPOSE', () => listed('EXPOSE', keysOf(config.ExposedPorts).join(' '))),
    ...unless('VOLUME', () =>
      listed('VOLUME', keysOf(config.Volumes).length === 0 ? '' : jsonList(keysOf(config.Volumes))),
    ),
    ...unless('WORKDIR', () => (WorkingDir === '/' ? [] : listed('WORKDIR', WorkingDir))),
    ...unless('USER', () => listed('USER', User)),
    ...unless('STOPSIGNAL', () => listed('STOPSIGNAL', StopSignal)),
    ...unless('HEALTHCHECK', () => listed('HEALTHCHECK', healthcheckCommand(Healthcheck))),
    ...unless('ENTRYPOINT', () => listed('ENTRYPOINT', commandText(Entrypoint))),
    ...unless('CMD', () => listed('CMD', commandText(Cmd))),
  ];
}

function unsaidAssignments(
  keyword: 'ENV' | 'LABEL',
  {
    instructions,
    assignments,
  }: { readonly instructions: readonly Instruction[]; readonly assignments: readonly string[] },
): readonly string[] {
  const said = new Set<string>();
  for (const one of instructions) {
    if (one.keyword !== keyword) continue;
    for (const [, name = ''] of one.text.matchAll(/(?:^|\s)"?([^\s="]+)"?=/g)) said.add(name);
    // The old form, `ENV NAME value`.
    said.add(one.text.split(' ', 1)[0] ?? '');
  }
  return assignments
    .map((text) => [text.split('=', 1)[0] ?? '', text.slice(text.indexOf('=') + 1)] as const)
    .filter(([name]) => !said.has(name))
    .map(([name, value]) => `${keyword} ${assignment(name, value)}`);
}

function commandText(words: readonly string[] | undefined): string {
  return words === undefined || words.length === 0 ? '' : commandOf(words, defaultShell);
}

/** The command of a health check, as HEALTHCHECK has it; '' where there is none. */
export function healthcheckCommand(healthcheck: HealthcheckConfig | undefined): string {
  const [kind, ...words] = healthcheck?.Test ?? [];
  if (kind === undefined) return '';
  if (kind === 'NONE') return 'NONE';
  const seconds = (name: string, nanoseconds = 0) =>
    nanoseconds > 0 ? `--${name}=${Number((nanoseconds / 1e9).toFixed(3))}s ` : '';
  const { Interval, Timeout, StartPeriod, Retries = 0 } = healthcheck ?? {};
  const flags = `${seconds('interval', Interval)}${seconds('timeout', Timeout)}${seconds('start-period', StartPeriod)}`;
  const command = kind === 'CMD-SHELL' ? words.join(' ') : jsonList(words);
  return `${flags}${Retries > 0 ? `--retries=${Retries} ` : ''}CMD ${command}`;
}

function listed(keyword: string, text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : [`${keyword} ${text}`];
}

function keysOf(record: Readonly<Record<string, object>> | undefined): readonly string[] {
  return Object.keys(record ?? {}).sort(compareStrings);
}
