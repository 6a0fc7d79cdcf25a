/** The stages before the sign-in: settings, name look-up and TCP, and the protocol (TLS, or HTTP/2 without TLS). */
import { formatAddress, isLoopback } from '../../../contract/settings/host';
import { message, type Message } from '../../../contract/messages/message';
import { ProxyError } from '../../base/errors/proxy-error';
import { type OperatorPolicy } from '../../lakehouse/operator/operator-policy';
import { Secret } from '../../observe/logging/secret';
import { type CheckHealthRequest } from '../../query/plugin-request';
import { type HealthInstance, type HealthInstanceStore, type HealthSettings, type StageContext } from './check-context';
import { type HealthReport, type Warning } from './health-report';

/** An instance that stays open until `release`. */
export interface HealthInstanceHandle {
  instance: HealthInstance;
  release(): void;
}

/** `host:port`, with IPv6 addresses in brackets. */
export function serverAddress({ server: { host, port } }: HealthSettings): string {
  return formatAddress(host, port);
}

/** The message about the sign-in according to the settings. */
function signInMessage({ auth }: HealthSettings): Message {
  switch (auth.kind) {
    case 'none':
      return message('sign-in-none');
    case 'token':
      return message('sign-in-token');
    case 'oauth2':
      if (auth.forwarding === undefined) {
        return message('sign-in-client-credentials');
      }
      return message(auth.credentials === undefined ? 'sign-in-forwarded' : 'sign-in-forwarded-or-client-credentials');
  }
}

/**
 * Reads the saved settings, and returns the instance for them. The caller must release it.
 *
 * @throws {ProxyError} The errors of `store.acquire`, and `settings_invalid` if the request has no data source.
 */
export function settingsStage(
  report: HealthReport,
  request: CheckHealthRequest,
  { store, policy }: { store: HealthInstanceStore; policy: Pick<OperatorPolicy, 'restrictions'> }
): Promise<HealthInstanceHandle> {
  const heading = { name: 'settings', title: message('stage-settings'), tried: message('tried-settings') } as const;
  return report.run(heading, () => {
    const { dataSource } = request.context;
    if (dataSource === undefined) {
      throw new ProxyError('settings_invalid', { detail: 'Grafana sent no data source with the request.' });
    }
    const handle = store.acquire(dataSource);
    const { settings } = handle.instance;
    report.useLabels(settings.labels);
    const code = settings.server.tls === undefined ? 'settings-without-tls' : 'settings-with-tls';
    const messages = [message(code, { address: serverAddress(settings), signIn: signInMessage(settings) })];
    return Promise.resolve({
      text: messages,
      more: [policy.restrictions],
      warnings: settings.warnings.map((warning): Warning => [warning]),
      value: handle,
    });
  });
}

/** The kinds of secrets that are sent with a call. */
function secretsOf({ auth, metadata }: HealthSettings): Message[] {
  const hasSecretMetadata = metadata.some(([, value]) => value instanceof Secret);
  return [
    ...(auth.kind === 'none' ? [] : [message(`secret-${auth.kind}`)]),
    ...(hasSecretMetadata ? [message('secret-metadata')] : []),
  ];
}

/** A warning if credentials are sent over a network without TLS. */
function plaintextWarnings(settings: HealthSettings): Warning[] {
  const { host, tls } = settings.server;
  const secrets = secretsOf(settings);
  return secrets.length === 0 || tls !== undefined || isLoopback(host)
    ? []
    : [[message('credentials-in-plain-text', { secrets, address: host })]];
}

/** Adds advice to the error of a silent server, because the advice of the catalogue is about a query. */
function withoutQuery(reason: unknown): unknown {
  const { code, detail, cause } = ProxyError.from(reason);
  return code === 'server_silent'
    ? new ProxyError(code, { detail, advice: [message('server-is-silent')], cause })
    : reason;
}

async function probe(client: HealthInstance['client'], stage: 'address' | 'tls', signal: AbortSignal): Promise<void> {
  try {
    await client.probe(stage, signal);
  } catch (reason) {
    throw withoutQuery(reason);
  }
}

/**
 * Connects to the server, through the SOCKS proxy if there is one.
 * @throws {ProxyError} The error of the failed stage.
 */
export async function connectionStages({ report, instance, signal }: StageContext): Promise<void> {
  const { settings, client } = instance;
  const { tls, socks } = settings.server;
  const address = serverAddress(settings);
  const route = message(socks === undefined ? 'route-direct' : 'route-socks');
  await report.run(
    { name: 'address', title: message('stage-address'), tried: message('tried-tcp', { address, route }) },
    async () => {
      await probe(client, 'address', signal);
      return { text: [message('address-reached', { address })], value: undefined };
    }
  );
  if (tls === undefined) {
    const tried = message('tried-http2', { address });
    await report.run({ name: 'tls', title: message('stage-plaintext'), tried }, async () => {
      await probe(client, 'tls', signal);
      return { text: [message('http2-answers')], warnings: plaintextWarnings(settings), value: undefined };
    });
    return;
  }
  const { serverName: name, clientCertificate, skipVerify } = tls;
  const server = name === undefined ? message('tried-tls', { address }) : message('tried-tls-as', { address, name });
  const tried = clientCertificate === undefined ? server : message('tried-with-certificate', { tried: server });
  await report.run({ name: 'tls', title: message('stage-tls'), tried }, async () => {
    await probe(client, 'tls', signal);
    return skipVerify
      ? { text: [message('tls-answers')], warnings: [[message('server-certificate-unverified')]], value: undefined }
      : { text: [message('certificate-trusted')], value: undefined };
  });
}
