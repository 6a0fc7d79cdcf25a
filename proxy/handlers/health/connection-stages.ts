/** Name look-up and TCP, then what answers there: TLS, or HTTP/2 in plain text. */
import { addressText } from '../../../contract/host';
import { type StageContext } from './stage-context';
import { plaintextWarnings } from './words';

const UNVERIFIED =
  "The server's certificate is not verified: whoever stands in between can read and change everything. Switch off Skip TLS verification, and enter the certificate authority instead.";

/** The way to the server. A proxy on it is part of what is tried. */
export async function connectionStages({ report, instance, signal }: StageContext): Promise<void> {
  const { settings, client } = instance;
  const { tls, socks } = settings.server;
  const address = addressText(settings.server.host, settings.server.port);
  const way = socks === undefined ? '' : " through Grafana's secure SOCKS proxy";
  await report.run({ name: 'address', title: 'Address', tried: `TCP ${address}${way}` }, async () => {
    await client.probe('address', signal);
    return { text: `${address} can be reached.`, value: undefined };
  });
  if (tls === undefined) {
    await report.run(
      { name: 'tls', title: 'Connection without TLS', tried: `HTTP/2 in plain text, ${address}` },
      async () => {
        await client.probe('tls', signal);
        return { text: 'The server answers in HTTP/2.', warnings: plaintextWarnings(settings), value: undefined };
      }
    );
    return;
  }
  const name = tls.serverName === undefined ? '' : ` as ${tls.serverName}`;
  const proof = tls.clientCertificate === undefined ? '' : ', with a client certificate';
  await report.run({ name: 'tls', title: 'TLS', tried: `TLS ${address}${name}${proof}` }, async () => {
    await client.probe('tls', signal);
    return tls.skipVerify
      ? { text: 'The server speaks TLS.', warnings: [UNVERIFIED], value: undefined }
      : { text: "The server's certificate is trusted.", value: undefined };
  });
}
