/**
 * Checks saved settings and converts them to the types that the rest of the backend uses.
 *
 * Settings of the older plugin (contract/settings/settings.ts) keep their meaning. All problems are reported together,
 * each with the label of its field.
 */
import { type FieldLabels } from '../../../contract/settings/field-labels';
import { message, type Message } from '../../../contract/messages/message';
import {
  DEFAULT_FRESHNESS_NOTICES,
  DEFAULT_MAX_ROWS,
  DEFAULT_INCREMENTAL_REFRESH_MINUTES,
  DEFAULT_MAX_STATEMENTS,
  DEFAULT_QUERY_TIMEOUT_SECONDS,
  DEFAULT_RESULT_AGE_SECONDS,
  DEFAULT_RESULT_SHARING,
  type FreshnessNotices,
  type ResultSharing,
} from '../../../contract/settings/settings';
import {
  sizeLimitProblem,
  maxRangeProblem,
  maxRowsProblem,
  incrementalRefreshProblem,
  maxStatementsProblem,
  resultAgeProblem,
  sourceUrlProblem,
  timeoutProblem,
} from '../../../contract/problems/settings-problems';
import { unknownSwitchFindings } from '../../../contract/problems/switch-problems';
import { type SwitchName } from '../../../contract/settings/saved-values';
import { type Environment } from '../../base/environment';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ReadFile } from '../../base/file-version';
import { type SettingsEntry } from '../flight-sql/call-metadata';
import { type AttributionMode } from '../flight-sql/flight-sql-client';
import { type ProviderRoute, type ServerRoute } from '../network/routes';
import { type OperatorPolicy } from '../operator/operator-policy';
import { Findings } from './findings';
import { checkOperatorPolicy } from './operator-checks';
import { readAuth, type DataSourceAuth } from './read-auth';
import { readMetadata } from './read-metadata';
import { readProviderRoute, readServerRoute, UNUSED_PROVIDER_ROUTE } from './read-routes';
import { readSocksProxy } from './read-socks-proxy';
import { type SavedDataSource } from './saved-data-source';
import { readSavedFields } from './saved-fields';
import { SecretFields } from './secret-fields';

/** The checked settings of a data source. */
export interface DataSourceSettings {
  readonly uid: string;
  readonly orgId: number;
  readonly name: string;
  readonly server: ServerRoute;
  /** Route to the identity provider of the service account. Not used without a service account. */
  readonly providerRoute: ProviderRoute;
  readonly auth: DataSourceAuth;
  readonly attribution: AttributionMode;
  /** Additional gRPC metadata. Names are in lower case. Names and values are not empty. */
  readonly metadata: readonly SettingsEntry[];
  /** Time limit of a query, in milliseconds. */
  readonly timeoutMs: number;
  /** Maximum number of rows of a result. */
  readonly maxRows: number;
  /** Maximum size of a result, in bytes. Undefined: no limit of the data source. */
  readonly maxResultBytes: number | undefined;
  /** Maximum number of open statements in each lane of `StatementSlots` except `file`. 0: no limit. */
  readonly maxStatements: number;
  /** The longest time range of a query, in milliseconds. Undefined: no limit. */
  readonly maxRangeMs: number | undefined;
  /**
   * Panels of dashboards get the result of an equal statement that was sent at most this many milliseconds ago. 0:
   * panels share only results of statements that still wait to be sent.
   */
  readonly resultAgeMs: number;
  readonly sharing: ResultSharing;
  /**
   * Milliseconds after which a query with time bins reads its whole range again. 0: each refresh reads the whole range.
   */
  readonly wholeRefreshMs: number;
  /** False: lookups do not read telemetry. */
  readonly suggestsValues: boolean;
  /** Template of the links to source files, with `{file}` after its host. Undefined: no links. */
  readonly sourceUrl: string | undefined;
  readonly freshnessNotices: FreshnessNotices;
  /** Warnings about saved values, which Save & test shows. */
  readonly warnings: readonly Message[];
  /** Labels of the fields in the settings form for the identity provider. */
  readonly labels: FieldLabels;
  /** The files from which values were read. */
  readonly files: readonly ReadFile[];
}

/** The operator's limits, and the environment that may set Grafana's SOCKS proxy. */
export interface SettingsDeps {
  policy: OperatorPolicy;
  /** Environment variables of the process. */
  environment: Environment;
}

/** With OAuth, the server rejects the id and the e-mail of another user. The server does not check the name. */
function attributionMode(isEnabled: boolean, auth: DataSourceAuth): AttributionMode {
  if (!isEnabled) {
    return 'off';
  }
  return auth.kind === 'oauth2' ? 'name-only' : 'full';
}

/** Switches of the TLS settings of the identity provider. They have an effect only with OAuth. */
const PROVIDER_TLS_SWITCHES: readonly SwitchName[] = ['oauthTlsSkipVerify', 'oauthTlsAuth', 'oauthTlsAuthWithCACert'];

