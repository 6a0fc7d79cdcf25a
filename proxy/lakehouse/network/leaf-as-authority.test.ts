/**
 * Which certificates may be entered as a certificate authority: `tlsProblems` must find a problem exactly if TLS
 * rejects the server with it. The handshakes are real.
 */
import { createServer } from 'node:tls';
import { AUTHORITY, type CertifiedKey, LOCALHOST, SELF_SIGNED_LEAF } from '../../../tests/support/certificates';
import { connectTcp, connectTls } from './connect';
import { nodeFailure } from './node-failure';
import { endLoopback, listen } from './testing/loopback';
import { tlsContext } from './tls-context';
import { tlsProblems } from './tls-problems';

afterEach(endLoopback);

const never = new AbortController().signal;

/** @returns The code of Node's error, or `trusted`. */
async function handshake(server: CertifiedKey, ca: string): Promise<string> {
  const port = await listen(createServer({ cert: server.certificate, key: server.key }));
  const socket = await connectTcp('127.0.0.1', port, never);
  const context = tlsContext({ skipVerify: false, ca });
  try {
    (await connectTls(socket, { context, name: 'localhost', skipVerify: false }, never)).destroy();
    return 'trusted';
  } catch (reason) {
    return nodeFailure(reason).code;
  }
}

it.each([
  { name: 'its authority', server: LOCALHOST, ca: AUTHORITY, outcome: 'trusted' },
  { name: 'its own certificate, which an authority signed', server: LOCALHOST, ca: LOCALHOST.certificate, outcome: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  { name: 'its own certificate and its authority', server: LOCALHOST, ca: LOCALHOST.certificate + AUTHORITY, outcome: 'trusted' },
  { name: 'its own self-signed certificate', server: SELF_SIGNED_LEAF, ca: SELF_SIGNED_LEAF.certificate, outcome: 'trusted' },
])('a server with $name as certificate authority: $outcome', async ({ server, ca, outcome }) => {
  expect(await handshake(server, ca)).toBe(outcome);
  const codes = tlsProblems({ skipVerify: false, ca }).map(({ problem }) => problem.code);
  expect(codes).toEqual(outcome === 'trusted' ? [] : ['ca-is-leaf']);
}); // prettier-ignore
