-- # Measures with their units
SELECT name, unit, count(*) AS samples FROM measures GROUP BY name, unit ORDER BY name, unit
-- # The average over time
SELECT date_bin(interval '1 minute', time) AS time, avg(value) AS value FROM measures WHERE name = 'frame_time' GROUP BY 1 ORDER BY 1
-- # Several aggregates
SELECT name, min(value) AS low, max(value) AS high, avg(value) AS middle, sum(value) AS total FROM measures GROUP BY name ORDER BY name
-- # Percentiles
SELECT name, percentile_cont(value, 0.95) AS p95, approx_percentile_cont(value, 0.95) AS estimate FROM measures GROUP BY name ORDER BY name
-- # Distinct processes per measure
SELECT name, count(DISTINCT process_id) AS processes FROM measures GROUP BY name ORDER BY name
-- # An approximate distinct count
SELECT name, approx_distinct(arrow_cast(process_id, 'Utf8')) AS processes FROM measures GROUP BY name ORDER BY name
-- # Conditional counts
SELECT name, count(*) FILTER (WHERE value > 100) AS large, count(*) AS all_of_them FROM measures GROUP BY name ORDER BY name
-- # Conditional sums
SELECT name, sum(CASE WHEN value > 100 THEN 1 ELSE 0 END) AS large FROM measures GROUP BY name ORDER BY name
-- # A ratio
SELECT name, count(*) FILTER (WHERE value > 100) * 100.0 / count(*) AS percent FROM measures GROUP BY name ORDER BY name
-- # The measures of one process, through its view
SELECT time, name, value FROM view_instance('measures', '$metric_process') ORDER BY time, name, value LIMIT 20
-- # Grouped by a property
SELECT property_get(properties, 'region') AS region, avg(value) AS value FROM measures GROUP BY 1 ORDER BY 1
-- # Difference to the previous sample
SELECT time, name, value - lag(value) OVER (PARTITION BY process_id, name ORDER BY time) AS change FROM measures ORDER BY time, name, process_id LIMIT 50
-- # A moving average
SELECT time, avg(value) OVER (PARTITION BY process_id, name ORDER BY time ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) AS smooth
FROM measures ORDER BY time, name, process_id LIMIT 50
-- # The largest sample of each measure
SELECT name, value FROM (SELECT name, value, row_number() OVER (PARTITION BY name ORDER BY value DESC) AS position FROM measures) ranked WHERE position = 1 ORDER BY name
-- # A named window
SELECT name, rank() OVER w AS position FROM (SELECT name, sum(value) AS total FROM measures GROUP BY name) t WINDOW w AS (ORDER BY total DESC) ORDER BY name
-- # Samples above the average of their measure
SELECT count(*) AS n FROM measures m WHERE value > (SELECT avg(value) FROM measures i WHERE i.name = m.name)
-- # Samples without a unit, or with one of two units
SELECT name FROM measures WHERE (unit = '' OR unit IN ('ms', 'bytes')) AND NOT (value < 0) GROUP BY name ORDER BY name
-- # Casts and rounding
SELECT name, CAST(avg(value) AS BIGINT) AS whole, round(max(value)) AS top FROM measures GROUP BY name ORDER BY name
-- # A histogram
SELECT name, quantile_from_histogram(make_histogram(0.0, 1000.0, 100, value), 0.5) AS median FROM measures GROUP BY name ORDER BY name
-- # The bins of a histogram
SELECT * FROM expand_histogram((SELECT make_histogram(0.0, 1000.0, 10, value) FROM measures))
-- # A sketch of distinct values
SELECT name, hll_cardinality(make_hll(process_id)) AS processes FROM measures GROUP BY name ORDER BY name
