import { type DataFrame, dataFrameToJSON } from '@grafana/data';
import { Alert, LoadingPlaceholder, PanelChrome, useTheme2 } from '@grafana/ui';
import React, { useEffect, useRef, useState } from 'react';
import { type FlameGraphApi, type MountedFlameGraph } from '../../../flame-graph/flame-graph-api';
import { loadFlameGraph } from './load-flame-graph';

type Loaded = { api: FlameGraphApi } | { error: string };

/** A flame graph in Grafana's own component. */
export function FlameGraphView({ frame }: { frame: DataFrame }) {
  return (
    <div data-testid="flame graph">
      <PanelChrome title="Flame graph">
        <FlameGraphContent frame={frame} />
      </PanelChrome>
    </div>
  );
}

/** The flame graph without the panel around it. */
export function FlameGraphContent({ frame }: { frame: DataFrame }) {
  const [loaded, setLoaded] = useState<Loaded>();
  useEffect(() => {
    let isCurrent = true;
    loadFlameGraph().then(
      (api) => isCurrent && setLoaded({ api }),
      (reason: Error) => isCurrent && setLoaded({ error: reason.message })
    );
    return () => {
      isCurrent = false;
    };
  }, []);
  return loaded === undefined ? <LoadingPlaceholder text="Loading..." /> : <Content loaded={loaded} frame={frame} />;
}

function Content({ loaded, frame }: { loaded: Loaded; frame: DataFrame }) {
  return 'api' in loaded ? (
    <Mounted api={loaded.api} frame={frame} />
  ) : (
    <Alert severity="error" title="The flame graph cannot be shown">
      {loaded.error}
    </Alert>
  );
}

function Mounted({ api, frame }: { api: FlameGraphApi; frame: DataFrame }) {
  const { isLight } = useTheme2();
  const element = useRef<HTMLFormElement>(null);
  const mounted = useRef<MountedFlameGraph>();
  useEffect(() => {
    const input = { frame: dataFrameToJSON(frame), theme: isLight ? ('light' as const) : ('dark' as const) };
    if (mounted.current) {
      mounted.current.update(input);
    } else if (element.current) {
      mounted.current = api.mount(element.current, input);
    }
  }, [api, frame, isLight]);
  useEffect(
    () => () => {
      const last = mounted.current;
      mounted.current = undefined;
      // React does not allow a root to be unmounted while another one renders.
      queueMicrotask(() => last?.unmount());
    },
    []
  );
  // The form separates the radio buttons of the flame graph from those of the page. Both may have the same names,
  // because page and flame graph have separate copies of Grafana's packages, and each copy numbers the radio buttons
  // from one.
  return <form ref={element} onSubmit={(event) => event.preventDefault()} />;
}
