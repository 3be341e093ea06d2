import { SlimimageError } from '../errors.ts';
import { limits } from '../limits.ts';
import { decodeUtf8 } from '../util/text.ts';
import { AccountBook } from './account-book.ts';
import { accountCalls } from './account-calls.ts';
import type { AccountRequest } from './account-requests.ts';
import { checkAccountSettings } from './account-settings.ts';
import { type Accounts, parseGroup, parsePasswd } from './account-table.ts';
import { alwaysThere, fixedAccounts, packagedOwner } from './fixed-accounts.ts';
import { namedOwners } from './named-owners.ts';
import { type ScriptCall, scriptCalls } from './script-calls.ts';
import { ownersOf } from './script-owners.ts';
import { serviceOwners } from './service-folders.ts';
import { sysusersRequests } from './sysusers.ts';
import type { AssignedIds, EffectInput } from './types.ts';

export interface CollectedAccounts {
  readonly accounts: Accounts;
  readonly assignedIds: AssignedIds;
  /** False for an image that nothing and nobody wanted an account in (`base: none`). */
  readonly wanted: boolean;
  readonly warnings: readonly string[];
}

/**
 * Every account of the image: root, nobody and nonroot; those of the image below; those of the configuration; system
 * accounts that packages ask for (literal calls in their scripts and sysusers.d files); and Debian's fixed accounts,
 * where a file, a setting in /etc, a package or the configuration names them.
 * @throws SlimimageError ACCOUNT_INVALID
 */
export function collectAccounts(input: EffectInput, calls = scriptCalls(input)): CollectedAccounts {
  const { settings, tree } = input;
  checkAccountSettings(settings);
  // Where base-passwd is installed, it is no donor.
  const fixed = fixedAccounts(input.donors.get('base-passwd') ?? tree);
  const configured = settings.existing === undefined ? configuredFiles(input) : undefined;
  if (configured !== undefined) {
    return { accounts: configured, assignedIds: { users: {}, groups: {} }, wanted: false, warnings: [] };
  }

  const book = new AccountBook(fixed, settings.lockedIds);
  if (settings.existing !== undefined) {
    book.keep(parsePasswd(settings.existing.passwd), parseGroup(settings.existing.group));
  }
  for (const name of alwaysThere.users) book.needUser(name);
  for (const name of alwaysThere.groups) book.needGroup(name);
  const before = book.size;
  const { requests, warnings } = packageRequests(input, calls);
  book.configure(settings, requests);
  for (const request of requests) book.request(request);
  const named = [settings.user, ...ownersOf(calls), ...serviceOwners(input), ...namedOwners(tree, fixed)];
  for (const name of [...settings.owners, ...named].flatMap((owner) => owner.split(':'))) {
    book.needUser(name);
    book.needGroup(name);
    if (/^[0-9]+$/.test(name)) book.needOwner({ uid: Number(name), gid: Number(name) });
  }
  for (const path of tree.below('')) {
    const entry = tree.get(path);
    if (entry !== undefined) book.needOwner(packagedOwner(entry, fixed));
  }
  const wanted = settings.base === 'debian' || settings.existing !== undefined || book.size > before;
  const { accounts, assignedIds } = book.finish();
  return { accounts, assignedIds, wanted, warnings: [...warnings, ...book.warnings] };
}

/** A configuration that brings its own /etc/passwd means it. */
function configuredFiles({ tree }: EffectInput): Accounts | undefined {
  const passwd = tree.read('etc/passwd');
  if (passwd === undefined) return undefined;
  const group = tree.read('etc/group');
  return {
    users: parsePasswd(decodeUtf8(passwd)),
    groups: group === undefined ? [] : parseGroup(decodeUtf8(group)),
  };
}

/** Scripts before sysusers.d files: where a package has both, the script's call comes first and makes the account. */
function packageRequests({ tree }: EffectInput, calls: readonly ScriptCall[]) {
  const requests: AccountRequest[] = [];
  const warnings = new Set<string>();
  for (const request of accountCalls(calls)) {
    if (request.type !== 'unclear') requests.push(request);
    else
      warnings.add(`${request.source} may create an account with "${request.call}", which only running it would tell`);
  }
  requests.push(...sysusersRequests(tree));
  if (requests.length > limits.accountRequests) throw tooMany(requests.length);
  const safe = requests.filter((request) => {
    if (!isRootAgain(request)) return true;
    warnings.add(`${request.source} wants an account with the number of root, which no package gets`);
    return false;
  });
  return { requests: safe, warnings: [...warnings] };
}

/** A second name for the number 0 opens the whole image to a package. */
function isRootAgain(request: AccountRequest): boolean {
  if (request.type === 'user') return request.uid === 0 && request.name !== 'root';
  return request.type === 'group' && request.gid === 0 && request.name !== 'root';
}

function tooMany(count: number): SlimimageError {
  return new SlimimageError({
    code: 'LIMIT_EXCEEDED',
    message: `The packages of the image ask for ${count} accounts and memberships`,
    hint: `More than ${limits.accountRequests} are not handed out. Leave out the package that asks for them.`,
  });
}
