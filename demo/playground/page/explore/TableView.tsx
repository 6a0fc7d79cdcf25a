import { type DataFrame, type TimeRange } from '@grafana/data';
import { PanelChrome, Table } from '@grafana/ui';
import React, { useMemo } from 'react';
import { useFiltering } from './filtering';
import { useElementWidth } from './use-element-width';
import { useViewsData } from './use-views-data';

/** Operator of a cell's button "Filter out value". */
const FILTER_OUT_OPERATOR = '!=';
const MAX_HEIGHT = 480;
const ROW_HEIGHT = 36;
const CHROME_HEIGHT = 90;

/**
 * Removes the options for the display of cells, because Explore's own table ignores them. A frame that requests the
 * panel `table` keeps its options.
 */
function withoutCellOptions(frame: DataFrame): DataFrame {
  if (frame.meta?.preferredVisualisationPluginId === 'table') {
    return frame;
  }
  return {
    ...frame,
    fields: frame.fields.map((field) => ({ ...field, config: { ...field.config, custom: undefined } })),
  };
}

interface Props {
  frame: DataFrame;
  range: TimeRange;
  title: string;
}

/** A frame as a table. */
export function TableView({ frame, range, title }: Props) {
  const [data] = useViewsData(
    useMemo(() => [withoutCellOptions(frame)], [frame]),
    range
  );
  const [ref, width] = useElementWidth();
  const { filterValue } = useFiltering();
  const height = Math.min(MAX_HEIGHT, CHROME_HEIGHT + frame.length * ROW_HEIGHT);
  return (
    <div ref={ref}>
      <PanelChrome title={title} width={width} height={height}>
        {(innerWidth, innerHeight) => (
          <Table
            ariaLabel={title}
            data={data}
            width={innerWidth}
            height={innerHeight}
            columnMinWidth={160}
            onCellFilterAdded={
              filterValue
                ? ({ key, value, operator }) => filterValue(key, value, operator === FILTER_OUT_OPERATOR, frame)
                : undefined
            }
          />
        )}
      </PanelChrome>
    </div>
  );
}
