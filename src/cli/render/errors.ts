import { SlimimageError } from '../../errors.ts';
import { withoutControls } from '../../util/printable.ts';
import type { Style } from './style.ts';

export interface RenderErrorOptions {
  /** With the causes, down to the stack of a bug. */
  readonly verbose: boolean;
  readonly style: Style;
}

/** What the user reads when something is refused: what failed, what to do next. */
export function renderError(error: unknown, { verbose, style }: RenderErrorOptions): string {
  if (!(error instanceof SlimimageError)) return renderBug(error, { verbose, style });
  if (error.code === 'ABORTED') return style.warning(withoutControls(error.message));
  const lines = [`${style.error('error:')} ${withoutControls(error.message)}`];
  if (error.hint !== undefined) lines.push(`${style.strong('hint:')} ${withoutControls(error.hint)}`);
  if (verbose)
    lines.push(...causesOf(error).map((cause) => style.faint(`because: ${cause}`)), style.faint(`code: ${error.code}`));
  return lines.join('\n');
}

/** The same for machines; what an error carries beside its message (problems, conflicts) is there too. */
export function errorJson(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof SlimimageError)) return { code: 'INTERNAL', message: textOf(error) };
  const { code, message, hint } = error;
  const details: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(error)) {
    if (!['name', 'code', 'hint', 'cause'].includes(key)) details[key] = value;
  }
  return { code, message, hint, ...details, causes: causesOf(error) };
}

function renderBug(error: unknown, { verbose, style }: RenderErrorOptions): string {
  const lines = [
    `${style.error('internal error:')} ${withoutControls(textOf(error))}`,
    `${style.strong('hint:')} This is a bug in slimimage. Please report it with the command, its configuration and the text that --verbose adds.`,
  ];
  if (verbose && error instanceof Error && error.stack !== undefined)
    lines.push(style.faint(withoutControls(error.stack)));
  return lines.join('\n');
}

function causesOf(error: Error): readonly string[] {
  const causes: string[] = [];
  let cause = error.cause;
  while (cause !== undefined && causes.length < 10) {
    causes.push(withoutControls(textOf(cause)));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
