/**
 * Messages about problems of saved settings and saved queries. A message about a setting is shown at the field of the
 * setting, or after the label of the field.
 */
export const SETTINGS_MESSAGES = {
  'host-missing': 'Enter the address of the Micromegas server as host:port, for example micromegas.example.com:50051.',
  'host-with-scheme':
    'Leave out "{{scheme}}": the address is host:port, and the {{secure}} switch decides how to connect.',
  'host-with-path': 'Enter host:port only, without a path, user name or spaces.',
  'host-without-port': 'Add the port: the address is host:port, for example {{address}}:50051.',
  'host-malformed':
    'The address is host:port, for example micromegas.example.com:50051. An IPv6 address needs brackets: [::1]:50051.',
  'port-out-of-range': 'The port must be between 1 and 65535, not {{port}}.',

  'issuer-missing': 'Enter the issuer URL of your identity provider, for example https://id.example.com.',
  'issuer-not-a-url': 'Enter the issuer as a full URL, for example https://id.example.com.',
  'issuer-not-https':
    'The issuer must be an https:// URL, because the credentials are sent to this host. http:// is allowed only for loopback addresses, such as localhost.',
  'issuer-is-discovery-url': 'Leave out "/.well-known/openid-configuration": the issuer is the part before it.',
  'issuer-has-more':
    'This is the address of an endpoint or a page of the provider. The issuer is the part before it: enter {{expected}}.',
  'issuer-with-extras': 'Enter the issuer URL without a query, fragment or user name.',

  'timeout-out-of-range': 'Enter a number of seconds between 1 and {{max}}.',
  'max-rows-invalid': 'Enter a whole number of at least 1.',
  'max-answer-invalid': 'Enter a number of megabytes of at least 1.',
  'max-statements-invalid': 'Enter a whole number from 0 (no limit) to {{max}}.',
  'max-range-invalid': 'Enter a number of hours above 0.',
  'result-age-invalid': 'Enter a number of seconds from 0 to {{max}}.',
  'incremental-refresh-invalid': 'Enter a number of minutes from 0 (off) to {{max}}.',
  'source-url-invalid':
    'Enter a URL with http:// or https:// and without spaces, a user name and a password, for example {{example}}.',
  'source-url-without-file':
    'The URL has no {{placeholder}}. Write {{placeholder}} where the path of the source file belongs.',
  'source-url-host':
    'Write {{placeholder}} after the host, because the telemetry must not decide to which host a link leads.',

  'name-is-reserved': '"{{name}}" is set by the data source itself, or is not allowed in HTTP/2. Remove the entry.',
  'name-is-binary':
    'The name "{{name}}" marks a header with binary data, which Micromegas does not read. Enter a name that does not end in -bin.',
  'header-name-invalid': '"{{name}}" is not a header name. Use letters, digits, ".", "-" and "_" only.',
  'header-value-invalid': 'Use printable ASCII characters only in the value of a header.',
  'parameter-name-invalid': '"{{name}}" is not a parameter name. Use printable ASCII characters without spaces.',
  'value-without-name': 'The value "{{value}}" has no name. Enter a name, or remove the entry.',
  'parameter-without-name': 'A value has no name. Enter a name, or remove the entry.',
  'entry-not-sent-reserved': '"{{name}}" is set by the data source itself, so this entry is not sent. Remove it.',
  'entry-not-sent-empty': '"{{name}}" has no value, so it is not sent. Enter a value, or remove the entry.',
  'authorization-in-plain-text':
    'Grafana stores "authorization" unencrypted. Select API Key as {{selectedAuthType}} instead.',
  'parameter-replaces-field':
    'There is also a field for "{{name}}", and that field is filled in. The data source sends the value from this list. Remove one of the two values.',

  'file-path-missing': "Enter the path of a file on the machine of Grafana's server.",
  'file-path-relative': 'Enter a path that starts at the root, for example /run/secrets/micromegas.',
  'file-link-leads-out':
    '{{path}} is a link, or is below a link, that leads out of the folders in allowed_file_folders.',
  'environment-proxy-unusable':
    'The variable {{variable}} in the environment of Grafana is not the URL of an HTTP proxy.',
  'correct-environment-proxy':
    'Correct {{variable}}, enter the proxy as {{oauthProxyUrl}}, or add the host of the identity provider to NO_PROXY.',
  'proxy-url-invalid': 'Enter a URL with http:// or https://, for example http://proxy.example.com:3128.',
  'proxy-url-with-password':
    'Remove the user name and password from the URL, and enter them in the fields below, where they are stored safely.',
  'proxy-url-with-path': 'Remove what follows the port: the URL of a proxy has no path.',
  'proxy-unused-with-socks': 'The data source does not use the HTTP proxy while {{enableSecureSocksProxy}} is on.',
  'proxy-unused-for-loopback':
    'The data source does not use the HTTP proxy, because the {{oauthIssuer}} is a loopback address: requests to it stay on the machine that runs Grafana.',
  'endpoint-host-with-scheme': 'Enter host or host:port only, without a scheme and path, instead of "{{entry}}".',
  'endpoint-host-invalid':
    '"{{entry}}" is neither host nor host:port. Examples: auth.example.com, keycloak.internal:8443.',

  'api-key-missing': 'Enter the API key.',
  'api-key-invalid':
    'The key contains spaces or characters outside ASCII, but an API key never does. Enter the key again.',
  'api-key-stored-in-plain-text':
    'An older version of the plugin stored the key unencrypted. Enter the key again, so that Grafana encrypts it.',
  'unused-api-key-in-plain-text':
    'An older version of the plugin stored another key unencrypted, and everyone who may open dashboards can read it. The data source uses the encrypted key. Press Delete the unused key, and save.',
  'api-key-unused': '"None" is selected, so the stored API key is not used.',
  'api-key-empty-oauth-used':
    '"API Key" is selected but empty, so the data source still uses the saved OAuth client. Enter the API key, or select OAuth 2.0 Client Credentials.',
  'auth-method-differs':
    '"{{selected}}" is selected, but the data source uses "{{used}}", because the fields of that method are filled in.',
  'pass-thru-unused': 'This switch has no effect while {{selectedAuthType}} is "{{used}}".',
  'secret-in-quotes':
    'The secret begins and ends with a quotation mark. If the quotation marks are not part of the secret, enter the secret without them.',
  'secret-not-replaced':
    'The secret looks like the name of a variable or a file. Enter the secret itself: Grafana replaces $NAME and $__file only in provisioning files.',
  'secret-is-masked':
    'The secret consists of asterisks or dots, so it was probably copied from a page that hides it. Show the secret at the identity provider, and copy it again.',
  'secret-is-assignment':
    'The secret begins with the name of a variable and "=". If this is not part of the secret, enter only the value after "=".',
  'secret-is-json':
    'The secret looks like JSON. Enter only the value of the secret, without braces, names and quotation marks.',
  'secret-has-invisible-character':
    'The secret contains an invisible character, such as a zero-width space. Copy it from another place, or type it.',
  'secret-with-double-dollar':
    'The secret contains "$$". Only provisioning files need "$$", for one "$": elsewhere, write one "$".',
  'variable-is-empty':
    'If a provisioning file takes this value from a variable, the variable is not set in the environment of Grafana.',
  'client-id-missing': 'Enter the client ID.',
  'client-secret-missing': 'Enter the client secret.',
  'google-key-missing': 'Paste the JSON key of the service account.',
  'private-key-missing': 'Enter the private key.',
  'algorithm-unknown': '"{{value}}" is not one of {{known}}.',

  'setting-misspelled':
    '"{{name}}" in the saved settings has no effect, because there is no such setting. If {{setting}} is meant, correct the name.',
  'secret-in-json-data':
    '"{{name}}" has no effect in jsonData, and everyone who may open a dashboard can read it there. Remove it. Others may know this secret, so create a new one, and save it as {{secret}} in secureJsonData.',
  'switch-unknown': 'The value of {{setting}} in the saved settings must be true or false.',
  'switch-ignored': 'The value of {{setting}} in the saved settings is ignored, because it must be true or false.',
  'choice-unknown':
    '"{{value}}" is unknown, so the data source uses "{{used}}". Valid values of {{setting}}: {{known}}.',

  'ca-missing': 'Paste the certificate of the authority (PEM).',
  'ca-is-leaf':
    'This is the certificate of "{{subject}}" itself, and it cannot sign others. Paste the certificate of the authority "{{issuer}}", which signed it.',
  'client-certificate-missing': 'Paste the client certificate (PEM).',
  'client-key-missing': 'Paste the private key of the client certificate (PEM).',
  'server-unverified':
    'The data source does not check the certificate of the server, so any machine that impersonates the server receives the credentials. Enter a CA certificate instead.',
  'provider-unverified':
    'The data source does not check the certificate of the identity provider, so any machine that impersonates the provider receives the credentials. Enter a CA certificate instead.',
  'certificate-is-key': 'This is a private key. Paste a certificate.',
  'certificate-not-pem': 'Paste the certificate as PEM text, which begins with -----BEGIN CERTIFICATE-----.',
  'certificate-damaged': 'The certificate is damaged or truncated. Paste the whole PEM text again.',
  'key-with-passphrase':
    'A passphrase protects the key. Paste a key without a passphrase. Grafana stores the key encrypted.',
  'key-is-certificate': 'This is a certificate. Paste a private key.',
  'key-is-public': 'This is a public key. Paste the private key of the same pair.',
  'key-is-openssh': 'This key is in the format of OpenSSH. Convert it to PEM (PKCS #8).',
  'key-not-pem': 'Paste the private key as PEM text, which begins with -----BEGIN PRIVATE KEY-----.',
  'key-damaged': 'The key is damaged or truncated. Paste the whole PEM text again.',
  'kind-of-signing-key': 'an RSA key of at least {{bits}} bits, or an EC key on the curve P-256',
  'signing-key-short': 'The RSA key has {{bits}} bits, which is too short. Use {{possible}}.',
  'signing-key-pss': 'This is an RSA-PSS key, which the data source does not support. Use {{possible}}.',
  'signing-key-other': 'The data source cannot sign with a key of this kind. Use {{possible}}.',
  'algorithm-needs-rsa':
    '{{algorithm}} needs an RSA key, but the private key is of another kind. Select another algorithm or use another key.',
  'algorithm-needs-p256':
    '{{algorithm}} needs a key on the curve P-256, but the private key is of another kind. Select another algorithm or use another key.',
  'certificate-of-other-key': 'The certificate does not belong to the private key. Paste the certificate of this key.',
  'key-of-other-certificate': 'The key does not belong to the client certificate. Paste the key of this certificate.',
  'server-name-invalid': 'Enter a host name, without a port and scheme.',

  'socks-not-configured':
    'This Grafana has no secure SOCKS proxy. Turn this switch off, or enable [secure_socks_datasource_proxy] in the configuration of Grafana.',
  'socks-address-invalid':
    'The configuration of Grafana has no usable address for the SOCKS proxy. Set proxy_address to host:port, with a port from 1 to 65535.',
  'socks-file-unreadable':
    "The configuration of Grafana names the file {{path}}, which the plugin's backend cannot read.",

  // Fields of a saved query.
  'query-field-invalid': '{{label}} ({{name}}) {{problem}}.',
  'query-sql-invalid': 'The SQL ({{name}}) {{problem}}.',
  'query-not-object': 'The query is not an object, but {{kind}}.',
  'value-not-text': 'is not a string, but {{kind}}',
  'value-not-boolean': 'is neither true nor false, but {{kind}}',
  'value-not-list': 'is not a list, but {{kind}}',
  'value-not-group-keys': 'is not a list of at most 20 keys',
  'value-not-filter': 'is not a filter with a key, an operator and a value',
  'value-not-log-context':
    'is not a request for the neighbours of a log line, with a valid process, time, direction and number of lines',
  'value-not-tail': 'is not a valid request of a live tail (at most one hour and 10,000 lines)',
  'value-not-typed-request':
    'has a missing or invalid part, such as an unknown word, a number out of range, or a part that is too long',
  'value-not-log-page': 'is not a request for more log lines',
  'value-not-supplementary': 'is not a request for the log volume, with an interval of at most ten years',
  'value-not-number': 'is not a number',
  'value-unknown': 'is not one of {{words}}',
  'value-too-long': 'has {{count}} characters; at most {{max}} are allowed',
  'value-too-many': 'has {{count}} entries; at most {{max}} are allowed',
  'value-entry': 'has an entry (number {{number}}) that {{problem}}',
  'kind-null': 'null',
  'kind-list': 'a list',
  'kind-object': 'an object',
  'kind-other': 'a {{type}}',

  /** A sentence that has no code of its own. */
  verbatim: '{{text}}',
} as const;
