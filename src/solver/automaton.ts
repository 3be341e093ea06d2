/** A regular language as apt's pins need it: letters (or sets of them), sequence, choice, repetition, both ends. */
export type Expression =
  | { readonly type: 'letter'; readonly fits: (code: number) => boolean }
  | { readonly type: 'start' | 'end' }
  | { readonly type: 'sequence' | 'choice'; readonly parts: readonly Expression[] }
  | { readonly type: 'repeat'; readonly part: Expression; readonly min: number; readonly max: number };

/** Steps that an expression may take, with repetitions written out. */
export const maxSteps = 1000;

/**
 * A function that says whether an expression is found in a text. All ways through it are followed at once (Thompson's
 * construction), so the time is that of steps times letters, whatever the expression: none can be made to hang.
 * Undefined where it takes more than `maxSteps` steps.
 */
export function compile(expression: Expression): ((text: string) => boolean) | undefined {
  const steps: Step[] = [];
  emit(expression, steps);
  if (steps.length > maxSteps) return undefined;
  return (text) => run(steps, text);
}

type Step =
  | { readonly type: 'letter'; readonly fits: (code: number) => boolean }
  | { readonly type: 'start' | 'end' }
  | { readonly type: 'go'; to: readonly number[] };

function emit(expression: Expression, steps: Step[]): void {
  if (steps.length > maxSteps) return;
  switch (expression.type) {
    case 'letter':
    case 'start':
    case 'end':
      steps.push(expression);
      return;
    case 'sequence':
      for (const part of expression.parts) emit(part, steps);
      return;
    case 'choice':
      emitChoice(expression.parts, steps);
      return;
    case 'repeat':
      emitRepeat(expression, steps);
  }
}

function emitChoice(parts: readonly Expression[], steps: Step[]): void {
  const fork = forward(steps);
  const exits = parts.map((part) => {
    fork.to = [...fork.to, steps.length];
    emit(part, steps);
    return forward(steps);
  });
  for (const exit of exits) exit.to = [steps.length];
}

function emitRepeat({ part, min, max }: Extract<Expression, { type: 'repeat' }>, steps: Step[]): void {
  for (let count = 0; count < min && steps.length <= maxSteps; count++) emit(part, steps);
  if (max === Number.POSITIVE_INFINITY) {
    const start = steps.length;
    const fork = forward(steps);
    emit(part, steps);
    forward(steps).to = [start];
    fork.to = [start + 1, steps.length];
    return;
  }
  const exits: { to: readonly number[] }[] = [];
  for (let count = min; count < max && steps.length <= maxSteps; count++) {
    const fork = forward(steps);
    fork.to = [steps.length];
    exits.push(fork);
    emit(part, steps);
  }
  for (const exit of exits) exit.to = [...exit.to, steps.length];
}

/** A step that leads elsewhere, to be told where. */
function forward(steps: Step[]): { to: readonly number[] } {
  const step: Step = { type: 'go', to: [] };
  steps.push(step);
  return step;
}

function run(steps: readonly Step[], text: string): boolean {
  let here = new Set<number>();
  for (let at = 0; ; at++) {
    const reached = new Set<number>();
    // The expression may begin anywhere.
    for (const step of [...here, 0]) if (follow(steps, step, { reached, at, length: text.length })) return true;
    if (at === text.length) return false;
    const code = text.charCodeAt(at);
    here = new Set();
    for (const number of reached) {
      const step = steps[number];
      if (step?.type === 'letter' && step.fits(code)) here.add(number + 1);
    }
  }
}

/** Adds what is reached without a letter; true where that is the end of the expression. */
function follow(
  steps: readonly Step[],
  from: number,
  { reached, at, length }: { readonly reached: Set<number>; readonly at: number; readonly length: number },
): boolean {
  const waiting = [from];
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    if (reached.has(number)) continue;
    reached.add(number);
    const step = steps[number];
    if (step === undefined) return true;
    if (step.type === 'go') waiting.push(...step.to);
    else if ((step.type === 'start' && at === 0) || (step.type === 'end' && at === length)) waiting.push(number + 1);
  }
  return false;
}
