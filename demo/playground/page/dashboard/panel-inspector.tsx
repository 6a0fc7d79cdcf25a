/** The inspector of a panel, with the tab of Grafana's inspector that the plugin fills. */
import { type DataSourceApi, type MetadataInspectorProps } from '@grafana/data';
import {
  type SceneComponentProps,
  sceneGraph,
  SceneObjectBase,
  type SceneObjectState,
  SceneQueryRunner,
  type VizPanel,
  VizPanelMenu,
} from '@grafana/scenes';
import { Drawer } from '@grafana/ui';
import React, { type ComponentType } from 'react';
import { useDataSource } from '../runtime/use-runtime';

interface PanelInspectorState extends SceneObjectState {
  /** The panel that is inspected. Undefined: the inspector is closed. */
  panel?: VizPanel | undefined;
}

export class PanelInspector extends SceneObjectBase<PanelInspectorState> {
  static Component = PanelInspectorDrawer;

  /** Adds a menu that opens the inspector of a panel. */
  addTo(panel: VizPanel): void {
    const onClick = () => this.setState({ panel });
    panel.setState({ menu: new VizPanelMenu({ items: [{ text: 'Inspect', iconClassName: 'info-circle', onClick }] }) });
  }
}

function PanelInspectorDrawer({ model }: SceneComponentProps<PanelInspector>) {
  const { panel } = model.useState();
  return panel === undefined ? null : (
    <Drawer
      title={`Inspect: ${panel.state.title}`}
      subtitle="Meta data"
      size="md"
      onClose={() => model.setState({ panel: undefined })}
    >
      <MetaData panel={panel} />
    </Drawer>
  );
}

/** The tab of the panel's data source. Like in Grafana, the tab has content only if a frame has custom metadata. */
function MetaData({ panel }: { panel: VizPanel }) {
  const data = sceneGraph.getData(panel);
  const { data: result } = data.useState();
  const runner = data instanceof SceneQueryRunner ? data : undefined;
  const source = useDataSource(runner?.state.datasource?.uid ?? '');
  const Inspector: ComponentType<MetadataInspectorProps<DataSourceApi>> | undefined =
    source?.components?.MetadataInspector;
  const isInspected = result?.series.some(({ meta }) => meta?.custom !== undefined);
  return source && Inspector && isInspected ? (
    <Inspector datasource={source} data={result?.series ?? []} />
  ) : (
    <p>This panel has no metadata.</p>
  );
}
