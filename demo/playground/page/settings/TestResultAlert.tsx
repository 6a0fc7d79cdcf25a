import { Alert } from '@grafana/ui';
import React from 'react';
import { PageLink } from '../layout/PageLink';
import { type PageLocation } from '../location';
import { type TestResult } from './test-result';

interface Props {
  result: TestResult;
  location: PageLocation;
}

/** The green or red result of Save & test, like Grafana's. */
export function TestResultAlert({ result, location }: Props) {
  const { status, message, details } = result;
  return (
    <Alert severity={status} title={message} data-testid="data-testid Alert test result" elevated>
      {status === 'success' ? (
        <>
          Next, you can start to visualize data by querying it in the{' '}
          <PageLink to={{ ...location, screen: 'explore' }}>Explore view</PageLink>.
        </>
      ) : (
        details?.message
      )}
      {status === 'error' && details?.verboseMessage ? (
        <details style={{ whiteSpace: 'pre-wrap' }}>{String(details.verboseMessage)}</details>
      ) : null}
    </Alert>
  );
}
