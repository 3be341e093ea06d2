import { styleText } from 'node:util';
import type { OutputStream } from '../io.ts';

/** Colours by meaning; all of them plain text where colours are not wanted. */
export interface Style {
  strong(text: string): string;
  faint(text: string): string;
  error(text: string): string;
  warning(text: string): string;
  good(text: string): string;
}

type Format = Parameters<typeof styleText>[0];

/** Colours on a terminal, unless NO_COLOR (https://no-color.org) or a dumb terminal says otherwise; FORCE_COLOR insists. */
export function makeStyle(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): Style {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '' && env['FORCE_COLOR'] !== '0';
  const wanted = stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const colour = (format: Format) => (text: string) =>
    forced || wanted ? styleText(format, text, { validateStream: false }) : text;
  return {
    strong: colour('bold'),
    faint: colour('dim'),
    error: colour(['bold', 'red']),
    warning: colour('yellow'),
    good: colour('green'),
  };
}
