/**
 * Runs the check behind Save & Test and keeps its answer. Grafana shows the details of a test only when it fails, so the
 * page asks for them itself: when the settings were saved, and when a button is pressed.
 */
import { getBackendSrv } from '@grafana/runtime';
import { useCallback, useEffect, useRef, useState } from 'react';
import { lastValueFrom } from 'rxjs';
import { type HealthPayload } from '../../../contract/resources';
import { type SettingsProps } from '../../types';
import { failureText, property } from '../../failure-text';

export type CheckState =
  | { status: 'idle' }
  | { status: 'running' }
  | { status: 'done'; payload: HealthPayload }
  /** The check itself could not be run: the plugin does not answer, or the person may not ask. */
  | { status: 'unanswered'; message: string };

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

/** A failed request: its body may be the answer of the check all the same, or say what went wrong. */
function failedState(reason: unknown): CheckState {
  const data = property(reason, 'data');
  return isPayload(data) ? { status: 'done', payload: data } : { status: 'unanswered', message: failureText(reason) };
}

async function check(uid: string): Promise<CheckState> {
  try {
    const { data } = await lastValueFrom(
      getBackendSrv().fetch<unknown>({
        url: `/api/datasources/uid/${encodeURIComponent(uid)}/resources/health`,
        method: 'GET',
        showErrorAlert: false,
        showSuccessAlert: false,
      })
    );
    return isPayload(data)
      ? { status: 'done', payload: data }
      : { status: 'unanswered', message: 'The answer of the check could not be read.' };
  } catch (reason) {
    return failedState(reason);
  }
}

export interface ConnectionCheck {
  state: CheckState;
  run: () => void;
}

export function useConnectionCheck({ uid, version }: SettingsProps['options']): ConnectionCheck {
  const [state, setState] = useState<CheckState>({ status: 'idle' });
  const runs = useRef(0);
  const run = useCallback(() => {
    const current = ++runs.current;
    setState({ status: 'running' });
    void check(uid).then((answered) => {
      // The answer to older settings must not overwrite that to newer ones.
      if (current === runs.current) {
        setState(answered);
      }
    });
  }, [uid]);
  const seen = useRef(version);
  useEffect(() => {
    // Grafana counts the version up with each save.
    if (seen.current !== version) {
      seen.current = version;
      run();
    }
  }, [version, run]);
  useEffect(
    () => () => {
      runs.current++;
    },
    []
  );
  return { state, run };
}

/** The same values under the same names, whatever their order. */
function isSame(one: object, other: object): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every(
    (name) => JSON.stringify(Reflect.get(one, name)) === JSON.stringify(Reflect.get(other, name))
  );
}

/** True while the page shows something else than what was saved, which is what the check is about. */
export function useUnsavedChanges({ jsonData, secureJsonData, version }: SettingsProps['options']): boolean {
  const [saved, setSaved] = useState({ jsonData, version });
  if (saved.version !== version) {
    setSaved({ jsonData, version });
  }
  return !isSame(saved.jsonData, jsonData) || Object.keys(secureJsonData ?? {}).length > 0;
}
