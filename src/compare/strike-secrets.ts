import type { ImageConfig } from '../oci/documents.ts';
import { redactAssignment, redactText, redactValue, secretValues } from '../secrets/redact.ts';
import type { ConfigChange, HistoryStep, ImageDifference } from './types.ts';

type WithSecrets = Pick<ImageDifference, 'config' | 'history' | 'layers'>;

/**
 * Values whose names speak of a secret, and what looks like one, struck out wherever a difference shows them: a comment of a pull request is
 * read by many. That such a value changed is still told.
 * @param configs of both images
 */
export function strikeSecrets(
  { config, history, layers }: WithSecrets,
  configs: readonly (ImageConfig | undefined)[],
): WithSecrets {
  const secrets = [...new Set(configs.flatMap((one) => secretValues(assignments(one))))];
  const clean = (text: string) => redactText(text.replace(assignment, redactAssignment), secrets);
  const step = (one: HistoryStep) => ({ ...one, createdBy: clean(one.createdBy) });
  const layer = (one: WithSecrets['layers']['from'][number]) => {
    return one.createdBy === undefined ? one : { ...one, createdBy: clean(one.createdBy) };
  };
  return {
    config: config.map((change) => ({ ...change, from: settingOf(change, 'from'), to: settingOf(change, 'to') })),
    history: { removed: history.removed.map(step), added: history.added.map(step) },
    layers: { ...layers, from: layers.from.map(layer), to: layers.to.map(layer) },
  };

  function settingOf(change: ConfigChange, side: 'from' | 'to'): string | undefined {
    const value = change[side];
    if (value === undefined) return undefined;
    return change.name === undefined ? clean(value) : redactValue(change.name, value);
  }
}

/** As builders write arguments into a history. Of a name without end the last part does: texts are hostile. */
const assignment = /[A-Za-z_][\w.-]{0,100}=[^\s'"]+/g;

function assignments(config: ImageConfig | undefined): readonly string[] {
  const { Env, Labels } = config?.config ?? {};
  return [...(Env ?? []), ...Object.entries(Labels ?? {}).map(([name, value]) => `${name}=${value}`)];
}
