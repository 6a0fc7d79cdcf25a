/**
 * All failures that the backend reports.
 *
 * `explanations.ts` has causes and remedies, and `npm run docs:tables` writes both files into `docs/errors.md`. A
 * released code never changes its meaning: dashboards, alerts on metrics and support notes refer to it.
 */

export interface ErrorEntry {
  /**
   * A label in Grafana's metrics. `downstream`: the cause is the lakehouse, the identity provider, the settings or the
   * query.
   */
  source: 'plugin' | 'downstream';
  /** HTTP-like status for Grafana, 400 to 599. */
  status: number;
  /** One sentence that tells the user what happened. */
  message: string;
  /**
   * What the user can do about the failure. `{{oauthIssuer}}` is replaced by the label of that settings field, see
   * `contract/settings/field-labels.ts`.
   */
  advice: string;
  /**
   * Who may read the detail and the advice. `admins`: the detail may name hosts, addresses, files or accounts, so other
   * users see only the message. `everyone`: the detail is about the query, its result or the user's own sign-in.
   */
  detailReaders: 'admins' | 'everyone';
  /**
   * Who mends the cause. It is the label `mended_by` of a metric, by which the alert "Queries fail" leaves out the
   * failures of authors. `author`: the person who wrote or runs the query. `operator`: an operator of Grafana,
   * Micromegas, the network or the plugin.
   */
  mendedBy: 'author' | 'operator';
}

/** A failure of the settings, of connections or of the sign-in. Only admins may read the detail. */
const downstream = (status: number, message: string, advice: string): ErrorEntry => ({
  source: 'downstream',
  status,
  message,
  advice,
  detailReaders: 'admins',
  mendedBy: 'operator',
});
/** A failure of a query or its result. */
const ofQuery = (status: number, message: string, advice: string): ErrorEntry => ({
  source: 'downstream',
  status,
  message,
  advice,
  detailReaders: 'everyone',
  mendedBy: 'operator',
});
/** A failure of a query that its author mends. */
const ofAuthor = (status: number, message: string, advice: string): ErrorEntry => ({
  ...ofQuery(status, message, advice),
  mendedBy: 'author',
});
/** A failure of the plugin, or a wrong or forbidden call of one of its resources. */
const plugin = (status: number, message: string, advice: string): ErrorEntry => ({
  source: 'plugin',
  status,
  message,
  advice,
  detailReaders: 'everyone',
  mendedBy: 'operator',
});

