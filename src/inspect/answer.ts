import { onDay } from './distribution.ts';
import { judgeLimits, type Limit } from './limits.ts';
import type { Inspection } from './types.ts';

export interface AnswerOptions {
  /** `YYYY-MM-DD` */
  readonly today: string;
  /** At most as many as the inspection was made with. */
  readonly top: number;
  readonly limits: readonly Limit[];
}

/** What an inspection that was made for somebody else says to who asks this. */
export function answerFrom(inspection: Inspection, { today, top, limits }: AnswerOptions): Inspection {
  const { distribution, packages, users, contents, waste, dive } = inspection;
  const first = <T>(values: readonly T[]) => values.slice(0, top);
  const { unowned } = packages;
  const { duplicates } = contents;
  const answer: Inspection = {
    ...inspection,
    distribution: distribution && onDay(distribution, today),
    packages: {
      ...packages,
      unowned: { ...unowned, biggest: first(unowned.biggest), folders: first(unowned.folders) },
    },
    users: { ...users, strangers: { ...users.strangers, most: first(users.strangers.most) } },
    contents: {
      ...contents,
      biggestFiles: first(contents.biggestFiles),
      biggestFolders: first(contents.biggestFolders),
      duplicates: { ...duplicates, biggest: first(duplicates.biggest) },
    },
    waste: { ...waste, biggest: first(waste.biggest) },
    dive: dive && { ...dive, inefficiencies: first(dive.inefficiencies) },
  };
  return { ...answer, limits: judgeLimits(answer, limits) };
}
