/**
 * Causes and remedies of all failures. `npm run docs:tables` writes `docs/errors.md` from the catalogue and this file.
 * The backend does not import this file, so it is not in the package.
 */
import { type ErrorCode } from './catalogue';

interface Explanation {
  /** Typical causes, in Markdown. Links are relative to `docs/`. */
  cause: string;
  /** What the reader can do about the failure, in Markdown. */
  remedy: string;
}

/** Sections of the page, each with its first code. The codes have the order of the catalogue. */
export const ERROR_SECTIONS: ReadonlyArray<{ title: string; first: ErrorCode }> = [
  { title: 'Settings', first: 'settings_invalid' },
  { title: 'What the operator allows', first: 'host_not_allowed' },
  { title: 'Connections to the server', first: 'proxy_unreachable' },
  { title: 'Sign-in at the identity provider', first: 'provider_unreachable' },
  { title: 'Sign-in at the server', first: 'credentials_missing' },
  { title: 'Running a query', first: 'query_invalid' },
  { title: 'Results', first: 'result_malformed' },
  { title: 'Files of a process', first: 'image_not_found' },
  { title: 'The plugin itself', first: 'resource_unknown' },
];

export const EXPLANATIONS: Readonly<Record<ErrorCode, Explanation>> = {
  settings_invalid: {
    cause:
      'A required field is empty, or a provisioning file has an invalid value: a host without a port, an issuer that is not an https URL, a timeout of 0.',
    remedy:
      'Open the data source settings and correct the field that the error names. Correct provisioned data sources in their file.',
  },
  password_unsupported: {
    cause: 'The older plugin saved the data source with user name and password. Micromegas never supported them.',
    remedy: 'Choose API Key or OAuth 2.0 Client Credentials, fill in its fields, and save.',
  },
  host_not_allowed: {
    cause:
      'The setting `allowed_hosts` of the plugin does not contain the host of the Micromegas server or of the identity provider.',
    remedy:
      "Use an allowed host. Operators add hosts in Grafana's ini file, section `[plugin.micromegas-micromegas-datasource]`, and restart Grafana.",
  },
  restriction_mistyped: {
    cause:
      'The section `[plugin.micromegas-micromegas-datasource]` of `grafana.ini`, or the environment of a sidecar, has a key that resembles a restriction, such as `allowed_host` for `allowed_hosts`. The key has no effect, so hosts that it is meant to exclude would be allowed.',
    remedy:
      'Operators correct the key, or remove it, and restart Grafana or the sidecar. [Configuration](operator/configuration.md) lists all keys.',
  },
  plaintext_refused: {
    cause:
      'TLS is off in the settings, the host is another machine, and the operator has set `refuse_plaintext_tokens`.',
    remedy:
      'Switch on TLS. Micromegas itself has no TLS, so put a reverse proxy that terminates TLS in front of it. Without TLS, the server must run on the same machine as Grafana (or the sidecar), and the host must be a loopback address.',
  },
  file_not_allowed: {
    cause:
      'The client secret or the assertion is in a file outside the folders in `allowed_file_folders` of the plugin. Without this setting, no file is allowed. If a link in an allowed folder points to a file in another folder, that file is not allowed either, and the error says so.',
    remedy:
      "Put the file into an allowed folder, or ask the operator to add its folder in Grafana's ini file, section `[plugin.micromegas-micromegas-datasource]`.",
  },
  file_hosts_unrestricted: {
    cause:
      'The operator has set `allowed_file_folders` of the plugin, but not `allowed_hosts`. Without `allowed_hosts`, any admin of data sources could use the same file in a data source with a server of their own, and receive the token.',
    remedy:
      "Operators set `allowed_hosts` in Grafana's ini file, section `[plugin.micromegas-micromegas-datasource]`, to the Micromegas servers and identity providers, and restart Grafana. Or store the secret in the data source settings.",
  },
  file_unreadable: {
    cause:
      "The file does not exist on the machine or in the container where the plugin's backend runs (Grafana or the sidecar), belongs to another user, is empty, or is far too large for a secret.",
    remedy:
      'Check the path. Check that the operating system account that runs Grafana (or the sidecar) may read the file. Secrets must be mounted into the container of Grafana (or the sidecar).',
  },
  proxy_unreachable: {
    cause:
      '`HTTPS_PROXY` in the environment of Grafana is not the URL of an HTTP proxy. Or a proxy is down, rejects the user name and password, has a certificate that is not trusted, or does not allow the host. The error says which proxy it is: the secure SOCKS proxy of Grafana, or the HTTP proxy to the identity provider, from the settings or from `HTTPS_PROXY`.',
    remedy:
      "Check the proxy in the data source settings, section `[secure_socks_datasource_proxy]` of Grafana's configuration, and `HTTPS_PROXY` and `NO_PROXY` of its environment. The log of the SOCKS or HTTP proxy says why the proxy failed.",
  },
  tls_client_certificate: {
    cause:
      'The proxy that terminates TLS in front of the server requires mutual TLS. The client certificate is missing in the settings, has expired, is signed by another authority, or does not belong to the key.',
    remedy:
      'Switch on TLS client authentication, and enter the certificate and the key (PEM) of one client. An authority that the server trusts must have signed the certificate.',
  },
  address_unknown: {
    cause: 'A typing error in the host, or a name that exists only in another network or container.',
    remedy:
      "Check the host. Resolve the name on the machine or in the container where the plugin's backend runs (Grafana or the sidecar), not on your own machine.",
  },
  connection_refused: {
    cause:
      'The server does not run, listens on another port, or listens only on the loopback address of another machine. In a container, `localhost` is the container itself.',
    remedy:
      "Check host and port (50051 unless it was changed), and that the server listens on an address that the plugin's backend can reach.",
  },
  connection_timeout: {
    cause:
      'A firewall or security group drops the packets, the address belongs to a machine that is off, or the server accepts the connection and hangs. The server has never responded since the start of the plugin; if it has, the error is `server_silent`.',
    remedy: 'Check host and port, then the firewalls between Grafana (or the sidecar) and the server.',
  },
  tls_expected: {
    cause: 'TLS is off in the settings, and a load balancer or ingress in front of the server accepts only TLS.',
    remedy: 'Switch on TLS in the data source settings.',
  },
  tls_unexpected: {
    cause: 'TLS is on in the settings. Micromegas itself has no TLS: a proxy in front of it must terminate TLS.',
    remedy: 'Switch off TLS, or enter the host and port of the proxy that terminates TLS.',
  },
  tls_untrusted: {
    cause: 'The certificate is signed by a private authority, has expired, or is for another name.',
    remedy:
      'Enter the authority in the TLS settings of the data source, or add it to the trusted authorities of the machine that runs Grafana (or the sidecar). Enter the host as it is in the certificate.',
  },
  not_flight_sql: {
    cause:
      'The port of another service: Grafana, the ingestion server (9000), a web server, or a gRPC service that is not Flight SQL. A proxy that redirects, or responds with HTTP status 400, 404 or 415 instead of gRPC, causes the same error. The error then names the status.',
    remedy: 'Check the port. A reverse proxy in front of the server must support gRPC (HTTP/2).',
  },
  server_unavailable: {
    cause:
      'The server starts or stops, is overloaded, or cannot reach its own database or identity provider. A proxy in front of it that responds with HTTP status 500, 502 or 503 causes the same error. The error then names the status.',
    remedy: "Try again. If the problem persists, read the server's log.",
  },
  server_silent: {
    cause:
      'The server has responded since the start of the plugin, but now it replies neither to a new connection nor to an HTTP/2 PING. It is busy with this query or with queries of others, or its machine or the network failed. The error says when the last response arrived. If the server replies to PINGs while it works on the query, the error is `query_timeout`.',
    remedy:
      'Run the query again, with less data if it reads much. If the server stays silent, check its load and its log, and [its limits](operator/security.md#limits-of-the-server). If the server is fine, look for a firewall or proxy that drops idle connections without closing them.',
  },
  server_intercepted: {
    cause:
      'The response has an HTTP status or a content type that Micromegas never sends, or it lacks the gRPC status at its end (the trailers). An access proxy wants a sign-in, a firewall blocks the call, or a proxy passes the call on as HTTP/1.1 and drops the trailers. The error shows status, content type and the headers `Server` and `Via` of the response.',
    remedy:
      'Make the proxy, gateway or firewall pass gRPC (HTTP/2 with trailers) on to the Flight SQL port of the server, 50051 by default, or connect without it.',
  },
  gateway_timeout: {
    cause:
      'A load balancer or reverse proxy responded with HTTP status 504 because its own timeout is shorter than the query.',
    remedy: 'Raise the timeout of that proxy above Query timeout of the data source, or make the query faster.',
  },
  server_rate_limited: {
    cause:
      'A load balancer or API gateway in front of the server responded with HTTP status 429. Micromegas itself has no such limit.',
    remedy:
      'Wait a moment. If the problem persists, raise the limit of the gateway, refresh dashboards less often, or show fewer panels at once.',
  },
  request_too_large: {
    cause:
      "A proxy responded with HTTP status 413: the SQL is longer than the proxy's limit for request bodies. Micromegas itself accepts 100 MiB.",
    remedy: 'Shorten the SQL, for example long lists of values from variables, or raise the limit of the proxy.',
  },
  headers_too_large: {
    cause:
      'The server responded with HTTP status 431. Micromegas accepts 16 KiB of headers. The access token is the largest of them: a token of 15.3 kB is accepted, one of 15.9 kB is not. Roles and groups make tokens large. The error names the size of the token in bytes.',
    remedy:
      'Take roles and groups out of the tokens for this API: in Keycloak switch off Full scope allowed of the client, or remove the client scope `roles`; in Entra ID limit the groups claim to groups assigned to the application. A proxy in front of the server may have a lower limit (nginx: `large_client_header_buffers`).',
  },
  connection_lost: {
    cause:
      'The server or a proxy in front of it restarted, or closed a long connection. The error contains the reason, if there is one, such as `ENHANCE_YOUR_CALM`. The data source itself closes a connection if the server violates HTTP/2 or sends too many frames; then the error says so.',
    remedy:
      'Run the query again. If the name of the server has several addresses, the data source then uses another address. If the query always fails after the same time, look for a request timeout in a proxy.',
  },
  provider_unreachable: {
    cause:
      'The OIDC Issuer has a typing error. Or the network of the machine that runs Grafana (or the sidecar) blocks connections to the internet, or allows them only through an HTTP proxy.',
    remedy:
      "Check the OIDC Issuer, and that the machine that runs Grafana (or the sidecar) may connect to it. The machine of your browser does not matter. Enter an HTTP proxy in the data source settings or in `HTTPS_PROXY` of Grafana's environment.",
  },
  provider_untrusted: {
    cause:
      "The provider's certificate is signed by a private authority, has expired or is for another name; a firewall that inspects TLS replaces the certificate; or the provider requires a client certificate.",
    remedy:
      'Make the machine that runs Grafana (or the sidecar) trust the authority, or enter the authority, the server name or the client certificate under the TLS settings of the identity provider.',
  },
  provider_timeout: {
    cause:
      'The provider is slow, or a firewall drops the packets. The limits are 10 s for discovery and 15 s for a token. At most 8 token requests run at the same time at a provider. If none of them succeeds for 30 s, the waiting requests fail too.',
    remedy: 'Try again. If the problem persists, check the network between Grafana (or the sidecar) and the provider.',
  },
  provider_intercepted: {
    cause:
      'A firewall blocks the request, a gateway or an access proxy wants a sign-in (403, 407, a redirect), or a captive portal sends its page with status 200. Or the OIDC Issuer is the address of a web page. The error shows status, content type and the headers `Server` and `Via` of the response.',
    remedy:
      'Send the same request from the machine that runs Grafana (or the sidecar), for example with `curl -v`, and compare. Make the proxy, gateway or firewall pass requests to the provider unchanged, or enter the HTTP proxy that requests must use. The current token is used while it is valid.',
  },
  provider_not_oidc: {
    cause:
      'The OIDC Issuer is the address of a login page or of a redirect, or lacks a part: `/oauth2/default` with Okta, `/v2.0` with Entra ID, `/realms/<realm>` with Keycloak.',
    remedy: 'Open `<issuer>/.well-known/openid-configuration` in a browser: it must show JSON without a redirect.',
  },
  provider_issuer_mismatch: {
    cause:
      'The issuer has a missing or additional slash at the end: issuers of Auth0 have a slash, most other issuers have none. Or the issuer has a domain instead of a tenant id, or an internal host name while the provider uses its public host name. Behind a proxy that terminates TLS, a provider uses `http://` in its issuer by default. Keycloak also uses its inner port if the proxy sends no `X-Forwarded-Host` and `X-Forwarded-Port`.',
    remedy:
      'Enter the issuer exactly as the error quotes it. If the quoted issuer differs only in `http://`, keep the settings and correct the provider: start Keycloak with `--proxy-headers xforwarded` or `--hostname`, set `urls.self.issuer` of Hydra, or make the provider trust X-Forwarded-Proto. `MICROMEGAS_OIDC_CONFIG` on the server must contain the issuer of the tokens.',
  },
  provider_no_token_endpoint: {
    cause:
      'The provider supports browser sign-in only, or its token endpoint has an `http://` URL, to which no secret is sent. A provider behind a proxy that terminates TLS has such URLs if the proxy does not send `X-Forwarded-Proto`.',
    remedy: 'Check the OIDC Issuer, and enable a token endpoint over https at the provider.',
  },
  provider_endpoint_host: {
    cause:
      'The token endpoint or the key set (`jwks_uri`) is on another host or port than the issuer: a custom domain of AWS Cognito, a back channel of Keycloak, or a provider under a domain of your own. A compromised provider can cause the same error.',
    remedy:
      "Compare the host in the error with your provider's documentation. If it belongs to the provider, enter it in Endpoint hosts (Advanced token request) of the data source settings; provisioned data sources have the field `oauthEndpointHosts`.",
  },
  provider_refused: {
    cause:
      'A wrong or expired client secret, a secret in quotes, the id of a secret instead of its value, or a client of another tenant.',
    remedy:
      "Read the provider's message in the error, then check Client ID and Client Secret (or key, certificate, file).",
  },
  provider_client_method: {
    cause:
      'The client is set to sign its requests with a private key or its secret (in Keycloak _Signed JWT_ or _Signed JWT with Client Secret_), but the data source sends the secret. Or the client is set to send the secret, but the data source signs.',
    remedy:
      'In the data source settings, set Client authentication to the method that is set for the client at the provider. Or change the method at the provider. The error names both methods.',
  },
  provider_algorithm: {
    cause:
      'The client is set to another signature algorithm at the provider, for example PS256, and the data source signs with RS256.',
    remedy:
      'Select the same algorithm as Signing algorithm in the data source settings, or allow any algorithm for the client at the provider.',
  },
  provider_dpop_required: {
    cause:
      'The client is set to sender-constrained tokens (in Keycloak _Require DPoP bound tokens_). Micromegas accepts bearer tokens only.',
    remedy: 'Switch off DPoP for this client at the provider.',
  },
  provider_not_granted: {
    cause:
      'Auth0: the application is not authorised for the API. Entra ID: the API demands an app role that the application lacks. Okta: no access policy or rule allows the client. Any provider: the client credentials grant is not enabled for the client.',
    remedy:
      "Give the client access to the API of Micromegas, and allow it the client credentials grant. The error contains the provider's message.",
  },
  provider_clock: {
    cause:
      'The data source signs its requests (private key, Google service account). The clock of the machine that runs Grafana (or the sidecar) is wrong by more than the provider tolerates: 10 s with Auth0, some minutes with Google.',
    remedy:
      'Synchronize the clock of the machine that runs Grafana (or the sidecar) with a time server. Save & test shows the difference.',
  },
  provider_rejected_request: {
    cause:
      'A missing Scope or Audience, or one that does not exist at the provider: Auth0 needs an Audience; Entra ID a Scope that ends in `/.default`; Okta a custom Scope.',
    remedy: "Correct Audience and Scope. The error contains the provider's message.",
  },
  provider_rate_limited: {
    cause: "Many data sources or other programs share the provider's limit, or a quota of tokens is used up.",
    remedy:
      "Wait: the plugin retries by itself, after the delay in the provider's response, up to 5 minutes. If the problem persists, check the quotas at the provider.",
  },
  provider_down: {
    cause: 'The provider has an outage, or a proxy in front of it returns the error.',
    remedy:
      "Try again. The plugin also retries with the first query after 5 s, or after the delay in the provider's response, at most 5 minutes. Until then it uses the current token while the token is valid.",
  },
  provider_bad_answer: {
    cause:
      "The endpoint is not a token endpoint, responds in another format, or returned a token that had already expired by the provider's own clock. A difference between the clocks of the two machines does not cause this error.",
    remedy: "Check the OIDC Issuer and the provider's log.",
  },
  credentials_missing: {
    cause: 'The server requires a sign-in, and Auth Method is set to None.',
    remedy: 'Choose API Key or OAuth 2.0 Client Credentials and fill in the fields.',
  },
  api_key_refused: {
    cause:
      'The key is mistyped, revoked, an ingestion key, or not allowed from this address. If a key was used before it was created on the server, the server still rejects it for up to 10 s. A revoked key works for up to a minute.',
    remedy: 'Enter an analytics API key again, completely and without spaces around it.',
  },
  token_refused: {
    cause:
      'Without other evidence, the most likely cause first: (1) `MICROMEGAS_OIDC_CONFIG` on the server has no entry with exactly the token\'s issuer and audience (the server\'s log says "Unknown issuer" or "Token audience mismatch"); (2) the server cannot reach the issuer, or does not trust its certificate ("Failed to fetch JWKS"); (3) a proxy or gateway in front of the server removes or replaces the header `Authorization` ("missing bearer token", or "Unknown issuer"); (4) the server\'s clock is ahead, so the token has expired there; (5) the provider changed its keys within the last hour, and the server still uses the old keys ("not found in JWKS"). Save & test changes this order if the server accepted another token of the issuer before, if the data source needs its own certificate authority or a proxy for the provider, or if the response names a proxy. A response with HTTP status 401 and without a gRPC status comes from a proxy in front of the server.',
    remedy:
      'Press Save & test: it describes the token, shows the entry that `MICROMEGAS_OIDC_CONFIG` must contain, and lists the causes in the order in which to check them. The log of the server contains the exact reason.',
  },
  token_unusable: {
    cause:
      'The token is opaque or encrypted, is not signed with RS256, or lacks `iss`, `sub`, `aud` or `exp`. Auth0 issues an opaque token if the Audience is empty. Ory Hydra issues an opaque token until `strategies.access_token` is set to `jwt`, and adds `aud` only for the requested Audience. Keycloak adds `aud` only with an audience mapper. Without the client scope `basic`, Keycloak omits `sub` from tokens of users and from tokens with a refresh token. Access tokens of AWS Cognito never have `aud`.',
    remedy:
      'Change the token at the identity provider as the error says. Save & test lists every rule with its result. No configuration of the server helps.',
  },
  token_audience_shared: {
    cause:
      'All audiences of the token belong to the identity provider or to other clients, and tokens of many clients contain the same audiences. Examples are `account` in Keycloak without an audience mapper, another client in Keycloak in which the service account has a role, Microsoft Graph in Entra ID, the Management API in Auth0. A server that accepts such an audience allows all these clients.',
    remedy:
      'Do not enter this audience in `MICROMEGAS_OIDC_CONFIG`. Create an audience for Micromegas: in Keycloak add an audience mapper to the client; in Entra ID register an API and enter `api://…/.default` as scope; in Auth0 create an API and enter its Identifier as Audience.',
  },
  token_expired: {
    cause:
      'The clock of the server is ahead of the clock of the identity provider by more than the lifetime of a token. The server tolerates no difference. The clock of Grafana (or the sidecar) does not matter: the plugin uses the lifetime that the provider states.',
    remedy:
      'Synchronize the clocks of the identity provider, of Grafana (or the sidecar) and of the server with a time server. Save & test shows the differences between them.',
  },
  identity_missing: {
    cause:
      'The data source forwards the identity of the signed-in user, and this user signed in to Grafana with a password, LDAP or SAML instead of OAuth. Or there is no user: an alert rule, a public dashboard, an API call with a service account token.',
    remedy:
      'Sign in to Grafana with OAuth. For alert rules and public dashboards, switch on the fallback to the service account, and fill in its fields.',
  },
  identity_refused: {
    cause:
      "The user's token from the sign-in to Grafana is for another audience (Grafana itself, Microsoft Graph), is opaque, or has an issuer that is not in `MICROMEGAS_OIDC_CONFIG` on the server. Or the token has expired, and Grafana cannot renew it.",
    remedy:
      'Press Save & test while signed in with OAuth: it describes the token and shows the configuration that the server needs. Configure the identity provider to issue tokens for Micromegas at the sign-in to Grafana, or forward the ID token instead of the access token.',
  },
  attribution_refused: {
    cause:
      "The key or the service account may not act for others, and the data source sends the Grafana user's login and e-mail.",
    remedy: 'Switch off Enable User Attribution, or use an API key that may delegate.',
  },
  permission_denied: {
    cause: 'The statement needs an administrator, or touches data that the account may not read.',
    remedy: 'Ask an administrator of the Micromegas server.',
  },
  query_invalid: {
    cause: 'A mistake in the SQL: syntax, a column or table that does not exist, or wrong arguments of a function.',
    remedy:
      "Correct the SQL. The server's message contains the position. Names with capitals or dots need double quotes, strings single quotes.",
  },
  query_failed: {
    cause: 'The SQL is correct, but a value is not: a division by zero, a cast that fails or an unknown process id.',
    remedy: "Check values and casts. Search for the `query_id` in the server's audit log.",
  },
  lakehouse_unavailable: {
    cause:
      'The database or the object store of the lakehouse does not respond, or many statements at the same time wait for its connections.',
    remedy:
      'Run the query again. Lower _Open statements_ if it fails under load. Otherwise search for the `query_id` in the log of the server.',
  },
  query_unsupported: {
    cause: 'Two statements in one query, or SQL that DataFusion does not implement.',
    remedy: 'Write one statement per query.',
  },
  query_range_required: {
    cause: 'The server computes views such as `thread_spans` on demand, and needs a time range for that.',
    remedy: "Switch on the query's time filter. A WHERE clause on time does not replace it.",
  },
  query_denied: {
    cause:
      'An administrator has set a rule against this query, often after it overloaded the server. The rule and its reason are in the error.',
    remedy: 'Change the query, or ask an administrator to lift the rule.',
  },
  server_resources: {
    cause: "The query sorts, joins or groups more than the server's memory budget holds.",
    remedy:
      'Narrow the time range, aggregate earlier, or add a LIMIT. Exact percentiles and medians keep all values: use an estimate, see Percentiles in docs/user/sql.md.',
  },
  query_timeout: {
    cause:
      'The time range has much data, or the query is the first on a process whose view is computed on demand. Later queries on that process are faster. The limit is for the whole query: all of its statements, its conversion, and sending the result.',
    remedy:
      'Narrow the time range or aggregate, or raise Query timeout in the data source settings (default: 60 s). The server is reachable, because it replied to an HTTP/2 PING shortly before the limit. If the server does not reply, the error is `server_silent` instead. The timeout cancels the query on the server, but a join that compares very many pairs of rows may continue for minutes: see [Cancelled queries](user/sql.md#cancelled-queries).',
  },
  lookup_timeout: {
    cause:
      'The server is busy, the time range has much data, or the lookup is the first on a process whose view is computed on demand. Later lookups on that process are faster.',
    remedy:
      'Narrow the time range, or type the value without a suggestion. Queries are not affected: they have their own limit, Query timeout.',
  },
  query_cancelled: {
    cause: "The user left or refreshed the dashboard, or Grafana's own time limit passed.",
    remedy:
      'Run it again if you need its result. The server may continue with a large join for minutes: see [Cancelled queries](user/sql.md#cancelled-queries).',
  },
  tables_unsupported: {
    cause:
      'The server does not implement the Flight SQL command GetTables. It is, for example, an older version of Micromegas, or another Flight SQL server.',
    remedy: 'Update the server. Queries run without the list, but the editor does not complete table names.',
  },
  query_too_long: {
    cause:
      'A dashboard variable with thousands of selected values, or nested macros that repeat their arguments. The limit is 1,048,576 characters, and 2,097,152 after macros are expanded and for statements that the plugin writes.',
    remedy: 'Select fewer values, or use a subquery (`IN (SELECT …)`) instead of a long list.',
  },
  statement_not_allowed: {
    cause:
      'The SQL starts with a word that the error does not list, for example `COPY`, `CREATE`, `SET` or a misspelled word. Or it contains one of these: the name of a function that changes the lakehouse, such as `retire_partitions`; a comment that starts with `/*!`; a second statement; `INTO` before a name; a quote in a string of `SHOW`; an argument of `process_spans` that is not a plain id; syntax that the check does not know. There is no exception for admins. [Security](operator/security.md#only-statements-that-read) has the whole rule.',
    remedy:
      'Correct the word at the line and column that the error marks. Put names with unusual characters, and the name `into`, in double quotes. To change the lakehouse, use the tools of Micromegas. The name of a function that changes the lakehouse is allowed only as an alias after `AS`.',
  },
  statement_too_large: {
    cause:
      'A length or count above 10,000,000 in `repeat`, `lpad`, `rpad` or `array_repeat`, or above 10,000 if another argument has a column or a function; a series of more values in `range` or `generate_series`; parentheses that are nested more than 300 levels deep; a chain of more than 1,000 operators, such as conditions with `OR`; more than 500 tables, where a CTE counts as often as it is used; or a query with more than 100 joins. Only numbers in the SQL and their products count, after variables and macros are expanded.',
    remedy:
      'Use a smaller number at the line and column that the error marks, or a larger step of the series. Write `IN` with a list in place of many `OR`. Use CTEs less often, and split a query with many joins. [Security](operator/security.md#sizes-in-statements) has the rule.',
  },
  macro_invalid: {
    cause:
      'A misspelled macro, missing arguments, an unknown interval or time zone, `$__conditionalAll` in an alert rule, or macros that are nested more than 16 levels deep.',
    remedy:
      'Correct the macro at the line and column that the error names. The help of the query editor lists all macros.',
  },
  variable_several_values: {
    cause:
      '`<`, `<=`, `>` or `>=` stands before a variable in which several values are selected, for example `level <= $level`. Or the left side of a `LIKE` with such a variable is too long to be repeated for each value.',
    remedy:
      'Select one value, or use an operator that takes several: `=`, `!=`, `IN`, `LIKE` or a regular expression. Without _Multi-value_, a variable always has one value.',
  },
  filter_invalid: {
    cause:
      'A column with numbers or times is compared with a string, or the operator does not exist for the type of the column, for example a regular expression for a time.',
    remedy:
      'Correct the value or the operator of the filter, or remove the filter. Times are written as 2026-01-31T12:00:00Z, levels as numbers or words such as error.',
  },
  filter_not_applicable: {
    cause:
      'The SQL cannot be parsed, is too long, or has a part into which no filter can be inserted: FROM before SELECT, a table function without an alias in a join, or a column of the result that is calculated from several columns of one CTE. The query runs only with its filters.',
    remedy:
      'Write `$__adHocFilters` in the WHERE clause where the filters belong, give table functions an alias, or remove the filters.',
  },
  trace_not_found: {
    cause:
      'The trace is more than a day before or after the time range. Or its spans were not recorded (sampling), were deleted after their retention, or have not arrived yet. Or the trace belongs to none of the 200 processes that sent spans last.',
    remedy:
      'Check the id. Choose a time range that contains the trace, and a short one if there are many processes. New spans can be read some seconds after they were sent. See [Traces](user/traces.md).',
  },
  volume_not_countable: {
    cause:
      'Explore asks for the number of lines of a logs query, and the SQL cannot be parsed, is too long, has no time column, has a `LIMIT` inside the parentheses around a SELECT, or uses `DISTINCT ON`. The log lines are not affected.',
    remedy: 'Write the query as one SELECT with a time column. See [Log volume](user/logs.md#log-volume).',
  },
  patterns_not_counted: {
    cause:
      'The format of the query is _Log patterns_, and the SQL cannot be parsed, is too long, has no time column or no text column, has a `LIMIT` inside the parentheses around a SELECT, uses `DISTINCT ON`, or reads another time with `$__timeShift`.',
    remedy:
      'Write the query as one SELECT with the columns `time`, `level` and `msg`. See [Log patterns](user/log-patterns.md).',
  },
  log_page_not_ordered: {
    cause:
      'The user scrolled to the end of the log lines, and the SQL cannot be parsed, is too long, has a `LIMIT` inside the parentheses around a SELECT, or uses `DISTINCT ON`.',
    remedy:
      'Write the query as one SELECT with its `LIMIT` at the end. See [More log lines](user/logs.md#more-log-lines).',
  },
  log_order_not_applied: {
    cause:
      'A link, or the setting for the order of lines in Explore or in a panel, asks for lines in the order of their times. The SQL parser could not add this order, because too many queries wait for it or the SQL is too complex. In another order, a row limit would return the wrong lines.',
    remedy: 'Run the query again. If it fails again, simplify it, for example with fewer nested subqueries.',
  },
  tail_not_possible: {
    cause:
      'The button _Live_ of Explore was pressed for a query that cannot be followed. The type of the query is not SQL, the format is not Logs, or the outermost SELECT does not read `log_entries`, has an outer join, groups or counts lines, or is part of a `UNION`.',
    remedy:
      "Choose the format Logs, and read `log_entries` or `view_instance('log_entries', '<process id>')` in the outermost SELECT. For a CTE or a subquery, move its conditions into that SELECT. See [Live tail](user/logs.md#live-tail).",
  },
  profile_not_available: {
    cause:
      'The process sends OpenTelemetry data, which has traces instead of calls of threads; or no process has this id; or the stream is not a thread of the process. The error says what the process has sent.',
    remedy: 'Choose a process that records calls of threads, and one of its threads. See [Profiles](user/profiles.md).',
  },
  query_model_invalid: {
    cause:
      'A dashboard file was edited by hand, or made for another data source. Then a field may have a value of a wrong type, or a value that is too long. The error names the field.',
    remedy:
      'Write the query again in its editor: of the panel, of Explore, or of the alert rule. Save the dashboard or the rule; Explore saves nothing.',
  },
  query_field_invalid: {
    cause:
      'In a query of the type Traces, Profile or Processes, an id is not complete, a range ends before it begins, or a condition compares a string with a number. A variable may have inserted the value. The error names the field.',
    remedy:
      'Correct the field in the editor. If a link opened the query, check the value of the cell that contains the link.',
  },
  too_many_queries: {
    cause: 'A panel or a script that sends more than 200 queries at once.',
    remedy: 'Use fewer queries in a panel, or combine them in SQL.',
  },
  statements_busy: {
    cause:
      'More statements wait than the queue of a data source holds: 500 of one user, or 2,000 in all. The setting _Open statements_ says how many run at the same time.',
    remedy:
      'Refresh dashboards less often, or raise _Open statements_ if the server has room. The metric `micromegas_query_stage_duration_seconds` with the stage `queue` shows how long queries wait.',
  },
  time_range_too_long: {
    cause:
      'The setting _Longest range_ of the data source limits the time range of queries. The range of the panel, profile or Perfetto trace is longer, or the query has no time filter.',
    remedy:
      'Choose a shorter range. If a query needs all times, an admin can clear _Longest range_, or add a second data source without this limit.',
  },
  time_range_invalid: {
    cause:
      'A link or a script has a wrong time range: it ends before it begins, or ends after the year 275760, or the interval is longer than ten years.',
    remedy:
      'Choose another time range in the dashboard. The interval follows from the time range, unless _Min interval_ is set in the query options of the panel.',
  },
  endpoint_elsewhere: {
    cause:
      'The server returned the location of another machine that has the data. The data source does not send its credentials there.',
    remedy: 'Ask an administrator of the server why it returns other locations.',
  },
  result_malformed: {
    cause:
      'A proxy changed the data, or the server uses a part of Arrow that this version does not support. The error names the violated rule of the format.',
    remedy: 'Report the error with the query and the versions of the plugin and the server.',
  },
  result_schema_changed: {
    cause: 'A table changed while the query was reading it.',
    remedy: 'Run the query again.',
  },
  result_too_large: {
    cause:
      'The result has more data than one response to Grafana may have, or needs too much memory, for example as time series with very many labels or as a response in JSON. Or even the first row exceeds a limit of size or memory; the error names this limit. Or the schema has more than 16,384 fields, names of more than 4 MiB, or types nested deeper than 64 levels. Or nested values refer to the same items so often that they expand to more than 1 GiB.',
    remedy:
      'Narrow the time range, select fewer columns, aggregate, or add a LIMIT. For time series: select fewer string columns, which become labels, or use `$__dateBin(time)`. A limit that the error names can be raised.',
  },
  alert_result_truncated: {
    cause:
      'The query of a rule returns more rows than a limit allows: _Auto limit_, the limits of the data source or of Grafana, or the memory for one response. In a panel, the truncation causes only a warning. Grafana does not show warnings of rules, so a truncated rule would silently miss series or times.',
    remedy:
      'Aggregate in the SQL, for example with `$__dateBin(time)`, and select fewer series. Switch _Auto limit_ off, or raise the limit that the error names. A rule that needs only the first rows, such as the worst ten, sets a _Row limit_ in the options of the query, or has a LIMIT. There is one exception: if the query fills gaps, reaching its _Row limit_ also causes this error, because the rule would read filled values in place of the missing rows.',
  },
  memory_busy: {
    cause:
      'Many large results at once: the plugin keeps each result in memory until Grafana has received it. This query started last and was cancelled, or waited until its timeout.',
    remedy:
      'Try again. To use less memory, narrow the time range, aggregate, or load fewer panels at once. The operator of Grafana can raise `memory_budget_mb`, see [Operation](operator/operation.md#memory).',
  },
  time_series_shape: {
    cause: 'The format is Time series, and the result has no timestamp column or no numeric column.',
    remedy: 'Select a timestamp column named `time` and at least one number, or choose the format Table.',
  },
  logs_shape: {
    cause: 'The format is Logs, and the result has no timestamp column or no string column.',
    remedy: 'Select `time` and `msg`, or choose the format Table.',
  },
  image_not_found: {
    cause: 'The server deleted the image when its retention ended, or the link was changed.',
    remedy: 'Run the query again and open the link of the image.',
  },
  image_too_large: {
    cause: 'The image has more than 16 MiB.',
    remedy: 'Read the column `data` of the view `images` with another client.',
  },
  image_unsupported: {
    cause:
      'The bytes are not PNG, JPEG, GIF or WebP. Formats that can contain scripts, such as SVG, are never returned.',
    remedy: 'Read the column `data` of the view `images` with another client.',
  },
  too_many_files: {
    cause:
      'A user loads more than 2 Perfetto traces or 10 images at once, or all users of the data source more than 3 traces or 30 images.',
    remedy: 'Wait until other downloads have ended, or cancel one.',
  },
  file_not_read: {
    cause:
      'The browser or program read less than 64 KiB of an image in 10 seconds, or less than 64 KiB of a Perfetto trace in a minute. Or an image took more than a minute. A file holds memory while it is sent, so the plugin ends the download. The code is in the log at level debug.',
    remedy: 'Load the file again, over a faster connection if possible.',
  },
  resource_unknown: {
    cause: 'A page or script of another version requests a path that does not exist.',
    remedy: 'Check the path; reload the page after an update of the plugin.',
  },
  resource_invalid: {
    cause: 'A call of the resource API lacks a parameter.',
    remedy: 'Add the parameter that the error names.',
  },
  lookups_off: {
    cause:
      'The page was loaded before Suggest values was switched off in the data source settings, or a program calls the resource API.',
    remedy: 'Type the value, or switch on Suggest values in the data source settings.',
  },
  admin_only: {
    cause:
      'A user without the role Admin, or a background task of Grafana, requested the audit record of a connection check.',
    remedy: 'Sign in to Grafana as an administrator of the organization, and press Check connection.',
  },
  check_unknown: {
    cause:
      "The audit record of a connection check was requested more than five minutes after the check, after a change of the settings, by another user, or after a restart of the plugin's backend.",
    remedy: 'Press Check connection again.',
  },
  plugin_files_changed: {
    cause:
      'A new version of the plugin was copied over the files of the running one. The backend does not use files of another version. Or a sidecar was started without `sql-parser.cjs` and `sql-parser.wasm`, or with those of another build. Filters and some functions for logs need these files, for example log volume and live tail; other queries run.',
    remedy:
      'Restart Grafana, and the sidecar if there is one. Both then start the version that is on disk. If that does not help, install the plugin again, with all files of one version.',
  },
  no_file_handles: {
    cause:
      'The process, or the machine, has as many open files and connections as its limit allows (`EMFILE`, `ENFILE`). Each data source needs 2 connections to its server, 4 if the name has several addresses, one for each sign-in, and each connection of Grafana counts too. Queries over connections that are already open still run. A backend that Grafana starts has the limit of Grafana.',
    remedy:
      'Try again. Operators raise the limit for the service of Grafana or the sidecar: `LimitNOFILE=` in systemd, `--ulimit nofile=` in Docker, `ulimit -n` in a shell; 4,096 is enough for 1,000 data sources. `/proc/PID/fd` lists what is open. If the number keeps growing while the number of queries does not, report it to the maintainers of the data source.',
  },
  backend_stopped: {
    cause:
      'An administrator stopped or replaced the sidecar, or Grafana the backend, and the query ran longer than the process waits: `GF_PLUGIN_DRAIN_SECONDS` for a sidecar, half a second for a backend that Grafana runs.',
    remedy:
      'Run the query again. For a sidecar, set `GF_PLUGIN_DRAIN_SECONDS`, and the stop time of its supervisor, above the time of your queries.',
  },
  internal: {
    cause: 'A bug in the data source.',
    remedy: "Find the log lines of that time in Grafana's server log, and report them with the query.",
  },
};
