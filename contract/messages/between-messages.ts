/**
 * Messages about a proxy, gateway or firewall between the backend and the identity provider or the server. They name
 * its evidence: what it sent, and the certificate that it presented.
 */
export const BETWEEN_MESSAGES = {
  // Responses.
  'between-answered': 'The request to {{url}} got this response: {{evidence}}.',
  'between-not-json': 'Its body is not a JSON object.',
  'between-let-pass':
    'Find out which proxy, gateway or firewall sent the response, and make it pass requests from the machine that runs Grafana to {{address}} unchanged.',
  'between-wants-sign-in':
    'A proxy on the way requires a sign-in: enter its address, user name and password as {{oauthProxyUrl}}.',
  'between-or-issuer': 'If {{address}} is not the address of your identity provider, correct {{oauthIssuer}}.',
  'between-not-checked':
    'The identity provider probably did not receive the request, so this is no statement about the credentials.',
  redirects: '{{url}} redirects; redirects are not followed.',
  'redirects-to': '{{url}} redirects to {{target}}; redirects are not followed.',

  // Responses in place of the server, or changed on the way.
  'between-no-trailers': 'The response has the headers of gRPC, but ends without the gRPC status (the trailers).',
  'between-sender': 'The response names its sender: {{evidence}}.',
  'between-pass-trailers':
    'Make the proxy or gateway in front of the server pass gRPC on as HTTP/2 in both directions, with trailers.',
  'between-adds-user':
    'The data source sent no x-user-id and no x-user-email: a gateway on the way adds one. Make that gateway remove these headers.',

  // Requests without a response.
  'network-name-unknown': 'The host name cannot be resolved.',
  'network-name-unresolved': 'The host name cannot be resolved at the moment.',
  'network-refused': 'Nothing listens at this address.',
  'network-closed': 'The connection was closed before a response arrived.',
  'network-no-route': 'There is no route to this address.',
  'request-failed': 'The request failed.',
  'request-failed-code': 'The request failed ({{code}}).',
  'silent-connect': 'The address accepted no connection: it is wrong, or a firewall drops the packets.',
  'silent-tls': 'The address accepted the connection, but did not respond to the TLS handshake.',
  'silent-response': 'The request was sent, but no response arrived.',
  'silent-advice':
    'Try the same request from the machine that runs Grafana: a firewall or proxy on the way may drop it, or the identity provider may be overloaded.',
  'request-through-proxy': 'The request goes through the HTTP proxy {{url}}.',
  'expects-tls': 'The server at this port expects TLS.',
  'enter-https': 'Enter {{oauthIssuer}} with https://.',
  'maybe-https': 'If the server at this port expects TLS, enter {{oauthIssuer}} with https://.',
  'speaks-http2-only': 'The server at this port speaks HTTP/2 only, as Flight SQL ports do.',
  'speaks-no-http': 'The server at this port does not speak HTTP.',
  'provider-is-flight-port':
    'Enter the address of the identity provider as {{oauthIssuer}}, not that of the Micromegas server.',

  // Certificates.
  'tls-other-name': 'The certificate is for another name ({{code}}).',
  'tls-expired': 'The certificate has expired ({{code}}).',
  'tls-not-yet-valid': 'The certificate is not valid yet ({{code}}).',
  'tls-authority-unknown': 'The authority that signed the certificate is not trusted ({{code}}).',
  'tls-without-http1': 'The server speaks TLS, but not HTTP/1.1 ({{code}}).',
  'tls-not-spoken': 'The server does not speak TLS at this address ({{code}}).',
  'tls-failed': 'TLS failed ({{code}}).',
  'certificate-presented': 'The certificate for "{{subject}}" was issued by "{{issuer}}".',
  'certificate-names': 'The expected name is {{expected}}. The names in the certificate: {{names}}.',
  'server-certificate-name': 'Enter the host as it is in the certificate, or enter one of its names as {{serverName}}.',
  'server-certificate-expired':
    "Renew the certificate of the server, or of the proxy that terminates TLS in front of it; or synchronize the clock of the machine that runs Grafana (or the plugin's sidecar) with a time server.",
  'authority-off-provider':
    'A CA certificate is stored, but not used: switch on "With CA Certificate" in the TLS settings of the identity provider.',
  'authority-off-server':
    'A CA certificate is stored, but not used: switch on "With CA Certificate" in the TLS settings.',
  'authority-missing-provider':
    'If "{{issuer}}" is the authority of {{address}}, enter its certificate as {{oauthTlsCACert}}.',
  'authority-missing-server':
    'If "{{issuer}}" is the authority of {{address}}, enter its certificate as {{tlsCACert}}.',
  'authority-other-provider':
    'The {{oauthTlsCACert}} is not the authority that signed this certificate: if "{{issuer}}" is the authority of {{address}}, enter its certificate there.',
  'authority-other-server':
    'The {{tlsCACert}} is not the authority that signed this certificate: if "{{issuer}}" is the authority of {{address}}, enter its certificate there.',
  'authority-between-provider':
    'A proxy or firewall on the way may open TLS with a certificate of its own, issued by "{{issuer}}": exempt {{address}} there, or enter the authority of that proxy as {{oauthTlsCACert}}.',
  'authority-between-server':
    'A proxy or firewall on the way may open TLS with a certificate of its own, issued by "{{issuer}}": exempt {{address}} there, or enter the authority of that proxy as {{tlsCACert}}.',

  // Client certificates.
  'client-certificate-closed': 'The server closed the connection after it received the client certificate.',
  'client-certificate-peer': 'This server is the identity provider at {{address}}.',
  'client-certificate-peer-closed':
    'This server is the identity provider at {{address}}: it closed the connection after it received the certificate.',
  'client-certificate-sent': 'The client certificate in the settings is for "{{subject}}", issued by "{{issuer}}".',
  'client-certificate-ended': 'It expired on {{time}}.',
  'client-certificate-begins': 'It is valid only from {{time}} on.',
  'client-certificate-enter-server':
    'Switch on TLS Client Authentication, and enter {{tlsClientCert}} and {{tlsClientKey}}, signed by an authority that the server trusts.',
  'client-certificate-enter-provider':
    'Switch on TLS Client Authentication in the TLS settings of the identity provider, and enter {{oauthTlsClientCert}} and {{oauthTlsClientKey}}, signed by an authority that the provider trusts.',
  'client-certificate-expired-server':
    'Get a new certificate, and enter it with its key as {{tlsClientCert}} and {{tlsClientKey}}.',
  'client-certificate-expired-provider':
    'Get a new certificate, and enter it with its key as {{oauthTlsClientCert}} and {{oauthTlsClientKey}}.',
  'client-certificate-other-server':
    'Ask the operator of the server, or of the proxy in front of it, which authority must sign client certificates and whether this one was revoked, and enter an accepted one as {{tlsClientCert}} and {{tlsClientKey}}.',
  'client-certificate-other-provider':
    'Ask the operator of the identity provider which authority must sign client certificates and whether this one was revoked, and enter an accepted one as {{oauthTlsClientCert}} and {{oauthTlsClientKey}}.',
} as const;
