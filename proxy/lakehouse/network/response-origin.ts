/**
 * Evidence about the sender of an HTTP response. A proxy, gateway or firewall may respond in place of the server or of
 * the identity provider. Its response has another format, and its headers often name it.
 */

/** Headers of `fetch` or of an HTTP/2 stream. */
interface ResponseHeaders {
  get(name: string): string | null | undefined;
}

/** Content types that messages may contain. Other values could be any string. */
const KNOWN_TYPE = /^(?:text|application)\/(?:html|plain|xml|json|problem\+json|xhtml\+xml|octet-stream|grpc)\b/i;

/** Headers that name the program that sent or forwarded a response: RFC 9110, sections 7.6.3 and 10.2.4; RFC 9209. */
const NAMING_HEADERS = ['Server', 'Via', 'Proxy-Status', 'Proxy-Authenticate'] as const;

/** Maximum length of the value of a header, in characters. */
const MAX_CHARACTERS = 80;

/** The known content type of a response, in lower case. Undefined for another one. */
export function contentTypeOf(headers: ResponseHeaders): string | undefined {
  return KNOWN_TYPE.exec(headers.get('content-type')?.trim() ?? '')?.[0].toLowerCase();
}

/**
 * The headers that name the sender, for example `Server: nginx`. Values are truncated, and contain printable ASCII
 * only.
 */
export function senderOf(headers: ResponseHeaders): string[] {
  return NAMING_HEADERS.flatMap((name) => {
    const value = (headers.get(name.toLowerCase()) ?? '')
      .slice(0, MAX_CHARACTERS)
      .replace(/[^\x20-\x7e]/g, '')
      .trim();
    return value === '' ? [] : [`${name}: ${value}`];
  });
}

/** Status, content type and sender, for example `HTTP 403`, `text/html`, `Server: nginx`. */
export function responseEvidence(status: number, headers: ResponseHeaders): string[] {
  const type = contentTypeOf(headers);
  return [`HTTP ${status}`, ...(type === undefined ? [] : [type]), ...senderOf(headers)];
}
