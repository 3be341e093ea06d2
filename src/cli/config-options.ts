import { type Command, Option } from 'commander';
import type { Api } from './io.ts';
import { collect } from './options.ts';

type ConfigFlag = Api['configFlags'][number];

/** Options for keys of the configuration, all of them or those in `keys`. */
export function addConfigOptions(command: Command, { configFlags }: Api, keys?: readonly ConfigFlag['key'][]): Command {
  for (const { key, name, short, kind, value, description } of configFlags) {
    if (keys !== undefined && !keys.includes(key)) continue;
    const flags = `${short === undefined ? '' : `-${short}, `}--${name}${kind === 'boolean' ? '' : ` <${value}>`}`;
    const option = new Option(flags, kind === 'list' || kind === 'map' ? `${description} (repeatable)` : description);
    command.addOption(kind === 'list' || kind === 'map' ? option.argParser(collect) : option);
  }
  return command;
}
