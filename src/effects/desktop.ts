import { fontConfiguration } from './font-configuration.ts';
import { gioModules } from './gio-modules.ts';
import { glibSchemas } from './glib-schemas.ts';
import { imageLoaders } from './image-loaders.ts';
import { mimeDatabase } from './mime-database.ts';
import type { EffectAddition, EffectInput } from './types.ts';

/** What programs of GLib and freedesktop.org compile when packages are configured: settings, modules, loaders, media types. */
export function desktopFiles(input: EffectInput): EffectAddition {
  const additions = [glibSchemas(input), gioModules(input), imageLoaders(input), mimeDatabase(input)];
  return {
    entries: [...additions.flatMap(({ entries }) => entries), ...fontConfiguration(input)],
    warnings: additions.flatMap(({ warnings }) => warnings),
  };
}
