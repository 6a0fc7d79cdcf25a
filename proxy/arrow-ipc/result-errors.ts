import { ProxyError } from '../errors/proxy-error';

/** The failure of an answer whose bytes break the Arrow format. `detail` says which rule, in a few words. */
export function malformed(detail: string): ProxyError {
  return new ProxyError('result_malformed', { detail: `(${detail})` });
}

/** The failure of an answer that no frame of Grafana can hold. */
export function tooLarge(detail: string): ProxyError {
  return new ProxyError('result_too_large', { detail });
}
