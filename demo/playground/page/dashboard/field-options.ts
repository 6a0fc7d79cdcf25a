/**
 * Registers the display options of fields, such as `unit`, for the panels of the page. In Grafana, the application
 * registers these options.
 */
import {
  dataLinksOverrideProcessor,
  displayNameOverrideProcessor,
  type FieldConfigPropertyItem,
  identityOverrideProcessor,
  numberOverrideProcessor,
  type PanelPlugin,
  standardFieldConfigEditorRegistry,
  stringOverrideProcessor,
  thresholdsOverrideProcessor,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
} from '@grafana/data';

/** The page has no editor for panels. */
const NO_EDITOR = () => null;

type Process = FieldConfigPropertyItem['process'];

function option(path: string, process: Process): FieldConfigPropertyItem {
  return { id: path, path, name: path, editor: NO_EDITOR, override: NO_EDITOR, process, shouldApply: () => true };
}

const STANDARD: ReadonlyArray<[path: string, process: Process]> = [
  ['unit', unitOverrideProcessor],
  ['min', numberOverrideProcessor],
  ['max', numberOverrideProcessor],
  ['decimals', numberOverrideProcessor],
  ['displayName', displayNameOverrideProcessor],
  ['noValue', stringOverrideProcessor],
  ['color', identityOverrideProcessor],
  ['thresholds', thresholdsOverrideProcessor],
  ['mappings', valueMappingsOverrideProcessor],
  ['links', dataLinksOverrideProcessor],
];

/** Options of the panels for tables and time series. */
const CUSTOM = [
  'hidden',
  'width',
  'cellOptions',
  'inspect',
  'drawStyle',
  'lineWidth',
  'fillOpacity',
  'showPoints',
  'stacking',
] as const;

/** Call this only once per page, before `withFieldOptions`. */
export function registerFieldOptions(): void {
  standardFieldConfigEditorRegistry.setInit(() => STANDARD.map(([path, process]) => option(path, process)));
}

/** Lets the panel apply the options of its fields. */
export function withFieldOptions<T>(plugin: PanelPlugin<T>): PanelPlugin<T> {
  return plugin.useFieldConfig({
    useCustomConfig: (builder) => {
      for (const path of CUSTOM) {
        builder.addCustomEditor({ ...option(path, identityOverrideProcessor), id: path });
      }
    },
  });
}
