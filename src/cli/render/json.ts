/** An answer for machines, as every verb writes it. */
export function renderJson(answer: unknown): string {
  return JSON.stringify(answer, undefined, 2);
}
