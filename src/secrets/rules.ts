import { assignmentDetectors, assignmentRules } from './assignment-rules.ts';
import { fileDetectors, fileRules } from './file-rules.ts';
import { keyDetectors, keyRules } from './key-rules.ts';
import { keyStoreDetectors } from './key-store-detectors.ts';
import { tokenDetectors, tokenRules } from './token-rules.ts';
import type { Detector, SecretRule } from './types.ts';
import { urlDetectors, urlRules } from './url-rules.ts';

/** Every rule, in the order of docs/auditing.md: where two find the same secret, the first one counts. */
export const secretRules: readonly SecretRule[] = [
  ...keyRules,
  ...tokenRules,
  ...fileRules,
  ...urlRules,
  ...assignmentRules,
];

export const detectors: readonly Detector[] = [
  ...keyDetectors,
  ...keyStoreDetectors,
  ...tokenDetectors,
  ...fileDetectors,
  ...urlDetectors,
  ...assignmentDetectors,
];

/** Rises with every change of what is found. */
export const secretRulesVersion = 4;
