/** Messages of Save & test: its stages, their findings, and the result. */
export const HEALTH_MESSAGES = {
  // A failure, shown as the text of its error. The message also has the value `error`: the code of the error.
  failure: '{{text}}',
  'failure-advice': '{{text}}',
  'query-id': '(query_id {{id}})',

  // Titles of the stages.
  'stage-settings': 'Settings',
  'stage-address': 'Address',
  'stage-tls': 'TLS',
  'stage-plaintext': 'Connection without TLS',
  'stage-discovery': 'Identity provider',
  'stage-token': 'Access token',
  'stage-own-token': 'Your OAuth identity',
  'stage-server': 'Sign-in at the server',
  'stage-server-as-yourself': 'Sign-in at the server as yourself',
  'stage-query': 'Query',
  'stage-query-as-yourself': 'Query as yourself',
  'stage-tables': 'Tables',
  'stage-permissions': 'Permissions',
  'stage-audiences': 'Audiences',
  'stage-memory': 'Memory of the server',

  // The action of a stage.
  'tried-settings': 'reading the saved settings',
  'tried-tcp': 'TCP {{address}}{{route}}',
  'tried-http2': 'HTTP/2 in plain text, {{address}}',
  'tried-tls': 'TLS {{address}}',
  'tried-tls-as': 'TLS {{address}} as {{name}}',
  'tried-with-certificate': '{{tried}}, with a client certificate',
  'tried-get': 'GET {{url}}{{route}}',
  'tried-post': 'POST {{url}}{{route}}, {{authentication}}',
  'tried-earlier': 'not asked again',
  'tried-forwarded': 'token that Grafana sent with the request',
  'tried-statement-none': '{{sql}} without a sign-in',
  'tried-statement-token': '{{sql}} with the API key',
  'tried-statement-service-account': '{{sql}} with the access token',
  'tried-statement-forwarded': '{{sql}} with your own token',
  'tried-statement': '{{sql}}',
  'tried-tables': 'GetTables',
  'route-direct': '',
  'route-socks': " through Grafana's secure SOCKS proxy",
  'route-http-proxy': ' through {{url}} (settings)',
  'route-environment-proxy': ' through {{url}} ({{variable}})',

  // Settings and connection.
  'settings-with-tls': '{{address}}, TLS, {{signIn}}.',
  'settings-without-tls': '{{address}}, no TLS, {{signIn}}.',
  'restrictions-none': 'Restrictions of the operator of Grafana: none.',
  'restrictions-in-force': 'Restrictions of the operator of Grafana: {{restrictions}}.',
  'restriction-mistyped': '{{key}} is not a key of the plugin; {{meant}} is probably meant.',
  'sign-in-none': 'no sign-in',
  'sign-in-token': 'API key',
  'sign-in-client-credentials': 'OAuth 2.0 client credentials',
  'sign-in-forwarded': "the users' own OAuth identity",
  'sign-in-forwarded-or-client-credentials': "the users' own OAuth identity, otherwise OAuth 2.0 client credentials",
  'address-reached': '{{address}} can be reached.',
  'http2-answers': 'The server responds in HTTP/2.',
  'certificate-trusted': "The server's certificate is trusted.",
  'tls-answers': 'The server responds over TLS.',
  'server-certificate-unverified':
    "The server's certificate is not verified: an attacker on the network can read and change everything. Switch off {{tlsSkipVerify}}, and enter the certificate authority instead.",
  'credentials-in-plain-text':
    "Without TLS, {{secrets}} and all data cross the network to {{address}} in plain text. Switch on {{secure}}, or terminate TLS on the machine that runs Grafana (or the plugin's sidecar).",
  'secret-token': 'the API key',
  'secret-oauth2': 'the access token',
  'secret-metadata': 'the secret metadata',

  // Identity provider and token.
  'token-endpoint-found': 'The token endpoint is {{url}}.',
  'token-endpoint-earlier':
    'The token endpoint was {{url}} when the provider was asked {{ago}} ago; the provider was not asked again.',
  'provider-certificate-unverified':
    "The identity provider's certificate is not verified: an attacker on the network can steal the credentials. Switch off {{tlsSkipVerify}} for the identity provider, and enter the certificate authority instead.",
  'issuer-lacks-slash':
    'The issuer of the provider is "{{found}}", but the settings have "{{configured}}". Enter the issuer with the slash at the end.',
  'issuer-has-slash':
    'The issuer of the provider is "{{found}}", but the settings have "{{configured}}". Enter the issuer without the slash at the end.',
  'token-received': 'Received: {{parts}}.',
  'token-parts': 'Token: {{parts}}.',
  'token-earlier': 'Token of {{ago}} ago, not asked again: this is no new sign-in at the identity provider.',
  'token-of-queries':
    'Token of {{ago}} ago, which queries use: Save & test did not ask the identity provider again, and the token of its last sign-in has expired.',
  'next-sign-in': 'Save & test can sign in again in {{next}}.',
  'provider-not-asked-again':
    'This is the response of {{ago}} ago: the provider was not asked again. Save & test can sign in again in {{next}}.',
  'token-forwarded': 'Forwarded: {{parts}}.',
  'id-token-replaces': 'This is the ID token, because the server rejected the access token.',
  'no-identity':
    'Grafana sent no OAuth token of yours, so your own identity could not be tried. The service account is used instead.',
  'clock-of-provider': "The provider's clock is {{difference}} ahead of the clock of the machine that runs the plugin.",
  'clock-of-provider-behind':
    "The provider's clock is {{difference}} behind the clock of the machine that runs the plugin.",
  'clock-of-server': "The server's clock is {{difference}} ahead of the clock of the machine that runs the plugin.",
  'clock-of-server-behind':
    "The server's clock is {{difference}} behind the clock of the machine that runs the plugin.",
  'clock-advice': 'Tokens may be rejected before they expire. Synchronize both clocks with a time server.',
  'sign-in-again': 'Sign out of Grafana and sign in again.',
  'own-token-advice':
    'Make the identity provider issue a token for Micromegas when people sign in to Grafana (audience and scopes are in the configuration of Grafana), or select the other kind of token as {{oauthForwardedToken}}.',

  // A rejected token.
  'server-said': 'The server returned: {{text}}',
  'token-as-seen': 'The token that was sent: {{parts}}.',
  'expired-by-server': "By the server's clock, the token expired {{duration}} ago.",
  'expired-by-this-machine': 'By the clock of the machine that runs the plugin, the token expired {{duration}} ago.',
  'server-is-busy':
    'Check the load of the server: the test query SELECT 1 reads no data, so its result should arrive at once. If the server needs long to start any query, raise {{queryTimeoutSeconds}}.',
  'server-is-silent':
    'Wait a moment and test again. If the server stays silent, check its load and its log, and whether a firewall or proxy in front of it drops connections.',
  'token-checked':
    'Checked here, without a finding: {{checks}}. Possible causes at the server or on the way to it, the most likely first:',
  'checked-rules': "Micromegas's rules for tokens",
  'checked-expiry': 'the expiry, by the clock of the machine that runs the plugin',
  'checked-expiry-server': "the expiry, by the server's clock",
  'checked-key': 'the key, which the provider publishes',
  'numbered-cause': '({{number}}) {{cause}}',
  'restart-server':
    'In MICROMEGAS_OIDC_CONFIG, keep the other entries (several entries may have the same issuer), and restart the server after a change: it reads the variable only when it starts.',
  'cause-key-unlisted':
    'The provider does not publish the key that signed the token, so no server can verify the token: check the keys of the provider (server log: {{log}}).',
  'cause-key-new':
    'The provider signs with another key than {{ago}} ago, when the server accepted a token for this audience, and Micromegas caches keys for an hour: wait, or restart the server (server log: {{log}}).',
  'cause-old-keys':
    'The provider may have changed its keys: Micromegas caches the old keys for an hour (server log: {{log}}).',
  'cause-configuration':
    'MICROMEGAS_OIDC_CONFIG on the server must contain this entry in issuers: {{entry}}, and the server must have been restarted since (server log: {{log}}).',
  'cause-configuration-several':
    'MICROMEGAS_OIDC_CONFIG on the server must contain an entry with the issuer {{issuer}} and one audience of the token ({{audiences}}): enter the audience that only Micromegas uses (server log: {{log}}).',
  'cause-configuration-changed':
    'The server accepted a token of this issuer for this audience {{ago}} ago, but may have lost the entry in MICROMEGAS_OIDC_CONFIG since (server log: {{log}}).',
  'cause-audience-other':
    'The server accepted a token of this issuer {{ago}} ago, but its audience was {{known}}, and now it is {{audiences}}: make the provider issue the earlier audience, or add an entry for the new one to MICROMEGAS_OIDC_CONFIG (server log: {{log}}).',
  'cause-issuer-access':
    'The server must be able to read {{url}}, and must trust its certificate (server log: {{log}}).',
  'cause-issuer-access-loopback':
    'The server must be able to read {{url}}, but with a loopback address the server reaches only its own machine: use an issuer with an address that the server can reach (server log: {{log}}).',
  'cause-issuer-access-authority':
    'The server must be able to read {{url}}, and must trust the same certificate authority as the data source: add the authority to the certificates of the machine or container of the server (server log: {{log}}).',
  'cause-issuer-access-proxy':
    'The data source reaches the provider through a proxy, so the server may need one too: it must be able to read {{url}} (server log: {{log}}).',
  'cause-authorization':
    'A proxy or gateway in front of the server may remove the header Authorization, or replace it (server log: {{log}}, or "Unknown issuer").',
  'cause-authorization-sender':
    'A proxy or gateway is in front of the server ({{sender}}): make it pass the header Authorization on unchanged (server log: {{log}}, or "Unknown issuer").',
  'cause-server-clock':
    "The server's clock may be so far ahead that the token has already expired: synchronize this clock with a time server.",
  'server-waits-for-issuer':
    'The server rejects a call without a token at once, so it waits for something that only the check of a token needs: probably for {{url}}, which it reads when it gets the first token of this issuer.',
  'server-waits-advice':
    'From the machine of the server, read {{url}}, for example with curl: a firewall may drop the request.',

  // Queries.
  'server-answers-openly': 'The server responds without a sign-in.',
  'query-accepted-token': 'The server accepted the query with the API key.',
  'query-accepted-service-account': 'The server accepted the query with the access token.',
  'query-accepted-forwarded': 'The server accepted the query with your own token.',
  'open-server-probe':
    'Save & test also calls the server once without a sign-in, to see whether the server accepts that. The log of the server then contains "missing bearer token".',
  'server-is-open':
    'The server did not verify the credentials, because it also responds without a sign-in: anybody who can reach the server can query it, so switch on the sign-in of the server.',
  'one-row': '{{sql}} returned one row.',
  'tables-one': 'The server lists {{count}} table.',
  'tables-many': 'The server lists {{count}} tables.',
  'no-tables': 'There is nothing to query: the server lists no tables.',
  'no-table-list':
    'The editor cannot complete names of tables and columns, because the server does not implement the Flight SQL command GetTables. Queries run. Update the server, or type the names.',

  // Administrators of the lakehouse.
  'account-is-admin':
    'The account of the data source is an administrator of the lakehouse, and may delete its data. On the server, remove the account from the group admins; if the group has the member "*", which means every account, replace "*" with the users who need these rights.',
  'everybody-is-admin':
    'The server has no sign-in, so every caller is an administrator of the lakehouse, and may delete its data. Switch on the sign-in of the server.',

  // The audiences that the sign-in may read.
  'audiences-own': 'Grants let this sign-in read {{audiences}}, in addition to what everybody may read.',
  'audiences-none': 'No grant names this sign-in: it reads only what everybody may read.',
  'audiences-everybody': 'Everybody may read {{audiences}}.',
  'audiences-granted':
    'Only users, groups or keys with a grant may read {{audiences}}. The server lists these audiences because the account is an administrator, but to read their data, the account needs a grant too.',
  'audiences-hidden': 'The server leaves out rows of other audiences without an error.',

  // The limits of the server.
  'memory-unlimited':
    'The server does not limit the memory of queries, so a single query can use all of it. Set the variable MICROMEGAS_DATAFUSION_MEMORY_BUDGET_MB of the server, in megabytes, and limit the memory of its container.',
  'memory-limited':
    'Sorts, joins and groups of all queries together may use {{memory}} of the memory of the server. Functions such as repeat are not counted, so also limit the memory of its container.',
  'temporary-files-limited':
    'Queries may write {{files}} of temporary files in all: MICROMEGAS_DATAFUSION_MAX_TEMP_DIRECTORY_MB changes this.',

  // The user in the audit log.
  'identity-user': 'user {{user}}',
  'identity-email': 'e-mail {{email}}',
  'identity-name': 'name {{name}}',
  'identity-service-account': 'service account {{name}}',
  'identity-client': 'client {{client}}',
  'identity-login': 'login {{login}}',
  'attribution-off-none': 'User attribution is off: queries carry no user.',
  'attribution-off-token': 'User attribution is off: the audit trail shows only the service account of the API key.',
  'attribution-off-service-account':
    'User attribution is off: the audit trail shows only the service account {{user}}.',
  'attribution-off-forwarded': 'User attribution is off, but the token is your own: the audit trail names {{user}}.',
  'attribution-no-person': 'No person started this check, so the audit trail names {{user}}.',
  'attribution-by-login': 'The audit trail names you by {{parts}}.',
  'attribution-as': 'The audit trail names you as {{user}}.',
  'attribution-as-with-name':
    'The audit trail names you as {{user}}, and adds your name in Grafana (x-user-name): {{name}}.',
  'attribution-other': 'The audit trail names {{user}} as the user.',
  'attribution-other-with-name':
    'The audit trail names {{user}} as the user, and adds your name in Grafana (x-user-name): {{name}}.',
  nobody: 'nobody',
  'record-differs':
    'The server recorded another identity than expected ({{expected}}). Check whether a proxy between Grafana and the server changes the x-user headers. If not, this version of the server derives the identity in another way than the data source assumes.',

  // The result.
  connected: 'Connected to {{address}}, {{signIn}}; {{tables}}.',
  'connected-none': 'no sign-in',
  'connected-token': 'signed in with API key',
  'connected-oauth': 'signed in with OAuth{{subject}}',
  'connected-forwarded': 'signed in with your own OAuth identity{{subject}}',
  'connected-forwarded-and-oauth':
    'signed in with your own OAuth identity{{subject}}, and with OAuth{{other}} where a user has no token',
  'subject-unknown': '',
  'subject-only': ' as {{subject}}',
  'subject-of-issuer': ' as {{subject}} of {{issuer}}',
  'issuer-only': ' of {{issuer}}',
  'count-table': '{{count}} table',
  'count-tables': '{{count}} tables',
  'count-unknown': 'no list of tables',
  'connected-briefly': 'The data source is connected, and queries run.',
} as const;
