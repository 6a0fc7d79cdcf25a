import { type ErrorCode } from '../../base/errors/catalogue';
import { type ErrorChanges, ProxyError, type ProxyErrorOptions } from '../../base/errors/proxy-error';

/** The values of a response that retries and advice depend on. */
export interface ProviderErrorOptions extends ProxyErrorOptions {
  /** Milliseconds to wait, as the provider requests (`Retry-After`). */
  retryAfterMs?: number;
  /** The provider's `error`, for example `invalid_client`. */
  providerCode?: string;
  /** HTTP status of the response, if there was one. */
  httpStatus?: number;
  /**
   * True if the provider rejected the method of client authentication, so that the failure does not show whether the
   * credentials are right.
   */
  isAboutMethod?: boolean;
}

/** A failure at the identity provider, with the values that retries depend on. */
export class ProviderError extends ProxyError {
  readonly retryAfterMs: number | undefined;
  readonly providerCode: string | undefined;
  readonly httpStatus: number | undefined;
  readonly isAboutMethod: boolean;

  constructor(code: ErrorCode, options: ProviderErrorOptions = {}) {
    super(code, options);
    this.retryAfterMs = options.retryAfterMs;
    this.providerCode = options.providerCode;
    this.httpStatus = options.httpStatus;
    this.isAboutMethod = options.isAboutMethod ?? false;
  }

  /**
   * Contains only the error and the status of a response, because the provider may quote the client secret in any form.
   */
  override get logDetail(): string | undefined {
    return this.httpStatus === undefined
      ? super.logDetail
      : [...(this.providerCode === undefined ? [] : [this.providerCode]), `HTTP ${this.httpStatus}`].join(', ');
  }

  override with(changes: ErrorChanges): ProviderError {
    const { messages, retryAfterMs, providerCode, httpStatus, isAboutMethod, cause } = this;
    const known = { ...messages, retryAfterMs, providerCode, httpStatus, isAboutMethod, cause };
    return new ProviderError(this.code, { ...known, ...changes });
  }
}

/** The ProxyError in a chain of causes. openid-client wraps the errors of its fetch. */
export function proxyErrorIn(reason: unknown): ProxyError | undefined {
  for (let current = reason; current instanceof Error; current = current.cause) {
    if (current instanceof ProxyError) {
      return current;
    }
  }
  return undefined;
}
