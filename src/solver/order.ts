import type { PackageRecord } from '../distro/types.ts';
import { compareStrings } from '../util/text.ts';

/**
 * Names in dependency order: each package after those that it needs, packages that need each other by name (Tarjan's
 * strongly connected components, without recursion).
 * @param records sorted by name, each name once
 */
export function dependencyOrder(
  records: readonly PackageRecord[],
  needs: (record: PackageRecord) => readonly PackageRecord[],
): readonly string[] {
  const numbers = new Map<PackageRecord, number>();
  const lowest = new Map<PackageRecord, number>();
  const open: PackageRecord[] = [];
  const isOpen = new Set<PackageRecord>();
  const order: string[] = [];
  const enter = (record: PackageRecord): Visit => {
    numbers.set(record, numbers.size);
    lowest.set(record, numbers.size - 1);
    open.push(record);
    isOpen.add(record);
    return {
      record,
      next: needs(record)
        .toSorted((a, b) => compareStrings(a.name, b.name))
        .values(),
    };
  };
  const lower = (record: PackageRecord, number: number | undefined): void => {
    lowest.set(record, Math.min(lowest.get(record) ?? 0, number ?? 0));
  };
  const leave = (record: PackageRecord): void => {
    if (lowest.get(record) !== numbers.get(record)) return;
    const component = open.splice(open.indexOf(record));
    for (const member of component) isOpen.delete(member);
    order.push(...component.map((member) => member.name).sort(compareStrings));
  };
  for (const start of records) {
    const visits: Visit[] = numbers.has(start) ? [] : [enter(start)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const step = visit.next.next();
      if (step.done !== true) {
        if (!numbers.has(step.value)) visits.push(enter(step.value));
        else if (isOpen.has(step.value)) lower(visit.record, numbers.get(step.value));
        continue;
      }
      visits.pop();
      leave(visit.record);
      const parent = visits.at(-1);
      if (parent !== undefined && isOpen.has(visit.record)) lower(parent.record, lowest.get(visit.record));
    }
  }
  return order;
}

interface Visit {
  readonly record: PackageRecord;
  readonly next: ArrayIterator<PackageRecord>;
}
