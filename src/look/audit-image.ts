import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { auditView } from '../audit/audit-view.ts';
import { auditRules } from '../audit/rules.ts';
import type { Allowance, AuditReport, UsedAllowance } from '../audit/types.ts';
import { SlimimageError } from '../errors.ts';
import type { OnEvent, OperationOptions } from '../events.ts';
import { limits } from '../limits.ts';
import { decodeUtf8 } from '../util/text.ts';
import { readPackages } from '../view/read-packages.ts';
import { parseAllowList, unknownRule } from './allow-list.ts';
import { judgedDay } from './judged-day.ts';
import type { LookOptions } from './with-image.ts';
import { withView } from './with-view.ts';

export interface AuditImageOptions extends LookOptions, OperationOptions {
  /** Ids of the rules to ask; undefined: all. */
  readonly only?: readonly string[] | undefined;
  /** Ids of rules not to ask. */
  readonly skip?: readonly string[] | undefined;
  /** File with the allow-list. */
  readonly allow?: string | undefined;
  /** The day for which it is judged, `2026-11-21`; undefined: that of SOURCE_DATE_EPOCH, else today. */
  readonly date?: string | undefined;
}

/**
 * What is wrong with an image, wherever it is, by the rules of docs/auditing.md. Entries of the allow-list that are over, or that
 * fit nothing, are told as warnings.
 * @throws SlimimageError USAGE for a rule or a date that there is not, CONFIG_SYNTAX, CONFIG_INVALID and CONFIG_NOT_FOUND for the
 *   allow-list, REFERENCE_INVALID, IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE, and what reading layers throws
 */
export async function auditImage(name: string, options: AuditImageOptions): Promise<AuditReport> {
  const { only, skip, allow, onEvent } = options;
  checkRules({ only, skip });
  const today = judgedDay(options);
  const allowances = allow === undefined ? [] : await readAllowList(allow, options.cwd);
  return withView(name, { ...options, contents: true }, async ({ view }) => {
    const packages = readPackages(view);
    const report = auditView(view, { packages, today, only, skip, allow: allowances });
    warn(report, onEvent);
    return report;
  });
}

function checkRules({ only = [], skip = [] }: Pick<AuditImageOptions, 'only' | 'skip'>): void {
  const wrong = [...only, ...skip].find((name) => !auditRules.some(({ id }) => id === name));
  if (wrong !== undefined) throw new SlimimageError({ code: 'USAGE', ...unknownRule(wrong) });
  // What asks nothing finds nothing, which would look like a good answer.
  if (only.length > 0 && only.every((id) => skip.includes(id))) {
    const hint = 'Take away the --skip of what --only names.';
    throw new SlimimageError({ code: 'USAGE', message: 'no rule is left to ask', hint });
  }
}

async function readAllowList(file: string, cwd: string): Promise<readonly Allowance[]> {
  const bytes = await readStart(resolve(cwd, file), limits.configBytes + 1).catch((cause: unknown) => {
    throw new SlimimageError({
      code: 'CONFIG_NOT_FOUND',
      message: `The allow-list ${file} can't be read`,
      hint: 'Give --allow the path of a file.',
      cause,
    });
  });
  return parseAllowList(decodeUtf8(bytes), file);
}

async function readStart(path: string, length: number): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** An entry for a rule that was not asked is neither used nor too much. */
function warn({ allowances, rules }: AuditReport, onEvent: OnEvent | undefined): void {
  for (const entry of allowances) {
    if (entry.state === 'expired') {
      const message = `the allowance of ${titleOf(entry)} ended on ${entry.until}: it lets nothing pass`;
      onEvent?.({ type: 'warning', message, hint: 'Mend it, or give the entry a later until:.' });
    }
    if (entry.state === 'unused' && rules.some(({ id }) => id === entry.rule)) {
      const message = `the allowance of ${titleOf(entry)} fits nothing in the image`;
      onEvent?.({ type: 'warning', message, hint: 'Remove the entry.' });
    }
  }
}

function titleOf({ rule, path, package: owner, subject }: UsedAllowance): string {
  return [rule, path, owner, subject].filter((part) => part !== undefined).join(' ');
}
