import { compileSchemas } from '../formats/gschema/compile-schemas.ts';
import { generatedFile } from './entries.ts';
import { filesIn } from './folder-files.ts';
import type { EffectAddition, EffectInput } from './types.ts';

const folder = 'usr/share/glib-2.0/schemas';
const compiled = `${folder}/gschemas.compiled`;

/**
 * The compiled schemas of GSettings, as the postinst and the trigger of libglib2.0 have glib-compile-schemas(1) write
 * them: without them every program that has settings ends as it starts. Where GLib is and there are schemas.
 */
export function glibSchemas({ tree, settings, packages }: EffectInput): EffectAddition {
  const files = filesIn(tree, folder, /\.(?:gschema\.xml|enums\.xml|gschema\.override)$/);
  if (files.length === 0 || !hasGlib(packages) || tree.get(compiled) !== undefined)
    return { entries: [], warnings: [] };
  const { bytes, schemas, problems } = compileSchemas(files);
  const warnings = problems.map((problem) => `/${folder}: ${problem}`);
  if (schemas === 0) return { entries: [], warnings };
  const because = `the schemas of /${folder}, as glib-compile-schemas compiles them`;
  const entry = generatedFile(compiled, bytes, { rule: 'glib schemas', because, created: settings.created });
  return { entries: [entry], warnings };
}

/** Whether libglib2.0-0 is there, whose trigger it is. */
export function hasGlib(packages: EffectInput['packages']): boolean {
  return packages.some(({ name }) => /^libglib2\.0-0(?:t64)?$/.test(name));
}
