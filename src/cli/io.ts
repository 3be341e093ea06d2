import type * as publicApi from '../index.ts';

/** A stream as a terminal or a pipe has it; process.stdout is one, and so is a list of strings in a test. */
export interface OutputStream {
  /** Bytes are the content of a file as it is. */
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Everything that a command may touch beside its arguments. */
export interface Io {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/** What the verbs call. */
export type Api = Pick<
  typeof publicApi,
  | 'buildImage'
  | 'planImage'
  | 'resolvePackages'
  | 'explainScripts'
  | 'explainPresence'
  | 'lockImage'
  | 'checkLock'
  | 'lockFileOf'
  | 'diffLocks'
  | 'diffImages'
  | 'diffFile'
  | 'formatDifference'
  | 'writeAnswer'
  | 'planUpdate'
  | 'updateLock'
  | 'listCatalog'
  | 'listImage'
  | 'readImageFile'
  | 'extractImage'
  | 'inspectImage'
  | 'checkImage'
  | 'auditImage'
  | 'listAuditRules'
  | 'writeAuditSarif'
  | 'writeAuditJunit'
  | 'verifyImage'
  | 'copyImage'
  | 'listTags'
  | 'deleteTag'
  | 'readPaper'
  | 'signImage'
  | 'surveyStore'
  | 'pruneStore'
  | 'verifyStore'
  | 'findConfig'
  | 'loadConfig'
  | 'flagsToSpec'
  | 'configFlags'
  | 'configJsonSchemaText'
>;