/**
 * Checks saved settings.
 *
 * @throws {ProxyError} `settings_invalid` with every problem and its field; `password_unsupported`; `host_not_allowed`
 *   and `plaintext_refused` when the operator does not allow the settings.
 */
export function parseSettings(source: SavedDataSource, { policy, environment }: SettingsDeps): DataSourceSettings {
  const saved = readSavedFields(source.jsonData);
  const secrets = new SecretFields(source.decryptedSecureJsonData);
  const findings = new Findings();
  const socks = readSocksProxy(saved, secrets, source, environment, findings);
  const server = readServerRoute(saved, secrets, socks?.proxy, findings);
  const auth = readAuth(saved, secrets, findings);
  const usesProvider = auth.kind === 'oauth2' && auth.credentials !== undefined;
  const providerRoute = usesProvider
    ? readProviderRoute(saved, secrets, socks?.proxy, findings)
    : UNUSED_PROVIDER_ROUTE;
  const metadata = readMetadata(saved, secrets, auth.kind === 'none', findings);
  findings.check('queryTimeoutSeconds', timeoutProblem(saved.queryTimeoutSeconds));
  findings.check('maxRows', maxRowsProblem(saved.maxRows));
  findings.check('maxAnswerMegabytes', sizeLimitProblem(saved.maxAnswerMegabytes));
  findings.check('maxStatements', maxStatementsProblem(saved.maxStatements));
  findings.check('maxRangeHours', maxRangeProblem(saved.maxRangeHours));
  findings.check('resultAgeSeconds', resultAgeProblem(saved.resultAgeSeconds));
  findings.check('incrementalRefreshMinutes', incrementalRefreshProblem(saved.incrementalRefreshMinutes));
  const sharing = findings.choice('shareResults', saved.shareResults, DEFAULT_RESULT_SHARING);
  const freshnessNotices = findings.choice('freshnessNotices', saved.freshnessNotices, DEFAULT_FRESHNESS_NOTICES);
  // This is only a warning, because queries work without links to source files.
  const sourceProblem = sourceUrlProblem(saved.sourceUrl);
  findings.warn('sourceUrl', sourceProblem);
  for (const name of saved.unknownSwitches) {
    // The settings page shows the TLS settings of the identity provider only with OAuth.
    const isUsed = auth.kind === 'oauth2' || !PROVIDER_TLS_SWITCHES.includes(name);
    const { problem, warning } = unknownSwitchFindings(name, isUsed);
    findings.problems.push(...(problem === undefined ? [] : [problem]));
    findings.warnings.push(...(warning === undefined ? [] : [warning]));
  }
  // A setting or secret that seems missing is often saved under a misspelled name, or in the wrong place.
  const misplaced = [
    ...[...saved.misspelled, ...secrets.misspelled()].map(({ name, meant }) =>
      message('setting-misspelled', { name, setting: meant })
    ),
    ...saved.readableSecrets.map(({ name, meant }) => message('secret-in-json-data', { name, secret: meant })),
  ];
  findings.warnings.push(...misplaced);
  if (findings.problems.length > 0) {
    throw new ProxyError('settings_invalid', {
      detail: [...findings.problems, ...misplaced],
      labels: findings.labels,
    });
  }
  const settings: DataSourceSettings = {
    uid: source.uid,
    orgId: source.orgId,
    name: source.name,
    server,
    providerRoute,
    auth,
    attribution: attributionMode(saved.enableUserAttribution ?? true, auth),
    metadata,
    timeoutMs: Math.round((saved.queryTimeoutSeconds ?? DEFAULT_QUERY_TIMEOUT_SECONDS) * 1000),
    maxRows: saved.maxRows ?? DEFAULT_MAX_ROWS,
    maxResultBytes: saved.maxAnswerMegabytes === undefined ? undefined : saved.maxAnswerMegabytes * 1_000_000,
    maxStatements: saved.maxStatements ?? DEFAULT_MAX_STATEMENTS,
    maxRangeMs: saved.maxRangeHours === undefined ? undefined : saved.maxRangeHours * 3_600_000,
    resultAgeMs: (saved.resultAgeSeconds ?? DEFAULT_RESULT_AGE_SECONDS) * 1000,
    sharing,
    wholeRefreshMs: (saved.incrementalRefreshMinutes ?? DEFAULT_INCREMENTAL_REFRESH_MINUTES) * 60_000,
    suggestsValues: saved.suggestValues ?? true,
    sourceUrl: sourceProblem === undefined && saved.sourceUrl !== '' ? saved.sourceUrl : undefined,
    freshnessNotices,
    warnings: findings.warnings,
    labels: findings.labels,
    files: socks?.files ?? [],
  };
  checkOperatorPolicy(settings, policy);
  return settings;
}
