/** Converts the outcome of a plugin's `testDatasource` to the result of Save & test, like Grafana. */
import { type DataSourceApi } from '@grafana/data';

export interface TestResult {
  status: 'success' | 'error';
  message: string;
  details?: { message?: string; verboseMessage?: string };
}

function detailsOf(value: unknown): TestResult['details'] {
  return value !== null && typeof value === 'object' ? value : undefined;
}

function failure(reason: unknown): TestResult {
  const rejected = (reason ?? {}) as {
    message?: string;
    error?: { message?: string; details?: unknown };
    details?: unknown;
  };
  return {
    status: 'error',
    message: rejected.message ?? rejected.error?.message ?? 'The test failed without a message.',
    details: detailsOf(rejected.details ?? rejected.error?.details),
  };
}

/** Runs `testDatasource` of the plugin. Never rejects. */
export async function testDataSource(source: DataSourceApi): Promise<TestResult> {
  try {
    const result = (await source.testDatasource()) as Partial<TestResult>;
    return { status: result.status ?? 'success', message: result.message ?? '', details: detailsOf(result.details) };
  } catch (reason) {
    return failure(reason);
  }
}
