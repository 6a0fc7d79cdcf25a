/** The error of a peer that requires a client certificate, or rejected the one in the settings. */
import { X509Certificate } from 'node:crypto';
import { message, type Message } from '../../../contract/messages/message';
import { ProxyError } from '../../base/errors/proxy-error';
import { foreignLine } from '../../base/errors/foreign-string';
import { certificatesInPem } from './certificates-in-pem';

/** Who rejected the connection, and what is known about it. */
export interface RejectingPeer {
  readonly side: 'provider' | 'server';
  /** What the peer did, and where it is. */
  readonly detail?: readonly Message[];
  readonly cause?: unknown;
}

/**
 * Names the certificate that was sent and its period of validity, because most peers do not tell the reason.
 *
 * @param pem The client certificate in the settings, which has been read before. Undefined: there is none.
 * @param nowMs Milliseconds since 1970.
 */
export function clientCertificateError(
  pem: string | undefined,
  { side, detail = [], cause }: RejectingPeer,
  nowMs = Date.now()
): ProxyError {
  const [block] = pem === undefined ? [] : certificatesInPem(pem);
  if (block === undefined) {
    const advice = [message(`client-certificate-enter-${side}`)];
    return new ProxyError('tls_client_certificate', { detail, advice, cause });
  }
  const certificate = new X509Certificate(block);
  const sent = message('client-certificate-sent', {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
  });
  const { problem = [], advice } = validity(certificate, side, nowMs);
  return new ProxyError('tls_client_certificate', { detail: [...detail, sent, ...problem], advice: [advice], cause });
}

function validity(
  { validFrom, validTo }: X509Certificate,
  side: RejectingPeer['side'],
  nowMs: number
): { problem?: Message[]; advice: Message } {
  const fromMs = Date.parse(validFrom);
  const toMs = Date.parse(validTo);
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  if (toMs < nowMs) {
    const problem = [message('client-certificate-ended', { time: day(toMs) })];
    return { problem, advice: message(`client-certificate-expired-${side}`) };
  }
  if (fromMs > nowMs) {
    return { problem: [message('client-certificate-begins', { time: day(fromMs) })], advice: message('set-clock') };
  }
  return { advice: message(`client-certificate-other-${side}`) };
}

const MAX_NAME_CHARACTERS = 200;

/** A name of a certificate, whose parts Node separates by line breaks. */
function nameOf(name: string): string {
  return foreignLine(name.replaceAll('\n', ', '), MAX_NAME_CHARACTERS);
}
