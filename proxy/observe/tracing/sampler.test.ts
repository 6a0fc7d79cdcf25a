import { ROOT_CONTEXT, SpanKind, trace, TraceFlags } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import { createSampler } from './sampler';
import { readTracingSettings } from './tracing-settings';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

function settingsOf(type: string | undefined, param: string | undefined) {
  const warnings: string[] = [];
  const env = {
    GF_INSTANCE_OTLP_ADDRESS: 'collector:4317',
    GF_INSTANCE_OTLP_SAMPLER_TYPE: type,
    GF_INSTANCE_OTLP_SAMPLER_PARAM: param,
  };
  const settings = readTracingSettings(env, { warn: (message) => void warnings.push(message) });
  return { ...settings, warnings };
}

it.each([
  // Grafana prints six decimals.
  [undefined, undefined, { kind: 'always' }, 0],
  ['', '1.000000', { kind: 'always' }, 0],
  ['', '0.000000', { kind: 'never' }, 0],
  ['const', '1.000000', { kind: 'always' }, 0],
  ['const', '0.500000', { kind: 'never' }, 1],
  ['const', 'many', { kind: 'always' }, 1],
  ['probabilistic', '0.250000', { kind: 'share', share: 0.25 }, 0],
  ['probabilistic', '7', { kind: 'share', share: 1 }, 0],
  ['rateLimiting', '2.000000', { kind: 'rate', perSecond: 2 }, 0],
  ['rateLimiting', '-1', { kind: 'rate', perSecond: 0 }, 0],
  ['remote', '0.100000', { kind: 'share', share: 0.1 }, 1],
  ['unknown', '0.100000', { kind: 'share', share: 0.1 }, 1],
])('reads the settings: sampler %s with parameter %s', (type, param, sampler, warnings) => {
  const settings = settingsOf(type, param);
  expect(settings.sampler).toEqual(sampler);
  expect(settings.warnings).toHaveLength(warnings);
});

it('reads the address with and without a scheme, and the version', () => {
  const read = (address: string) =>
    readTracingSettings({ GF_INSTANCE_OTLP_ADDRESS: address, GF_PLUGIN_VERSION: '1.2.3' }, { warn: () => undefined });
  expect(read('localhost:4317')).toMatchObject({ url: 'http://localhost:4317', pluginVersion: '1.2.3' });
  expect(read(' http://[::1]:4317')).toMatchObject({ url: 'http://[::1]:4317' });
});

it.each([
  ['20', 20, 0],
  [undefined, undefined, 0],
  ['5s', undefined, 1],
  ['-1', undefined, 1],
])('reads the delay %s as %s, with %s warnings', (delay, expected, count) => {
  const warnings: string[] = [];
  const logger = { warn: (message: string) => void warnings.push(message) };
  expect(readTracingSettings({ OTEL_BSP_SCHEDULE_DELAY: delay }, logger).scheduledDelayMillis).toBe(expected);
  expect(warnings).toHaveLength(count);
});

function sampled(sampler: ReturnType<typeof createSampler>, flags?: TraceFlags): boolean {
  const context =
    flags === undefined
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE_ID, spanId: '00f067aa0ba902b7', traceFlags: flags });
  const { decision } = sampler.shouldSample(context, TRACE_ID, 'query', SpanKind.CLIENT, {}, []);
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}

it('follows the decision of Grafana', () => {
  const never = createSampler({ kind: 'never' }, () => 0);
  expect([sampled(never, TraceFlags.SAMPLED), sampled(never)]).toEqual([true, false]);
  const always = createSampler({ kind: 'always' }, () => 0);
  expect([sampled(always, TraceFlags.NONE), sampled(always)]).toEqual([false, true]);
});

it('limits the rate of traces', () => {
  const clock = { ms: 5000 };
  const sampler = createSampler({ kind: 'rate', perSecond: 2 }, () => clock.ms);
  const next = () => sampled(sampler);
  expect([next(), next(), next()]).toEqual([true, true, false]);
  clock.ms += 500;
  expect([next(), next()]).toEqual([true, false]);
  clock.ms += 60_000;
  expect([next(), next(), next()]).toEqual([true, true, false]);
});

it('records a trace every few seconds with a rate below 1', () => {
  const clock = { ms: 0 };
  const sampler = createSampler({ kind: 'rate', perSecond: 0.5 }, () => clock.ms);
  expect([sampled(sampler), sampled(sampler)]).toEqual([true, false]);
  clock.ms += 1000;
  expect(sampled(sampler)).toBe(false);
  clock.ms += 1000;
  expect(sampled(sampler)).toBe(true);
  expect(sampled(createSampler({ kind: 'rate', perSecond: 0 }, () => clock.ms))).toBe(false);
});
