import { stripVTControlCharacters } from 'node:util';

/** Rows as columns of equal width, two spaces apart. `right` names the columns that are aligned to the right. */
export function renderTable(rows: readonly (readonly string[])[], right: readonly number[] = []): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, visible(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, right.includes(column)))
      .join('  ')
      .trimEnd(),
  );
}

function pad(cell: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - visible(cell)));
  return right ? space + cell : cell + space;
}

/** Columns that text takes: colours take none. */
function visible(text: string): number {
  return stripVTControlCharacters(text).length;
}
