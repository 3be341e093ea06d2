import { diffArrays } from 'diff';
import type { HistoryEntry, ImageConfig } from '../oci/documents.ts';
import type { HistoryDifference, HistoryStep } from './types.ts';

/** Steps that may differ before all of them count as others: it bounds the time that hostile histories take. */
const mostEdits = 1000;

/** The steps that one history has and the other has not; when they were made does not count. */
export function compareHistory(from: ImageConfig | undefined, to: ImageConfig | undefined): HistoryDifference {
  const before = (from?.history ?? []).map(stepOf);
  const after = (to?.history ?? []).map(stepOf);
  const changes = diffArrays(before.map(keyOf), after.map(keyOf), { maxEditLength: mostEdits });
  if (changes === undefined) return { removed: before, added: after };
  const removed: HistoryStep[] = [];
  const added: HistoryStep[] = [];
  let [old, fresh] = [0, 0];
  for (const { added: isAdded, removed: isRemoved, count } of changes) {
    if (isRemoved) removed.push(...before.slice(old, old + count));
    if (isAdded) added.push(...after.slice(fresh, fresh + count));
    if (!isAdded) old += count;
    if (!isRemoved) fresh += count;
  }
  return { removed, added };
}

function stepOf({ created_by, comment, empty_layer }: HistoryEntry, index: number): HistoryStep {
  return { step: index + 1, createdBy: created_by ?? '', comment, madeLayer: empty_layer !== true };
}

function keyOf({ createdBy, comment, madeLayer }: HistoryStep): string {
  return JSON.stringify([createdBy, comment, madeLayer]);
}
