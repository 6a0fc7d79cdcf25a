/** A dashboard of the page, and the parts that all dashboards have. */
import { CoreApp, type DataQueryRequest } from '@grafana/data';
import {
  type DataRequestEnricher,
  EmbeddedScene,
  type EmbeddedSceneState,
  SceneControlsSpacer,
  SceneDataLayerControls,
  type SceneObject,
  SceneRefreshPicker,
  SceneTimePicker,
  VariableValueSelectors,
  VizPanel,
} from '@grafana/scenes';

interface DashboardIdentity {
  uid: string;
  title: string;
  /** Id of a panel by its key. */
  panelId: (key: string) => number;
}

/** Maximum number of points of a time series in a panel. */
export const MAX_DATA_POINTS = 500;

/** Adds to each request what Grafana's dashboards add, so that the audit log names dashboard and panel. */
export class PlaygroundDashboard extends EmbeddedScene implements DataRequestEnricher {
  readonly #identity: DashboardIdentity;

  constructor(identity: DashboardIdentity, state: EmbeddedSceneState) {
    super({ ...state, controls: controls(state.$data !== undefined) });
    this.#identity = identity;
  }

  enrichDataRequest(source: SceneObject): Partial<DataQueryRequest> {
    const panel = source.parent instanceof VizPanel ? source.parent : undefined;
    const { uid, title, panelId } = this.#identity;
    return {
      app: CoreApp.Dashboard,
      dashboardUID: uid,
      dashboardTitle: title,
      ...(panel && { panelId: panelId(panel.state.key ?? ''), panelName: panel.state.title }),
    };
  }
}

function controls(hasAnnotations: boolean): SceneObject[] {
  return [
    new VariableValueSelectors({}),
    ...(hasAnnotations ? [new SceneDataLayerControls()] : []),
    new SceneControlsSpacer(),
    new SceneTimePicker({ isOnCanvas: true }),
    new SceneRefreshPicker({ isOnCanvas: true, intervals: ['10s', '1m', '5m'] }),
  ];
}
