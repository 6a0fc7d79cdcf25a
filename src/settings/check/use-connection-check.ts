/**
 * The check of Save & test with its result, and the comparison of the form with the saved settings.
 *
 * Grafana shows the details of a test only when the test fails. So the page shows the result of each test of Grafana
 * (for example after Save). It runs a check itself only when the user presses its button.
 */
import { StringSet } from '../../../contract/string-map';
import { t } from '@grafana/i18n';
import { getBackendSrv } from '@grafana/runtime';
import { useCallback, useEffect, useRef, useState } from 'react';
import { lastValueFrom } from 'rxjs';
import { type HealthPayload } from '../../../contract/resources/health';
import { type SettingsProps } from '../../shared/types';
import { onTest } from '../data-source-tests';
import { failureMessage, property } from '../../shared/failure-message';
import { savedSourceRequest } from '../saved-source-request';
import { backendDown } from './backend-down';

export type CheckState =
  | { status: 'idle' }
  | { status: 'running' }
  | { status: 'done'; payload: HealthPayload }
  /** The check could not be run: the plugin does not respond, or the user may not call it. `advice` is what to do. */
  | { status: 'not-run'; message: string; advice?: string };

function isPayload(value: unknown): value is HealthPayload {
  return (
    value !== null &&
    typeof value === 'object' &&
    'details' in value &&
    value.details !== null &&
    typeof value.details === 'object' &&
    'stages' in value.details &&
    Array.isArray(value.details.stages)
  );
}

/** @param result The body of a response, or a rejection with the body of an error response in `data`. */
async function stateOf(result: Promise<unknown>): Promise<CheckState> {
  const data = await result.catch((reason: unknown) => property(reason, 'data') ?? { message: failureMessage(reason) });
  if (isPayload(data)) {
    return { status: 'done', payload: data };
  }
  const down = backendDown(data);
  if (down !== undefined) {
    return { status: 'not-run', message: down.message, advice: down.details.message };
  }
  const message = property(data, 'message');
  return {
    status: 'not-run',
    message:
      typeof message === 'string' && message !== ''
        ? message
        : t('config.check.malformed', 'The response to the check could not be read.'),
  };
}

/** Runs the check, and returns the body of the response. Rejects after an error response. */
async function checkSaved(uid: string): Promise<unknown> {
  return (await lastValueFrom(getBackendSrv().fetch<unknown>(savedSourceRequest(uid, 'health')))).data;
}

interface ConnectionCheckState {
  state: CheckState;
  run: () => void;
}

/** The state of the check, and a function that runs it. A newer run replaces a run in flight. */
export function useConnectionCheck({ uid }: SettingsProps['options']): ConnectionCheckState {
  const [state, setState] = useState<CheckState>({ status: 'idle' });
  const runs = useRef(0);
  const show = useCallback((result: Promise<unknown>) => {
    const current = ++runs.current;
    setState({ status: 'running' });
    void stateOf(result).then((checked) => {
      // The result for older settings must not replace the one for newer settings.
      if (current === runs.current) {
        setState(checked);
      }
    });
  }, []);
  const run = useCallback(() => show(checkSaved(uid)), [show, uid]);
  useEffect(() => onTest(uid, show), [uid, show]);
  useEffect(
    () => () => {
      runs.current++;
    },
    []
  );
  return { state, run };
}

/** True for equal values under equal names, in any order. */
function isSame(one: object, other: object): boolean {
  const names = new StringSet([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every(
    (name) => JSON.stringify(Reflect.get(one, name)) === JSON.stringify(Reflect.get(other, name))
  );
}

/** The last saved settings, even if the form has unsaved changes. */
export function useSavedSettings({
  jsonData,
  version,
}: SettingsProps['options']): SettingsProps['options']['jsonData'] {
  const [saved, setSaved] = useState({ jsonData, version });
  if (saved.version !== version) {
    setSaved({ jsonData, version });
  }
  return saved.jsonData;
}

/** True while the settings on the page differ from the saved settings. */
export function useUnsavedChanges(options: SettingsProps['options']): boolean {
  const { jsonData, secureJsonData } = options;
  return !isSame(useSavedSettings(options), jsonData) || Object.keys(secureJsonData ?? {}).length > 0;
}
