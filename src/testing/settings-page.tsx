/** A settings page for tests. It keeps and saves the options as Grafana does. */
import { getBackendSrv } from '@grafana/runtime';
import { act, render } from '@testing-library/react';
import React, { useState } from 'react';
import { lastValueFrom } from 'rxjs';
import { ConfigEditor } from '../settings/ConfigEditor';
import { announceTest } from '../settings/data-source-tests';
import { property } from '../shared/failure-message';
import { type SettingsProps } from '../shared/types';

type Options = SettingsProps['options'];

const SAVED: Options = {
  id: 1,
  uid: 'mm',
  orgId: 1,
  name: 'Micromegas',
  typeLogoUrl: '',
  type: 'micromegas-micromegas-datasource',
  typeName: 'Micromegas',
  access: 'proxy',
  url: '',
  user: '',
  database: '',
  basicAuth: false,
  basicAuthUser: '',
  isDefault: false,
  jsonData: {},
  secureJsonFields: {},
  readOnly: false,
  withCredentials: false,
  version: 1,
};

export interface OpenPage {
  /** The current options. */
  (): Options;
  /** Saves and tests as Grafana does: typed secrets become stored secrets, and the version increases. */
  save: () => void;
  /** Presses Test, which a read-only page has in place of Save & test. */
  test: () => void;
  container: HTMLElement;
}

/** Renders the settings page with saved options. */
export function openSettings(saved: Partial<Options>): OpenPage {
  let current: Options = { ...SAVED, ...saved };
  let show: (options: Options) => void = () => undefined;
  function Page() {
    const [options, setOptions] = useState(current);
    show = (changed) => {
      current = changed;
      setOptions(changed);
    };
    return <ConfigEditor options={options} onOptionsChange={show} />;
  }
  const { container } = render(<Page />);
  const test = () => {
    const url = `/api/datasources/uid/${current.uid}/health`;
    const body = lastValueFrom(getBackendSrv().fetch<unknown>({ url })).then(
      ({ data }) => data,
      (reason: unknown) => property(reason, 'data')
    );
    act(() => announceTest(current.uid, body));
  };
  const save = () => {
    const { secureJsonData = {}, ...rest } = current;
    const typed = Object.entries(secureJsonData).map(([name, value]) => [name, value !== '']);
    const secureJsonFields = { ...current.secureJsonFields, ...Object.fromEntries(typed) };
    act(() => show({ ...rest, secureJsonFields, version: (current.version ?? 0) + 1 }));
    test();
  };
  return Object.assign(() => current, { save, test, container });
}
