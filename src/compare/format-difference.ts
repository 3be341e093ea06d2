import type { LockDifference } from '../lock/compare-locks.ts';
import { fileDifferenceHtml, fileDifferenceMarkdown } from './file-documents.ts';
import { differenceHtml } from './html.ts';
import { differenceMarkdown, lockDifferenceMarkdown } from './markdown.ts';
import type { DifferenceForm, FileDifference, ImageDifference } from './types.ts';

/** A difference as a document. Of locks there is Markdown alone: their difference is short. */
export function formatDifference(
  difference: ImageDifference | FileDifference | LockDifference,
  form: DifferenceForm,
): string {
  if ('inputs' in difference) return lockDifferenceMarkdown(difference);
  if ('content' in difference) {
    return form === 'markdown' ? fileDifferenceMarkdown(difference) : fileDifferenceHtml(difference);
  }
  return form === 'markdown' ? differenceMarkdown(difference) : differenceHtml(difference);
}
