/** Attributes, events and links as Grafana's trace view shows them. */
import { eventsJson, referencesOf, serviceTags, spanTags } from './span-tags';

it('keeps the types of attributes, and all digits of long integers', () => {
  const json =
    '{"a":"x","b":true,"c":1.5,"d":7,"e":9223372036854775807,"f":null,"g":["x",9223372036854775807],"h":{"i":1},"j":"1234567890123456789"}';
  expect(spanTags(json).tags).toEqual([
    { key: 'a', value: 'x', type: 'string' },
    { key: 'b', value: true, type: 'bool' },
    { key: 'c', value: 1.5, type: 'float64' },
    { key: 'd', value: 7, type: 'int64' },
    { key: 'e', value: '9223372036854775807', type: 'int64' },
    { key: 'f', value: null },
    { key: 'g', value: '["x","9223372036854775807"]' },
    { key: 'h', value: '{"i":1}' },
    { key: 'j', value: '1234567890123456789', type: 'string' },
  ]);
});

it('separates the instrumentation library from the attributes', () => {
  expect(spanTags('{"otel.scope.name":"http","otel.scope.version":"1.2","x":1}')).toEqual({
    tags: [{ key: 'x', value: 1, type: 'int64' }],
    scopeName: 'http',
    scopeVersion: '1.2',
  });
});

it('removes the prefix otel.resource. from the names of attributes', () => {
  const tags = serviceTags('{"otel.resource.service.name":"cart","version":"3"}', { process_id: 'p', username: '' });
  expect(tags.map(({ key, value }) => [key, value])).toEqual([
    ['process_id', 'p'],
    ['service.name', 'cart'],
    ['version', '3'],
  ]);
});

it('keeps microseconds in the time of an event', () => {
  const json = '[{"attributes":{"n":1},"name":"retry","time":1795795129605123456},{"name":null,"time":null}]';
  expect(JSON.parse(eventsJson(json)!)).toEqual([
    { timestamp: 1795795129605.123, name: 'retry', fields: [{ key: 'n', value: 1, type: 'int64' }] },
    { timestamp: 0, name: '', fields: [] },
  ]);
  expect(eventsJson('[]')).toBeUndefined();
});

it('reads links', () => {
  const json =
    '[{"attributes":{"why":"retry"},"span_id":"0A","trace_id":"FF"},{"attributes":{},"span_id":"b","trace_id":"c"}]';
  expect(referencesOf(json)).toEqual([
    { traceID: 'ff', spanID: '0a', tags: [{ key: 'why', value: 'retry', type: 'string' }] },
    { traceID: 'c', spanID: 'b' },
  ]);
});

it.each(['null', '', '{', '"x"', '7', '[1,null,"x"]', '{"__proto__":{"a":1}}'])('does not throw for %s', (json) => {
  expect(() => [spanTags(json), eventsJson(json), referencesOf(json), serviceTags(json, {})]).not.toThrow();
});