export const ERRORS = {
  // Settings
  settings_invalid: downstream(
    400,
    'The data source settings are incomplete or wrong.',
    'Open the data source settings and correct the fields named here.'
  ),
  password_unsupported: downstream(
    400,
    'Micromegas has no sign-in with user name and password.',
    'Choose API Key or OAuth 2.0 Client Credentials in the data source settings.'
  ),
  // What the operator allows
  host_not_allowed: downstream(
    403,
    'The operator of this Grafana does not allow connections to this host.',
    'Use an allowed host, or ask the operator to add it to allowed_hosts of the plugin.'
  ),
  restriction_mistyped: downstream(
    403,
    'A restriction of the operator of this Grafana is misspelled, so the data source connects to no server.',
    'Ask the operator to correct or remove the key in the section [plugin.micromegas-micromegas-datasource] of grafana.ini, or the variable of the sidecar, and to restart it.'
  ),
  plaintext_refused: downstream(
    403,
    'The operator of this Grafana does not allow keys and tokens to be sent without TLS.',
    'Switch on TLS in the data source settings.'
  ),
  file_not_allowed: downstream(
    403,
    'The operator of this Grafana does not allow this file to be read.',
    'Use a file in a folder of allowed_file_folders of the plugin, or ask the operator to add the folder.'
  ),
  file_hosts_unrestricted: downstream(
    403,
    'Secrets from files can be used only where the operator of this Grafana limits the hosts of data sources.',
    'Ask the operator to set allowed_hosts of the plugin in addition to allowed_file_folders, or store the secret in the data source settings.'
  ),
  file_unreadable: downstream(
    502,
    'A file with a secret cannot be read.',
    "Check the path in the data source settings, and that the user account of the plugin's backend may read the file."
  ),
  // Connections to the server
  proxy_unreachable: downstream(
    502,
    'The SOCKS or HTTP proxy between the data source and its server cannot be used.',
    'Check the SOCKS or HTTP proxy in the data source settings and in the configuration of Grafana.'
  ),
  tls_client_certificate: downstream(
    502,
    'The server requires a client certificate, or does not accept the one in the settings.',
    'Switch on TLS client authentication in the data source settings, and enter a certificate and key that the server trusts.'
  ),
  address_unknown: downstream(
    502,
    'The name of the Micromegas server cannot be resolved.',
    "Check the host in the data source settings, and DNS on the machine that runs the plugin's backend."
  ),
  connection_refused: downstream(
    502,
    'Nothing listens at the address of the Micromegas server.',
    'Check host and port, and that the server runs.'
  ),
  connection_timeout: downstream(
    504,
    'The Micromegas server does not respond at this address.',
    "Check host and port, and firewalls between the plugin's backend and the server."
  ),
  tls_expected: downstream(
    502,
    'The server expects TLS, but the data source connects without it.',
    'Switch on TLS in the data source settings.'
  ),
  tls_unexpected: downstream(
    502,
    'The server does not speak TLS at this address.',
    'Switch off TLS in the data source settings, or use the port where TLS is terminated.'
  ),
  tls_untrusted: downstream(
    502,
    "The server's certificate is not trusted.",
    'Enter the authority that signed the certificate as CA Certificate, and the host as it is in the certificate.'
  ),
  not_flight_sql: downstream(
    502,
    'The server at this address is not a Flight SQL server.',
    'Check the port: Micromegas serves Flight SQL on 50051 unless it was changed.'
  ),
  server_unavailable: downstream(
    503,
    'The Micromegas server is unavailable.',
    'Try again. If the problem persists, check the server.'
  ),
  server_silent: ofQuery(
    504,
    'The Micromegas server has stopped responding: it may be busy.',
    'Wait a moment and run the query again. Perhaps the server is busy with this query: if it reads much, narrow the time range or aggregate. If the server stays silent, its administrator should check its load and its log, and whether a firewall or proxy in front of it drops connections.'
  ),
  server_intercepted: downstream(
    502,
    'A proxy, gateway or firewall probably responded in place of the Micromegas server.',
    'Let gRPC calls (HTTP/2) pass unchanged to the Flight SQL port of the server, 50051 by default.'
  ),
  gateway_timeout: ofQuery(
    504,
    'A proxy in front of the Micromegas server timed out.',
    'Raise the timeout of that proxy, or make the query faster: narrow the time range or aggregate.'
  ),
  server_rate_limited: downstream(
    429,
    'The Micromegas server, or a proxy in front of it, limits how often it is called.',
    'Wait a moment and try again. If the problem persists, raise the limit of the server or of that proxy.'
  ),
  request_too_large: ofQuery(
    413,
    'The request is larger than the server, or a proxy in front of it, accepts.',
    'Shorten the SQL, or raise the limit of the server or of that proxy.'
  ),
  headers_too_large: downstream(
    431,
    'The request headers are larger than the server, or a proxy in front of it, accepts.',
    'Make the access token smaller, or remove additional metadata in the data source settings.'
  ),
  connection_lost: downstream(
    502,
    'The connection to the Micromegas server broke during the query.',
    'Run the query again. If the problem persists, check the server and the proxies in front of it.'
  ),
  // Sign-in at the identity provider
  provider_unreachable: downstream(
    502,
    'The identity provider cannot be reached.',
    "Check the {{oauthIssuer}}, and that the machine that runs the plugin's backend may connect to it."
  ),
  provider_untrusted: downstream(
    502,
    "The identity provider's certificate is not trusted, or TLS failed.",
    "Make the machine that runs the plugin's backend trust the provider's certificate, or enter the certificate authority of the provider in the data source settings."
  ),
  provider_timeout: downstream(
    504,
    'The identity provider did not respond in time.',
    'Try again. If the problem persists, check the provider and the network.'
  ),
  provider_intercepted: downstream(
    502,
    'A proxy, gateway or firewall, or another web server, probably responded in place of the identity provider.',
    "Let requests from the machine that runs the plugin's backend to the identity provider pass unchanged."
  ),
  provider_not_oidc: downstream(
    502,
    'The issuer does not respond with an OpenID Connect discovery document.',
    'Check the {{oauthIssuer}}: <issuer>/.well-known/openid-configuration must respond with JSON.'
  ),
  provider_issuer_mismatch: downstream(
    502,
    'The discovery document belongs to another issuer.',
    'Enter the issuer exactly as it is in the discovery document, including the trailing slash.'
  ),
  provider_no_token_endpoint: downstream(
    502,
    'The discovery document has no usable token endpoint.',
    'Check the {{oauthIssuer}}; the provider must offer the client credentials grant over https.'
  ),
  provider_endpoint_host: downstream(
    502,
    'The discovery document has an endpoint on a host that is not known to belong to the issuer.',
    'If the host belongs to your identity provider, enter it in {{oauthEndpointHosts}} in the data source settings. If it does not, do not use this {{oauthIssuer}}.'
  ),
  provider_refused: downstream(
    401,
    'The identity provider rejected the client credentials.',
    'Check Client ID and the fields of Client authentication, and that the client may use the client credentials grant.'
  ),
  provider_client_method: downstream(
    401,
    'The identity provider expects another kind of client authentication.',
    'In Client authentication, select the method that is set for the client at the identity provider.'
  ),
  provider_algorithm: downstream(
    401,
    'The identity provider does not accept the signing algorithm of the client assertion.',
    'In Signing algorithm, select the algorithm that is set for the client at the identity provider.'
  ),
  provider_dpop_required: downstream(
    400,
    'The identity provider requires DPoP, which the data source does not support.',
    'Switch off DPoP (sender-constrained tokens) for the client at the identity provider.'
  ),
  provider_not_granted: downstream(
    403,
    'The identity provider knows the client, but does not grant it this access.',
    'Give the client access to the API at the identity provider, and allow the client to use the client credentials grant.'
  ),
  provider_clock: downstream(
    502,
    'The identity provider rejected the request because of a wrong time.',
    "Synchronize the clocks of the machine that runs the plugin's backend and of the identity provider with a time server."
  ),
  provider_rejected_request: downstream(
    400,
    'The identity provider did not accept the token request.',
    'Check {{oauthAudience}} and {{oauthScope}} against what the provider expects.'
  ),
  provider_rate_limited: downstream(
    429,
    'The identity provider limits how often tokens may be requested.',
    "Wait. The plugin's backend retries by itself."
  ),
  provider_down: downstream(
    502,
    'The identity provider returned a server error.',
    "Check whether the provider runs. The plugin's backend retries by itself."
  ),
  provider_bad_answer: downstream(
    502,
    'The token endpoint returned no usable access token.',
    "Check the {{oauthIssuer}} and the provider's log."
  ),
  // Sign-in at the server
  credentials_missing: downstream(
    401,
    'The server requires a sign-in, but the data source has none.',
    'Choose API Key or OAuth 2.0 Client Credentials in the data source settings.'
  ),
  api_key_refused: downstream(
    401,
    'The server did not accept the API key.',
    "Enter the key again. The key may have been revoked, or the server may not accept it from the address of the plugin's backend. The server may need a few seconds to accept a new key."
  ),
  token_refused: downstream(
    401,
    'The server did not accept the access token.',
    'Press Save & test, and compare the token that it describes with the issuers and audiences in MICROMEGAS_OIDC_CONFIG on the server.'
  ),
  token_unusable: downstream(
    401,
    'The access token breaks a rule of Micromegas, so the server rejected it.',
    'Press Save & test, and change the token at the identity provider as the result says.'
  ),
  token_audience_shared: downstream(
    401,
    'The access token is for another API, not for Micromegas.',
    'Give Micromegas an audience of its own at the identity provider, and make the provider add it to the token.'
  ),
  token_expired: downstream(
    401,
    'The access token had already expired when the server received it.',
    "Synchronize the clocks of the identity provider, of the machine that runs the plugin's backend and of the server with a time server."
  ),
  identity_missing: ofQuery(
    401,
    'The query needs your own OAuth sign-in, and there is none.',
    'Sign in to Grafana with OAuth. For alert rules and public dashboards, switch on "Use the service account where there is no user\'s token" in the data source settings.'
  ),
  identity_refused: downstream(
    401,
    'The server did not accept the OAuth sign-in of the Grafana user.',
    "Make the identity provider issue tokens for Micromegas when users sign in to Grafana, or switch off Forward the user's OAuth identity."
  ),
  attribution_refused: downstream(
    403,
    'The server does not allow this service account to query on behalf of other users.',
    'Switch off Enable User Attribution, or sign in with an API key that may delegate.'
  ),
  permission_denied: ofQuery(403, 'The server does not allow this.', 'Ask an administrator of the Micromegas server.'),
  // Running a query
  query_invalid: ofAuthor(400, 'The query has an error.', 'Correct the SQL.'),
  query_failed: ofQuery(
    400,
    'The server failed to run the query.',
    "Check values and casts in the SQL. Use the query id to find the query in the server's audit log."
  ),
  lakehouse_unavailable: ofQuery(
    503,
    'The server could not read the files or the database of the lakehouse.',
    'Run the query again. If it fails while many queries run, lower Open statements in the data source settings.'
  ),
  query_unsupported: ofAuthor(
    400,
    'The server does not support this.',
    'Change the SQL: one statement per query, and only SQL that DataFusion supports.'
  ),
  query_range_required: ofAuthor(
    400,
    'This view can only be queried with a time range.',
    "Switch on the query's time filter."
  ),
  query_denied: ofAuthor(
    429,
    'A rule on the server denies this query.',
    'Ask an administrator of the Micromegas server, or change the query.'
  ),
  server_resources: ofQuery(
    429,
    'The server ran out of memory for this query.',
    'Narrow the time range, aggregate, or add a LIMIT.'
  ),
  query_timeout: ofQuery(
    504,
    'The query took longer than the data source allows.',
    'Narrow the time range or aggregate, or raise Query timeout in the data source settings. If the query has a join, limit the rows of both sides in subqueries: the server may continue with a large join after the timeout.'
  ),
  lookup_timeout: ofQuery(
    504,
    'The server did not respond to a lookup for suggestions within 10 seconds.',
    'Narrow the time range, or type the value.'
  ),
  query_cancelled: ofAuthor(499, 'The query was cancelled.', 'Run it again if you need its result.'),
  tables_unsupported: downstream(
    501,
    'The server does not support listing its tables.',
    'Queries still run. Type the table names in the editor.'
  ),
  query_too_long: ofAuthor(
    400,
    'The query is too long.',
    'Shorten it: select fewer values of dashboard variables, or use a subquery instead of a long list.'
  ),
  statement_not_allowed: ofAuthor(
    400,
    'The data source runs only statements that read.',
    'Start the SQL with SELECT, WITH, VALUES, FROM, SHOW, DESCRIBE, DESC or EXPLAIN, and call no functions that change the lakehouse. To change the lakehouse, use the tools of Micromegas.'
  ),
  statement_too_large: ofAuthor(
    400,
    'The query is too large for the server: a number in it, the depth of an expression, or the number of its tables.',
    'Use a smaller number, a shorter series, for example with a larger step, or a shorter expression.'
  ),
  macro_invalid: ofAuthor(400, 'A macro in the query cannot be expanded.', 'Correct the macro.'),
  variable_several_values: ofAuthor(
    400,
    'A filter has a dashboard variable with several values, but its operator takes one value.',
    'Select one value of the variable, or use an operator that takes several, such as = or regex.'
  ),
  filter_invalid: ofAuthor(
    400,
    'A filter compares a column with a value that the column cannot have.',
    'Correct the value or the operator of the filter, or remove the filter.'
  ),
  filter_not_applicable: ofAuthor(
    400,
    'The filters cannot be inserted into this query.',
    'Write $__adHocFilters where the filters belong, for example WHERE $__adHocFilters, or remove the filters.'
  ),
  trace_not_found: ofAuthor(
    404,
    'The trace was not found.',
    'Check the id, and choose a time range that contains the trace. New spans can be read some seconds after they were sent.'
  ),
  volume_not_countable: ofAuthor(
    400,
    'The log volume of this query cannot be counted.',
    'Only the graph is missing; the log lines are complete. To get the graph, write the query as one SELECT with a time column, and its LIMIT at the end.'
  ),
  patterns_not_counted: ofAuthor(
    400,
    'The log patterns of this query cannot be counted.',
    'Write the query as one SELECT with a time column and a text column, and its LIMIT at the end.'
  ),
  log_page_not_ordered: ofAuthor(
    400,
    'No more log lines can be loaded for this query.',
    'Write the query as one SELECT with its LIMIT at the end, or choose a shorter time range.'
  ),
  log_order_not_applied: ofAuthor(
    400,
    'The log lines of this query cannot be ordered by time.',
    'Run the query again, or simplify it.'
  ),
  tail_not_possible: ofAuthor(
    400,
    'This query has no live tail.',
    "Choose the format Logs, and read log_entries or view_instance('log_entries', '<process id>') in the outermost SELECT, without groups. To see the lines of any query, stop the live tail and run the query."
  ),
  profile_not_available: ofAuthor(
    404,
    'The process has no spans for this profile.',
    'Choose a process that records calls of threads. The query type Processes lists them with a link Flame graph.'
  ),
  query_model_invalid: ofAuthor(
    400,
    'The saved query cannot be read.',
    'Write the query again in its editor. In a dashboard or an alert rule, save it.'
  ),
  query_field_invalid: ofAuthor(
    400,
    'A field of the query cannot be used.',
    'Correct the field that the message names, in the editor or in the link that opened the query.'
  ),
  too_many_queries: ofAuthor(
    400,
    'The request has too many queries.',
    'Use fewer queries in a panel, or combine them in SQL.'
  ),
  statements_busy: ofQuery(
    503,
    'Too many statements wait for the server.',
    'Wait until other queries have ended, or reload fewer panels at the same time. An admin can raise Open statements in the settings.'
  ),
  time_range_too_long: ofAuthor(
    400,
    'The time range is longer than this data source allows.',
    'Choose a shorter time range, or switch the time filter of the query on. An admin can change Longest range in the settings.'
  ),
  time_range_invalid: ofAuthor(
    400,
    'The time range or the interval of the query cannot be used.',
    'Choose another time range. The interval depends on the time range, unless Min interval is set in the query options of the panel.'
  ),
  endpoint_elsewhere: downstream(
    502,
    'The server returned the address of another server for its data, and the data source does not connect to other servers.',
    'Ask an administrator of the Micromegas server why the server returns other locations.'
  ),
  // Results
  result_malformed: ofQuery(
    502,
    "The server's response is not valid Arrow data.",
    'Report this with the query to the maintainers of the data source.'
  ),
  result_schema_changed: ofQuery(
    502,
    'The server changed the columns in the middle of the result.',
    'Run the query again.'
  ),
  result_too_large: ofQuery(
    413,
    'The result is too large for Grafana.',
    'Narrow the time range, select fewer columns, aggregate, or add a LIMIT.'
  ),
  alert_result_truncated: ofAuthor(
    413,
    'The result of the alert rule is incomplete, because a limit truncates it.',
    'Aggregate in the SQL, select fewer series, switch Auto limit off, or raise the limit. A result that ends at the Row limit of the query is accepted, unless gaps are filled.'
  ),
  memory_busy: ofQuery(
    503,
    'The data source has no memory left for this result, because other queries use it.',
    'Try again. To use less memory, narrow the time range, aggregate, or load fewer panels at once. The operator of Grafana can raise memory_budget_mb.'
  ),
  time_series_shape: ofAuthor(
    400,
    'The result cannot be shown as time series.',
    'Select a timestamp column named time and at least one numeric column, or choose the format Table.'
  ),
  logs_shape: ofAuthor(
    400,
    'The result cannot be shown as logs.',
    'Select a timestamp column (time) and a text column (msg), or choose the format Table.'
  ),
  // Files of a process
  image_not_found: ofQuery(
    404,
    'The process has no such image.',
    'Run the query again: the image may have been deleted, or the link is incomplete.'
  ),
  image_too_large: ofQuery(
    413,
    'The image is too large to be shown.',
    'Read it with another client, from the column "data" of the view "images".'
  ),
  image_unsupported: ofQuery(
    415,
    'The image has a format that is not shown.',
    'Only PNG, JPEG, GIF and WebP images are shown. Read other formats with another client.'
  ),
  too_many_files: ofQuery(
    429,
    'Too many files of this data source are being loaded at the same time.',
    'Wait until other downloads have ended, or cancel one.'
  ),
  file_not_read: ofQuery(
    408,
    'The caller stopped reading the file.',
    'Load the file again, over a faster connection if possible.'
  ),
  // The plugin itself
  resource_unknown: plugin(404, 'The data source has no such resource.', 'Check the path.'),
  resource_invalid: plugin(
    400,
    'A parameter of the resource call is missing or invalid.',
    'Check the parameters named here.'
  ),
  lookups_off: plugin(
    403,
    'The data source does not suggest values from the lakehouse.',
    'Type the value, or switch on Suggest values in the data source settings.'
  ),
  admin_only: plugin(
    403,
    'Only an administrator who is signed in to Grafana may use this.',
    'Sign in to Grafana as an administrator of the organization.'
  ),
  check_unknown: plugin(
    404,
    'This connection check does not exist, or it has expired.',
    'Press Check connection again.'
  ),
  plugin_files_changed: plugin(
    500,
    "A file of the plugin is missing, or was replaced while the plugin's backend was running.",
    'Restart Grafana, and the sidecar if there is one. If that does not help, install the plugin again.'
  ),
  no_file_handles: plugin(
    503,
    'The backend of the data source may open no further files or connections.',
    'Try again. If this persists, ask the operator of Grafana to raise the limit of open files of Grafana, or of the sidecar (LimitNOFILE, ulimit -n).'
  ),
  backend_stopped: plugin(
    503,
    'The backend of the data source stopped before the query had ended.',
    'Run the query again.'
  ),
  internal: plugin(
    500,
    'An unexpected error occurred in the data source.',
    "Find the cause in Grafana's server log, and report it to the maintainers of the data source."
  ),
} satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** All codes, in the order of the catalogue. */
export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];
