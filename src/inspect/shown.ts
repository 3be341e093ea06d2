import type { ImageConfig } from '../oci/documents.ts';
import { redactAssignment, redactAssignments, redactText, redactValue, secretValues } from '../secrets/redact.ts';
import type { Instruction } from './instruction.ts';

/** What may be shown of the texts of a config: all of it, or all but secrets. */
export interface Shown {
  /** A command, a word of it, a comment. */
  text(text: string): string;
  /** Of a variable or label. */
  value(name: string, value: string): string;
  /** `NAME=value` */
  assignment(text: string): string;
  /** What follows ENV, ARG or LABEL. */
  assignments(text: string): string;
}

const same = (text: string) => text;
const everything: Shown = { text: same, value: (_, value) => value, assignment: same, assignments: same };

/** Values of variables, labels and build arguments that are secrets are struck out of every other text, too. */
export function shownOf(
  config: ImageConfig | undefined,
  { instructions, showSecrets }: { readonly instructions: readonly Instruction[]; readonly showSecrets: boolean },
): Shown {
  if (showSecrets) return everything;
  const { Env = [], Labels = {} } = config?.config ?? {};
  const secrets = secretValues([
    ...Env,
    ...Object.entries(Labels).map(([name, value]) => `${name}=${value}`),
    ...instructions.flatMap(({ keyword, text, buildArguments }) => (keyword === 'ARG' ? [text] : buildArguments)),
  ]);
  return {
    text: (text) => redactText(text, secrets),
    value: redactValue,
    assignment: redactAssignment,
    assignments: redactAssignments,
  };
}
