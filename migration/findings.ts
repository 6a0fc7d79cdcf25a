/** Finds what changes for a saved data source or query when this plugin replaces the Go plugin. */
import { MACROS } from '../contract/sql/macros';
import { type Message, render } from '../contract/messages/message';
import { providerProblems } from '../contract/problems/provider-problems';
import { queryProblem } from '../contract/queries/query-bounds';
import { hasAutoLimit, type MicromegasQueryFields, readQuery } from '../contract/queries/query';
import { effectiveAuthType, type MicromegasSettings, type StoredSecrets } from '../contract/settings/settings';
import { hostProblem, issuerProblem } from '../contract/problems/settings-problems';
import { isSqlWord, tokenizeSql, type SqlToken } from '../contract/sql/sql-scan';
import { ProxyError } from '../proxy/base/errors/proxy-error';
import { checkedSql } from '../proxy/sql/guard/checked-sql';
import { type SavedDataSource } from './grafana-api';
import { type SavedQuery } from './saved-queries';
import { type FindingCode } from './finding-messages';

export interface Finding {
  code: FindingCode;
  /** Completes the message of the code, for example with the field and its problem. */
  detail?: string;
}

type Check<T> = (subject: T) => Finding | undefined;

const only = (applies: boolean, code: FindingCode, detail?: string): Finding | undefined =>
  applies ? { code, ...(detail !== undefined && { detail }) } : undefined;

function firstProblem(problems: ReadonlyArray<Message | undefined>): string | undefined {
  const problem = problems.find((each) => each !== undefined);
  return problem && render(problem);
}

/** The settings of a data source, and which secrets are stored. */
interface Settings {
  settings: MicromegasSettings;
  stored: StoredSecrets;
}

const AUTH_NAMES = {
  token: 'the API key',
  oauth2: 'OAuth',
  none: 'no sign-in',
  'username/password': 'user name and password',
};

/** True if OAuth is selected, and no sign-in would be used without this selection, because credentials are missing. */
function lacksCredentials(settings: Settings['settings'], stored: Settings['stored']): boolean {
  const withoutSelection = { ...settings, selectedAuthType: undefined, authMethodChosen: undefined };
  return effectiveAuthType(settings, stored) === 'oauth2' && effectiveAuthType(withoutSelection, stored) === 'none';
}

const DATA_SOURCE_CHECKS: ReadonlyArray<Check<Settings>> = [
  ({ settings, stored }) => {
    const problem = firstProblem([hostProblem(settings.host)]);
    const isOAuth = effectiveAuthType(settings, stored) === 'oauth2';
    const issuer =
      isOAuth && settings.oauthPassThru !== true ? firstProblem([issuerProblem(settings.oauthIssuer)]) : undefined;
    return only(problem !== undefined || issuer !== undefined, 'settings-invalid', problem ?? issuer);
  },
  ({ settings, stored }) => only(effectiveAuthType(settings, stored) === 'username/password', 'password-sign-in'),
  ({ settings, stored }) => {
    const used = effectiveAuthType(settings, stored);
    const { selectedAuthType } = settings;
    // The Go plugin used stored OAuth credentials or a stored token, even if no sign-in was selected.
    const older = effectiveAuthType({ ...settings, selectedAuthType: undefined }, stored);
    return only(
      used !== older && settings.authMethodChosen !== true && !lacksCredentials(settings, stored),
      'other-sign-in',
      `${AUTH_NAMES[used]} in place of ${AUTH_NAMES[older]} (selected: ${selectedAuthType ?? 'nothing'})`
    );
  },
  ({ settings, stored }) =>
    only(settings.selectedAuthType === 'token' && effectiveAuthType(settings, stored) === 'oauth2', 'api-key-empty'),
  ({ settings, stored }) => {
    if (effectiveAuthType(settings, stored) !== 'oauth2') {
      return undefined;
    }
    if (lacksCredentials(settings, stored)) {
      return { code: 'oauth-credentials-missing' };
    }
    const problem = firstProblem(Object.values(providerProblems(settings).problems));
    return problem === undefined ? { code: 'oauth-works' } : { code: 'oauth-incomplete', detail: problem };
  },
  ({ settings }) => only(Boolean(settings.token), 'token-readable'),
  ({ settings, stored }) =>
    only(settings.secure !== true && ['token', 'oauth2'].includes(effectiveAuthType(settings, stored)), 'plaintext'),
];

/** The findings of a data source. */
export function dataSourceFindings({ jsonData, secureJsonFields }: SavedDataSource): Finding[] {
  const subject = { settings: { ...jsonData } as MicromegasSettings, stored: { ...secureJsonFields } };
  return DATA_SOURCE_CHECKS.map((check) => check(subject)).filter((finding) => finding !== undefined);
}

interface Query {
  saved: SavedQuery;
  fields: MicromegasQueryFields;
  sql: string;
  /** Tokens of the SQL without comments. */
  tokens: readonly SqlToken[];
}

