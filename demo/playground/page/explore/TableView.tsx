import { type DataFrame } from '@grafana/data';
import { PanelChrome, Table } from '@grafana/ui';
import React from 'react';
import { useFiltering } from './filtering';
import { useElementWidth } from './use-element-width';
import { useViewsData } from './use-views-data';

/** Operator of a cell's button "Filter out value". */
const FILTER_OUT_OPERATOR = '!=';
const MAX_HEIGHT = 480;
const ROW_HEIGHT = 36;
const CHROME_HEIGHT = 90;

/** A frame as a table. */
export function TableView({ frame, title }: { frame: DataFrame; title: string }) {
  const [data] = useViewsData(React.useMemo(() => [frame], [frame]));
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