const MACRO_NAMES: ReadonlySet<string> = new Set([
  ...MACROS.map(({ name }) => name),
  // Macros that both plugins replace with an empty string.
  ...['table', 'column'],
  // Variables that Grafana replaces.
  ...['all', 'org', 'user', 'dashboard', 'name', 'rate_interval', 'searchFilter', 'timezone', 'url_time_range'],
]);

/**
 * The reason why this plugin rejects the SQL. Undefined if this plugin sends the SQL. Also undefined for SQL that
 * starts with a variable, because the value of the variable is not known.
 */
function statementProblem(sql: string): string | undefined {
  try {
    if (!sql.startsWith('$')) {
      checkedSql(sql);
    }
    return undefined;
  } catch (reason) {
    return ProxyError.from(reason).detail;
  }
}

/** Names of macros in the SQL, without `$__`. */
function macroNames({ tokens }: Query): string[] {
  return tokens.flatMap(({ raw }) => Array.from(raw.matchAll(/\$__(\w+)/g), ([, name]) => name));
}

const OTHER_UNITS = ['to_timestamp_seconds', 'to_timestamp_millis', 'to_timestamp_micros'];
const JSON_TABLES = ['log_entries', 'processes', 'streams', 'blocks', 'measures'];

function selectsAll({ tokens }: Query): boolean {
  return tokens.some((token, index) => isSqlWord(token, 'select') && tokens[index + 1]?.raw === '*');
}

function readsJson({ tokens }: Query): boolean {
  return tokens.some(
    (token, index) => isSqlWord(token, 'from', 'join') && isSqlWord(tokens[index + 1], ...JSON_TABLES)
  );
}

/** Reducers whose result changes if a series has no points at the times of other series. */
const SPARSE_REDUCERS = ['last', 'count'];

/**
 * True if a macro fills gaps, as in `$__timeGroup(time, '5m', 0)`. Filling with null does not count, because it has no
 * effect in an alert rule.
 */
function hasFillMacro({ sql }: Query): boolean {
  return /\$__\w+Group(?:Alias)?\s*\([^(),]*,[^(),]*,\s*(?:previous|[-\d.]+)\s*\)/i.test(sql);
}

function sparseReducers(query: Query): string[] {
  const { format, fillMode } = query.fields;
  const isFilled = fillMode === 'zero' || fillMode === 'previous' || hasFillMacro(query);
  return format === 'time_series' && !isFilled
    ? SPARSE_REDUCERS.filter((reducer) => query.saved.reducers?.includes(reducer))
    : [];
}

const QUERY_CHECKS: ReadonlyArray<Check<Query>> = [
  ({ saved }) => {
    const problem = queryProblem(saved.model);
    return problem && { code: 'query-invalid', detail: render(problem.message) };
  },
  ({ saved, fields }) => {
    const ownLimit = fields.rowLimit !== undefined;
    return only(
      hasAutoLimit(fields, saved.use) && !ownLimit && saved.use !== 'variable',
      saved.use === 'alert rule' ? 'rule-limit' : 'auto-limit'
    );
  },
  (query) => {
    const reducers = sparseReducers(query);
    return only(reducers.length > 0, 'rule-sparse', reducers.join(', '));
  },
  ({ fields }) => {
    const { format } = fields;
    const isKnown = format === undefined || ['table', 'time_series', 'logs'].includes(format);
    return only(!isKnown, 'format-unknown', JSON.stringify(format)?.slice(0, 60));
  },
  ({ fields }) => only(fields.format === 'logs', 'logs-shown'),
  (query) => only(selectsAll(query) && readsJson(query), 'json-columns'),
  ({ tokens }) =>
    only(
      tokens.some((token) => isSqlWord(token, ...OTHER_UNITS)),
      'time-units'
    ),
  (query) =>
    only(
      macroNames(query).some((name) => name.startsWith('dateBin')),
      'short-bins'
    ),
  ({ sql }) => {
    const problem = statementProblem(sql);
    return only(problem !== undefined, 'statement-not-allowed', problem);
  },
  (query) => {
    const unknown = macroNames(query).find((name) => !MACRO_NAMES.has(name));
    return only(unknown !== undefined, 'macro-unknown', `$__${unknown ?? ''}`);
  },
];

/** The findings of a query. A valid query without SQL has none. */
export function queryFindings(saved: SavedQuery): Finding[] {
  const { model } = saved;
  const fields: MicromegasQueryFields = model !== null && typeof model === 'object' ? model : {};
  const problem = queryProblem(model);
  const sql = problem === undefined ? readQuery(model).sql : '';
  if (sql === '' && problem === undefined) {
    return [];
  }
  const tokens = tokenizeSql(sql).filter(({ kind }) => kind !== 'comment');
  return QUERY_CHECKS.map((check) => check({ saved, fields, sql, tokens })).filter((finding) => finding !== undefined);
}
